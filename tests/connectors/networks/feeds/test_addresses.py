"""Addresses of links and files as feeds write them: a strange one costs itself alone."""

from __future__ import annotations

import pytest

from connectors.networks.feeds.discovery import discover
from connectors.syndication.addresses import web_address
from connectors.syndication.entities import Words
from connectors.syndication.pictures import pictures
from tests.connectors.networks.feeds.test_connector import UNDATED, poll, reply

STRANGE = [
    "//[x/y.jpg", "http://\u2100.example/y.jpg", "https://h.example]/y.jpg", "https://[::1/y.jpg", "//a]b/y.jpg",
    "http://a.example:x/y.jpg", "http://[", "//[::1%25x]/y.jpg", "\ufe5b//[", "http://a\ufe6bb.example/y.jpg",
]  # fmt: skip
PLACES = {
    "enclosure": '<enclosure url="{}"/>',
    "enclosure with a type": '<enclosure url="{}" type="image/jpeg"/>',
    "media content": '<media:content url="{}"/>',
    "media thumbnail": '<media:thumbnail url="{}"/>',
    "link": "<link>{}</link>",
    "guid": "<guid>{}</guid>",
    "base": '<description xml:base="{0}">Words &lt;img src="{0}"&gt;</description>',
    "comments": "<comments>{}</comments>",
    "source": '<source url="{}">Source</source>',
    "atom link": '<atom:link href="{}"/>',
    "atom enclosure": '<atom:link rel="enclosure" href="{}"/>',
    "author": "<atom:author><atom:name>Ada</atom:name><atom:uri>{}</atom:uri></atom:author>",
    "itunes image": '<itunes:image href="{}"/>',
}
FEED = UNDATED.replace(
    "<rss version",
    "<rss xmlns:media='http://search.yahoo.com/mrss/' xmlns:atom='http://www.w3.org/2005/Atom' "
    "xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd' version",
)
ATOM = "<feed xmlns='http://www.w3.org/2005/Atom'><entry><id>urn:1</id><title>One</title>{}</entry></feed>"


@pytest.mark.parametrize("address", STRANGE)
@pytest.mark.parametrize("place", PLACES)
async def test_strange_address_costs_no_entry(place: str, address: str) -> None:
    page = await poll(reply(FEED.format(f"<item><title>One</title>{PLACES[place].format(address)}</item>")))
    assert ([post.title for post in page.posts], page.broken) == (["One"], ())


@pytest.mark.parametrize("address", STRANGE)
@pytest.mark.parametrize("relation", ["enclosure", "alternate", "related", "self"])
async def test_strange_address_costs_no_entry_of_atom(relation: str, address: str) -> None:
    page = await poll(reply(ATOM.format(f'<link rel="{relation}" href="{address}"/>')))
    assert ([post.title for post in page.posts], page.broken) == (["One"], ())


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("/p/1", "https://h.example/p/1"),
        (" p?x=1 ", "https://h.example/blog/p?x=1"),
        ("https://h.example/a b.mp3", "https://h.example/a%20b.mp3"),
        ("\n https://h.example/\n   x y \n", "https://h.example/x%20y"),
        ("https://h.example/a\tb\r\nc", "https://h.example/abc"),
        ("https://h.example/a%20b", "https://h.example/a%20b"),
        ("https://a b.example/", ""),
        ("https://user@h.example/", ""),
        ("https://h.example/\x01", ""),
        ("mailto:a@h.example", ""),
        ("  ", ""),
    ],
)
def test_address_is_read_as_a_browser_does(said: str, address: str) -> None:
    assert web_address(said, "https://h.example/blog/feed") == address


@pytest.mark.parametrize(
    ("parts", "url"),
    [
        ("<link>/p/1</link><guid>/p/1</guid>", "https://harbour.example/p/1"),
        ("<link>/p/1</link><guid isPermaLink='false'>/p/1</guid>", "https://harbour.example/p/1"),
        ("<guid>/p/1</guid>", "https://harbour.example/p/1"),
        ("<guid isPermaLink='false'>/p/1</guid>", "https://harbour.example/"),
        ("<guid>post-17</guid>", "https://harbour.example/"),
        ("<link>p/1</link><guid>p/1</guid>", "https://harbour.example/p/1"),
        ("<link>https://h.example/\n  a b\n</link>", "https://h.example/a%20b"),
    ],
)
@pytest.mark.parametrize("damage", ["", "<b>"], ids=["well-formed", "malformed"])
async def test_link_leads_to_the_entry(parts: str, url: str, damage: str) -> None:
    head = "<link>https://harbour.example/</link>"
    page = await poll(reply(UNDATED.format(f"{head}<item><title>One</title>{parts}</item>{damage}")))
    assert [post.url for post in page.posts] == [url]


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ('<img srcset="/d-1.jpg 300w,/d-2.jpg 900w">', ["/d-2.jpg"]),
        ('<img srcset="/d-1.jpg 300w, /d-2.jpg 900w , /d-3.jpg 600w,">', ["/d-2.jpg"]),
        ('<img data-srcset="/e-1.jpg 1x,/e-2.jpg 2.5x" src="/blank.gif">', ["/e-2.jpg"]),
        ('<img srcset="/w_300,h_2/a.jpg 300w,/w_600,h_4/a.jpg 600w">', ["/w_600,h_4/a.jpg"]),
        ('<img srcset="/a.jpg, /b.jpg 2x">', ["/b.jpg"]),
        ('<img srcset="/a.jpg">', ["/a.jpg"]),
        ('<img srcset=" , ,">', []),
        ('<img srcset="/a.jpg w, /b.jpg .w">', ["/a.jpg"]),
        ('<img src="/blank.gif" data-lazy="/b.jpg">', ["/b.jpg"]),
        ('<img src="/a.jpg" data-lazy="true">', ["/a.jpg"]),
        ('<img src="/spacer.gif" data-lazyload="b.webp?w=1">', ["/b.webp?w=1"]),
        ('<img src="/a.jpg" data-url="https://x.example/page">', ["/a.jpg"]),
        ('<img src="/a.jpg" data-image="https://x.example/gallery/12">', ["/a.jpg"]),
        ('<img src="/a.jpg" data-url="/article/1" data-original-set="1">', ["/a.jpg"]),
        ('<img src="/a.jpg" data-src="false" data-original="1" data-srcset="2.5">', ["/a.jpg"]),
        ('<img src="/a.jpg" data-original-set="/b-1.jpg 1x, /b-2.jpg 2x">', ["/b-2.jpg"]),
        ('<img data-url="/article/1">', []),
        ('<img src="/x.jpg" data-src="/api/image?id=5">', ["/api/image?id=5"]),
        ('<img src="/x.jpg" data-src="image.php?id=5">', ["/image.php?id=5"]),
        ('<img src="/x.jpg" data-original=" pic.jfif ">', ["/pic.jfif"]),
        ('<img src="/x.jpg" data-lazy-src="?img=5">', ["/?img=5"]),
        ('<![foo[ x ]]><img src="/a.jpg">', ["/a.jpg"]),
        ('<![<b>x</b><img src="/a.jpg">', ["/a.jpg"]),
    ],
)
def test_picture_of_a_text_is_the_widest(html: str, found: list[str]) -> None:
    assert [each.url for each in pictures(Words(html, "https://h.example/"))] == [
        f"https://h.example{path}" for path in found
    ]


def test_page_with_a_strange_section_names_its_feed() -> None:
    page = "<![foo[ x ]]><link rel='alternate' type='application/rss+xml' href='/feed'>"
    assert discover(page, "https://h.example/") == ("https://h.example/feed",)
