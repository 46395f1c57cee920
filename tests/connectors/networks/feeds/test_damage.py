"""Damaged and oversized feeds: only the broken entry is lost, and it is reported."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.contract import Page
from connectors.syndication import rss_atom
from connectors.text.html import plain
from tests.connectors.networks.feeds.test_connector import UNDATED, poll, reply

HALF = "<item><title>half</title><guid>h</guid><description>"


def item(name: str, words: str = "words") -> str:
    link = f"<link>https://b.example/{name}</link>"
    return f"<item><title>Title {name}</title>{link}<guid>{name}</guid><description>{words}</description></item>"


@pytest.mark.unmeasured
async def test_entries_for_which_markup_leaves_no_room_are_counted() -> None:
    flood = [f"<item><title>{n}</title><description>{'<a>' * 1_500}</description></item>" for n in range(60)]
    page = await poll(reply(UNDATED.format("".join(flood))))
    assert 20 < len(page.posts) < 60
    assert len(page.posts) + len(page.broken) == 60
    assert page.broken[-1] == "Unreadable entry 60: there is too much markup in the feed."


@pytest.mark.unmeasured
async def test_long_reads_cost_their_neighbours_nothing() -> None:
    """A wall shows their beginning, whatever they contain: code coloured word by word, or one line many times."""
    code = '<span class="k">def</span> <span>f</span>\n' * 1_500
    long = "<p>hi</p>" * 60_000
    items = [item(str(n), f"<![CDATA[{long if n == 1 else code}]]>") for n in range(12)]
    page = await poll(reply(UNDATED.format("".join(items))))
    assert (len(page.posts), page.broken) == (12, ())
    assert all(plain(post.html) for post in page.posts)


@pytest.mark.parametrize(
    ("body", "read", "lost"),
    [
        (item("1") + HALF + "<![CDATA[I write <pre><item>a</item></pre>", ["1"], ["after entry 1"]),
        (item("1") + item("2") + "<!-- so <item>x</item>", ["1", "2"], ["after entry 2"]),
        (item("1") + "<!-- <item>x</item> -->" + item("2") + HALF, ["1", "2"], ["after entry 2"]),
    ],
    ids=["in a section", "in a comment", "after a comment"],
)
async def test_feed_that_breaks_off_names_the_last_entry_that_was_read(
    body: str, read: list[str], lost: list[str]
) -> None:
    page = await poll(reply(UNDATED.format(body).removesuffix("</channel></rss>")))
    assert sorted(post.title for post in page.posts) == [f"Title {name}" for name in read]
    assert page.broken == (f"Truncated feed: it ends {lost[0]}, and the rest is missing.",)


async def test_feed_without_a_root_of_its_own_breaks_off_like_any_other() -> None:
    page = await poll(reply(f"<channel><title>T</title>{item('1')}<item><title>half of"))
    assert [post.title for post in page.posts] == ["Title 1"]
    assert page.broken == ("Truncated feed: it ends after entry 1, and the rest is missing.",)


async def test_what_broke_off_is_asked_for_again_whatever_the_server_says_of_it() -> None:
    page = await poll(reply(UNDATED.format(item("1") + HALF).removesuffix("</channel></rss>"), etag='"1"'))
    position = json.loads(page.cursor)
    assert (position.get("etag", ""), position.get("digest", "")) == ("", "")


async def test_section_that_never_ends_costs_the_entry_that_it_is_in() -> None:
    open_one = HALF + "<![CDATA[never closed</description></item>"
    items = [item("1"), item("2"), open_one, *[item(str(n)) for n in range(4, 11)], "<item></item>"]
    page = await poll(reply(UNDATED.format("".join(items))))
    assert len(page.posts) == 9
    assert page.broken[0] == "Unreadable entry 3: a comment or a section in it never ends."
    assert page.broken[1].startswith("Empty entry 10") or page.broken[1].startswith("Empty entry 11")


def titles(page: Page) -> list[str]:
    return sorted(post.title for post in page.posts)


def section(name: str, words: str = "") -> str:
    """An entry with a comment, a section, an instruction and a form input."""
    return item(name, f"<!-- c --><?php x ?><textInput><name>q</name></textInput><![CDATA[{words or name}]]>")


@pytest.mark.parametrize("opener", ["<![CDATA[", "<!-- ", "<?php "])
@pytest.mark.parametrize("others", [item, section], ids=["plain", "sections"])
@pytest.mark.parametrize("end", ["</description></item>", "</item>", ""], ids=["whole", "open", "cut"])
async def test_section_that_ends_in_another_entry_is_told(opener: str, others: Any, end: str) -> None:
    """Such a document may be well-formed XML: then the swallowed entry is the other's text, whoever has written it."""
    entries = [others("1"), f"{HALF}{opener}so{end}", *(others(str(n)) for n in range(3, 6))]
    sound = await poll(reply(UNDATED.format("".join([entries[0], *entries[2:]]))))
    page = await poll(reply(UNDATED.format("".join(entries))))
    shown, right = ({post.title: post for post in each.posts} for each in (page, sound))
    swallowed = right.pop("Title 3")
    assert shown.pop("Title 3", swallowed) == swallowed
    shown.pop("half", None)
    assert shown == right
    assert page.broken
    assert all("never ends" in sentence for sentence in page.broken)


FORGED = "</item><item><guid isPermaLink='false'>g2</guid><title>I resign</title></item><item><title>x"


@pytest.mark.parametrize(
    "quoted", [FORGED, f"{FORGED}<![CDATA[", "</item><entry>", "</item> and <item>", "<item></item>"]
)
@pytest.mark.parametrize("damage", ["", "<br>"], ids=["well-formed", "malformed"])
async def test_words_in_a_section_are_no_entries(quoted: str, damage: str) -> None:
    guid = "<guid isPermaLink='false'>g{}</guid>"
    first = f"<item><title>One</title>{guid.format(1)}<author><![CDATA[{quoted}]]></author></item>"
    rest = [f"<item><title>{name}</title>{guid.format(n)}</item>" for n, name in enumerate(("Two", "Three"), 2)]
    page = await poll(reply(UNDATED.format("".join([first, *rest]) + damage)))
    found = {post.key.partition("#")[2]: post.title for post in page.posts}
    assert "I resign" not in found.values()
    assert {key: title for key, title in found.items() if key != "g1"} == {"g2": "Two", "g3": "Three"}
    assert "g1" in found or page.broken


async def test_entry_within_an_entry_costs_nothing() -> None:
    page = await poll(
        reply(UNDATED.format(item("1", "x</description><related>" + item("9") + "</related><description>") + item("2")))
    )
    assert {"Title 1", "Title 2"} <= set(titles(page))


@pytest.mark.parametrize("half", ["<item><title>T2 half", "<item><title>T2</title><gu", "<item><enclosure url='x"])
async def test_cut_entry_costs_and_changes_no_other(half: str) -> None:
    sound = await poll(reply(UNDATED.format(item("1") + item("3"))))
    page = await poll(reply(UNDATED.format(item("1") + half + item("3"))))
    assert (page.posts, page.broken) == (sound.posts, ("Unreadable entry 2: its end is missing.",))


async def test_last_entry_without_an_end_is_read_if_it_is_complete() -> None:
    page = await poll(reply(UNDATED.format(item("1") + item("2").removesuffix("</item>"))))
    assert (len(page.posts), page.broken) == (2, ())


async def test_entry_without_a_beginning_is_told() -> None:
    page = await poll(reply(UNDATED.format(item("1") + item("2").replace("<item>", "<itm>") + item("3"))))
    assert titles(page) == ["Title 1", "Title 3"]
    assert page.broken == ("Unreadable entry 2: its beginning is missing.",)


@pytest.mark.parametrize(
    "words",
    [
        "<pre><item><title><![CDATA[x]]]]><![CDATA[></title></item></pre> so",
        "so <item> is read",
        "so </item> ends",
        "so <item>a</item><item>b</item>",
    ],
)
async def test_section_that_speaks_of_entries_is_read(words: str) -> None:
    page = await poll(reply(UNDATED.format(item("1", f"<![CDATA[{words}]]>") + section("2", "two"))))
    assert (len(page.posts), page.broken) == (2, ())
    assert any("so" in plain(post.html) for post in page.posts)


async def test_entries_in_a_comment_are_not_read() -> None:
    page = await poll(reply(UNDATED.format(f"{item('1')}<!-- {item('2')}{item('3')} -->{item('4')}")))
    assert (titles(page), page.broken) == (["Title 1", "Title 4"], ())


@pytest.mark.parametrize("between", ["<!-- an unended comment {} <!-- so -->", "<docs><![CDATA[ open </docs>{}"])
async def test_section_that_never_ends_between_entries_takes_none(between: str) -> None:
    page = await poll(reply(UNDATED.format(section("1") + between.format(item("2")) + section("3"))))
    assert (len(page.posts), page.broken) == (3, ())


async def test_element_named_like_an_entry_is_part_of_its_entry() -> None:
    inner = "words</description><x:entry xmlns:x='urn:x'><x:id>1</x:id></x:entry><description>"
    page = await poll(reply(UNDATED.format(item("1", inner) + item("2") + "<item/>" + item("4") + item("5", "<b>"))))
    assert titles(page) == ["Title 1", "Title 2", "Title 4", "Title 5"]
    assert page.broken == ("Empty entry 3: it has no title, text or picture.",)


async def test_form_input_that_never_ends_takes_no_other_entry() -> None:
    body = item("1") + item("2", "<textInput>") + section("3") + section("4")
    page = await poll(reply(UNDATED.format(body)))
    assert titles(page) == [f"Title {n}" for n in (1, 2, 3, 4)]


async def test_comment_that_never_ends_between_entries_costs_nothing() -> None:
    page = await poll(reply(UNDATED.format(f"{item('1')}<!-- an unclosed comment {item('2')}{item('3')}")))
    assert (len(page.posts), page.broken) == (3, ())


@pytest.mark.unmeasured
async def test_large_entries_leave_room_for_those_behind_them() -> None:
    large = item("large", "x" * 700_000)
    items = [large.replace("large", f"l{n}") for n in range(3)] + [item(str(n)) for n in range(50)]
    page = await poll(reply(UNDATED.format(f"<!-- {'y' * 100_000} -->".join(items[:3]) + "".join(items[3:]))))
    assert (len(page.posts), page.broken) == (53, ())


async def test_entry_that_only_alone_cannot_be_read_is_the_one_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """If feedparser fails at the whole, each entry is read by itself: also two, of which the first does not end."""
    unended = item("2").removesuffix("</item>")
    body = UNDATED.format(item("1") + unended + item("3") + item("4") + item("5", "unreadable")).encode()
    parse = rss_atom._parsed

    def failing(data: bytes) -> Any:
        if b"unreadable" in data:
            raise RuntimeError("over a stranger's words")
        return parse(data)

    monkeypatch.setattr(rss_atom, "_parsed", failing)
    feed = rss_atom.decode(body, "https://b.example/feed")
    assert feed is not None
    assert [entry.id for entry in feed.entries] == ["1", "2", "3", "4"]
    assert feed.broken == ("Unreadable entry 5: its markup is invalid.",)


async def test_id_of_atom_that_is_no_address_is_no_link() -> None:
    entry = "<entry><id>{}</id><title>{}</title><updated>2009-10-12T09:30:00Z</updated></entry>"
    entries = entry.format("post-17", "a") + entry.format("urn:x:1", "b") + entry.format("https://b.example/c", "c")
    head = '<feed xmlns="http://www.w3.org/2005/Atom"><id>blog</id><link href="https://b.example/blog"/>'
    page = await poll(reply(f"{head}{entries}</feed>"))
    blog = "https://b.example/blog"
    assert {post.title: post.url for post in page.posts} == {"a": blog, "b": blog, "c": "https://b.example/c"}


async def test_entry_in_another_encoding_garbles_no_other() -> None:
    body = UNDATED.format(item("1").replace("Title", "ZXrich") + item("2").replace("Title", "Café"))
    page = await poll(reply(body.encode().replace(b"ZXrich", b"Z\xfcrich")))
    assert sorted(post.title for post in page.posts) == ["Café 2", "Zürich 1"]


async def test_words_behind_hundreds_of_tags_are_kept() -> None:
    deep = f"<![CDATA[{'<div>' * 5_000}deep words{'</div>' * 5_000}]]>"
    page = await poll(reply(UNDATED.format(item("1", deep))))
    assert plain(page.posts[0].html) == "deep words"
