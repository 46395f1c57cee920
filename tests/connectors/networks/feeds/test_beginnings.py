"""An entry whose start tag is damaged: it is told, and says nothing in the name of the feed."""

from __future__ import annotations

import pytest

from connectors.syndication.nesting import remains
from tests.connectors.networks.feeds.test_connector import poll, reply

RSS = "<rss version='2.0'><channel><title>Salt</title>{}</channel></rss>"
ATOM = "<feed xmlns='http://www.w3.org/2005/Atom'><title>Salt</title>{}</feed>"
RDF = (
    "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'>"
    "<channel><title>Salt</title></channel>{}</rdf:RDF>"
)
ITEM = "<item><title>T{0}</title><link>https://b.example/{0}</link><guid>{0}</guid>{1}</item>"
ENTRY = "<entry><id>urn:{0}</id><title>T{0}</title><link href='https://b.example/{0}'/>{1}</entry>"
SHAPES = {
    "rss": (RSS, ITEM, "<author>Eve</author>"),
    "rdf": (RDF, ITEM, "<creator xmlns='http://purl.org/dc/elements/1.1/'>Eve</creator>"),
    "atom": (ATOM, ENTRY, "<author><name>Eve</name></author>"),
}


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("start", ["<itm>", "tem>", "", "< item>", "<item", "<b><itm>"])
@pytest.mark.parametrize("shape", SHAPES)
async def test_entry_without_a_start_tag_says_nothing_for_the_feed(shape: str, start: str, place: int) -> None:
    document, entry, author = SHAPES[shape]
    broken = start + entry.format("x", author).partition(">")[2]
    entries = [entry.format(n, "") for n in (1, 2)]
    sound = await poll(reply(document.format("".join(entries))))
    page = await poll(reply(document.format("".join([*entries[:place], broken, *entries[place:]]))))
    assert (page.posts, len(page.broken)) == (sound.posts, 1)
    assert {post.author.name for post in page.posts} == {"Salt"}


@pytest.mark.parametrize("stray", ["<entr<item>>", "<item><entry>", "<entry><item>", "</item></entry>"])
@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("shape", SHAPES)
async def test_tag_of_the_other_kind_of_feed_takes_no_entry(shape: str, place: int, stray: str) -> None:
    document, entry, author = SHAPES[shape]
    entries = [entry.format(n, "") for n in (1, 2)]
    sound = await poll(reply(document.format("".join(entries))))
    broken = stray + entry.format("x", author).partition(">")[2]
    page = await poll(reply(document.format("".join([*entries[:place], broken, *entries[place:]]))))
    assert [post for post in page.posts if post.title != "Tx"] == list(sound.posts)


async def test_feed_whose_only_entry_has_no_start_tag_tells_it() -> None:
    page = await poll(reply(RSS.format(ITEM.format(1, "").replace("<item>", "<itm>"))))
    assert (page.posts, page.broken) == ((), ("Unreadable entry 1: its beginning is missing.",))


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("tags", [("<itm>", "</itme"), ("<itm><b>", "</itm>"), ("", ""), ("<{0}></{0}>", "")])
@pytest.mark.parametrize("shape", SHAPES)
async def test_remains_of_an_entry_say_nothing_for_the_feed(shape: str, tags: tuple[str, str], place: int) -> None:
    document, entry, author = SHAPES[shape]
    name = "entry" if shape == "atom" else "item"
    inner = entry.format("x", author).removeprefix(f"<{name}>").removesuffix(f"</{name}>")
    entries = [entry.format(n, "") for n in (1, 2)]
    sound = await poll(reply(document.format("".join(entries))))
    entries.insert(place, inner.join(tags).format(name))
    page = await poll(reply(document.format("".join(entries) + "<b>")))
    assert page.posts == sound.posts


@pytest.mark.parametrize("inner", ["<item rel='x'/>", "<related><item><title>in</title></item></related>"])
@pytest.mark.parametrize("shape", SHAPES)
async def test_entry_that_holds_another_says_nothing_for_the_feed(shape: str, inner: str) -> None:
    document, entry, author = SHAPES[shape]
    entries = [entry.format(1, ""), entry.format(2, inner + author), entry.format(3, "")]
    page = await poll(reply(document.format("".join(entries))))
    assert {post.title for post in page.posts} == {"T1", "T2", "T3"}
    assert {post.author.name for post in page.posts if post.title != "T2"} == {"Salt"}


@pytest.mark.parametrize("stray", ["<summary>zz</summary>", "<published>2026-01-01T00:00:00Z</published>", ""])
async def test_stray_element_costs_the_feed_nothing(stray: str) -> None:
    entry = "<entry><id>urn:1</id><title>T &</title></entry>"
    page = await poll(reply(ATOM.format(f"{stray}<link href='https://x.example/'/>{entry}")))
    assert [(post.author.name, post.author.url) for post in page.posts] == [("Salt", "https://x.example/")]


def test_remains_begin_at_the_first_element_that_the_feed_has_twice() -> None:
    head = b"<rss><channel><title>a</title><image><title>b</title></image><br><link>c</link>"
    assert remains(head + b"<title>d</title>", len(head) + 16) == len(head)
    assert remains(head + b"<guid>d</guid></item>", len(head) + 14) == len(head)
    assert remains(head + b"<guid>d</guid></item><x/>", len(head) + 25) == len(head)
    assert remains(head + b"<guid>d</guid><x/>", len(head) + 18) == len(head) + 18
    assert remains(head, len(head)) == len(head)


@pytest.mark.unmeasured
def test_remains_take_linear_time() -> None:
    head = b"<a>" * 300_000 + b"</b>" * 300_000
    assert remains(head, len(head)) == 0
