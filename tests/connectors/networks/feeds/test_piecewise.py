"""A malformed entry changes nothing of its neighbours: neither their keys nor a word, a link or a picture."""

from __future__ import annotations

import pytest

from connectors.contract import Post
from tests.connectors.networks.feeds.test_connector import poll, reply

SPACES = (
    "xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:media='http://search.yahoo.com/mrss/' "
    "xmlns:content='http://purl.org/rss/1.0/modules/content/'"
)
RSS = (
    f"<rss version='2.0' {SPACES}><channel><title>Salt &amp; Co</title>"
    "<link>https://b.example/?x=1&amp;y=2</link>{}</channel></rss>"
)
RDF = (
    "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/' "
    f"{SPACES}><channel><title>Salt</title></channel>{{}}</rdf:RDF>"
)
ATOM = (
    f"<feed xmlns='http://www.w3.org/2005/Atom' {SPACES} xml:base='https://b.example/'><title>Salt</title>{{}}</feed>"
)
PICTURE = (
    "<media:content url='https://b.example/p{n}.jpg?w=1&amp;h=2' medium='image'>"
    "<media:description>Tom &amp; &lt;Jo&gt; &#38; {n} &quot;s&#233;a&quot;</media:description></media:content>"
)
ITEM = (
    "<item><guid>http://blog.example/?a=1&amp;p={n}&#38;q=&#233;</guid><title>T &amp; {n} &#38; &#233;</title>"
    "<author>Ann &amp; Bob &#39;{n}&apos;</author><category>R&amp;D &lt;{n}&gt; &#38;</category>"
    "<description>A &amp;lt; b &#38;amp; &lt;p title=&quot;x &amp;amp; y&quot;&gt;c &amp;amp; {n}&lt;/p&gt;"
    "</description>"
    "<pubDate>Thu, 18 Jun 2026 10:{n:02}:00 GMT</pubDate>{picture}</item>"
)
LINKED = (
    "<item><link>https://b.example/?a=1&amp;b={n}</link><guid isPermaLink='false'>a&amp;amp;{n}</guid>"
    "<title>L{n}</title>"
    "<dc:creator><![CDATA[Cat & Dog &amp; {n}]]></dc:creator>"
    "<content:encoded><![CDATA[<p>w &amp; {n}</p>]]></content:encoded>"
    "<enclosure url='https://b.example/s.mp3?a&#61;1&amp;b={n}' type='audio/mpeg' length='1'/></item>"
)
ENTRY = (
    "<entry><id>tag:b.example,2026:{n}&amp;x&#38;&#233;</id><title type='html'>T &amp;amp; {n}</title>"
    "<link href='?a=1&amp;b={n}&#38;c=&#233;'/><author><name>Ann &amp; &lt;{n}&gt;</name>"
    "<uri>https://b.example/u?a&amp;b={n}</uri></author><category term='R&amp;D &#38; {n} &lt;&quot;&apos; &#233;'/>"
    "<updated>2026-06-18T10:{n:02}:00Z</updated>"
    "<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>"
    "<p title='a &amp; b'>w &amp; {n} &lt;</p></div></content>"
    "{picture}</entry>"
)
BROKEN = {
    "entity": "a &nbsp; b",
    "tag": "an <b>unclosed tag",
    "prefix": "<strange:tag>x</strange:tag>",
    "control": "form\x0cfeed",
    "attribute": "<x a='1' a='2'/>",
    "section": "so ]]> here",
    "ampersand in a tag": '<x a="b & c" d=e/>',
    "less than": "3 < 4",
}
SHAPES = {
    "rss": (RSS, ITEM, "item"),
    "links": (RSS, LINKED, "item"),
    "rdf": (RDF, ITEM, "item"),
    "atom": (ATOM, ENTRY, "entry"),
}


def healthy(template: str) -> list[str]:
    return [template.format(n=n, picture=PICTURE.format(n=n)) for n in range(1, 6)]


async def posts(body: str) -> list[Post]:
    return sorted((await poll(reply(body))).posts, key=lambda post: post.key)


@pytest.mark.parametrize("place", [0, 2, 5])
@pytest.mark.parametrize("kind", BROKEN)
@pytest.mark.parametrize("shape", SHAPES)
async def test_malformed_entry_changes_no_neighbour(shape: str, kind: str, place: int) -> None:
    document, template, name = SHAPES[shape]
    entries = healthy(template)
    alone = await posts(document.format("".join(entries)))
    entries.insert(place, f"<{name}><title>Broken</title><description>{BROKEN[kind]}</description></{name}>")
    together = await posts(document.format("".join(entries)))
    assert len(alone) == 5
    assert [post for post in together if not post.title.startswith("Broken")] == alone


@pytest.mark.parametrize("kind", BROKEN)
@pytest.mark.parametrize("shape", SHAPES)
async def test_entry_that_turns_malformed_keeps_all_else(shape: str, kind: str) -> None:
    document, template, name = SHAPES[shape]
    (sound, *_) = healthy(template)
    before, after = [
        await posts(document.format(sound.replace(f"</{name}>", f"<x>{words}</x></{name}>")))
        for words in ("", BROKEN[kind])
    ]
    assert [(post.key, post.url, post.author, post.tags, post.media) for post in after] == [
        (post.key, post.url, post.author, post.tags, post.media) for post in before
    ]


@pytest.mark.parametrize("kind", [kind for kind in BROKEN if kind not in {"tag", "less than"}])
async def test_malformed_head_changes_no_entry(kind: str) -> None:
    entries = "".join(healthy(ITEM))
    sound = await posts(RSS.format(entries))
    assert await posts(RSS.format(f"<docs>{BROKEN[kind]}</docs>{entries}")) == sound
