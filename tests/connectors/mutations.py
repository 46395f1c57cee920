"""Honest statuses and feeds, and every way to put a hostile value into one of their fields."""

from __future__ import annotations

import copy
import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any

from tests.fakes.mastodon_entities import new_account, new_picture, new_status
from tests.recorded import OURS
from tests.replay import FIXTURES, cases

Path = tuple[str | int, ...]
MARK = "HOSTILEMARK"
TIMELINES = ("gotosocial/tag_page1_limit5.json", "gotosocial/tag_page2_max_id.json", "takahe/tag_timeline.json")
PROFILE = "takahe/profile.rss.xml"

VALUES: dict[str, Any] = {
    "null": None,
    "empty": "",
    "blank": " ",
    "false": False,
    "true": True,
    "zero": 0,
    "huge number": 10**400,
    "number beyond a float": 10**309,
    "number beyond 64 bits": 2**64,
    "infinite": float("inf"),
    "negative": -1.5,
    "list": [],
    "nothing in a list": [None],
    "deep list": [[[[["x"]]]]],
    "object": {"a": {"b": 1}},
    "list as an object": {"1": "x", "3": {"name": "y"}},
    "half a pair": "A wink \ud83d",
    "no host": "https://[::1",
    "no port": "https://a:b",
    "script": "javascript:alert(1)",
    "template": "https://{{ site.url }}/x",
    "letters that turn into signs": "https://a\u2100b.example/\ufe5b",
    "first year": "0001-01-01T00:00:00+14:00",
    "last year": "9999-12-31T23:59:59.000-05:00",
    "long": "<ul><li>" * 20_000,
    "one long word": "x" * 70_000,
    "marks": "e\u0301" * 9_000,
    "open brackets": "<" * 5_000,
    "open references": "&" * 5_000,
    "control": "a\x00b\x01\u202ec",
}
"""JSON values to put in the place of any other."""

TEXTS: dict[str, str] = {
    "nothing": "",
    "zero date": "0000-00-00 00:00:00",
    "first year": "0001-01-01T00:00:00+14:00",
    "last year": "9999-12-31T23:59:59-05:00",
    "two halves": "&#55357;&#56841;",
    "half a pair": "&#xD83D;",
    "beyond Unicode": "&#99999999999999999999;",
    "bare ampersands": "Q&A, R&D; ?id=1&lang=en&copy=2",
    "no host": "https://[::1",
    "template": "https://{{ site.url }}/x",
    "letters that turn into signs": "https://a\u2100b.example/\ufe5b",
    "port": "https://peer.example:99999999/",
    "control": "a\x01b\x1f",
    "markup": "&lt;ul&gt;&lt;li&gt;" * 4_000,
}
"""XML to put in the place of a text or an attribute's value."""

PIECES = (
    "<pubDate>0000-00-00</pubDate>", "<pubDate>0001-01-01T00:00:00+14:00</pubDate>", "<dc:date>10000-01-01</dc:date>",
    "<title>&#xD83C;&#xDF89; &#55356; &#99999999999; &#0; &#xFFFF;</title>", "<title>Q&A &nbsp &lang=en&copy=2</title>",
    '<gml:Point srsName="EPSG:word"><gml:pos>a b c</gml:pos></gml:Point>', "<georss:point>a</georss:point>",
    '<textInput name="q"><name>q</name></textInput>', '<enclosure url="https://[::1" type="image/png" length="x"/>',
    "<media:content url='http://{{ host }}/a.png' width='1e9'/>", '<link rel="x" href="https://a b/"/>',
    '<content:encoded xml:base="http://%/"><![CDATA[<a href="x">y</a>]]></content:encoded>', "<item>", "</item><item>",
    "<author>" + "a" * 9_000 + "@</author>",
    "<x " + " ".join(f'a{n}="{n}"' for n in range(900)) + "/>",
    "<category/>" * 300, "<description>" + "<b>" * 3_000 + "</description>", "\x0b\x00\x1f", "]]>",
    "<![CDATA[", "<!--",
)  # fmt: skip
"""Foreign elements in an item of RSS."""
SIGNS = (
    b"<", b">", b"&", b"&#xD800;", b"</item>", b"<item>", b"<![CDATA[", b"]]>", b"<!--", b'"', b"0000-00-00", b"\xff",
)  # fmt: skip
"""Byte sequences that feed parsers are likeliest to stumble on."""

RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:media="http://search.yahoo.com/mrss/" xmlns:georss="http://www.georss.org/georss"
 xmlns:gml="http://www.opengis.net/gml" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel>
<title>Quay news</title><link>https://quay.example/</link><description>News</description>
<item><title>Before</title><link>https://quay.example/1</link><guid>https://quay.example/1</guid>
<pubDate>Wed, 25 Nov 2026 08:00:00 GMT</pubDate><description>Words before</description></item>
<item><title>Middle</title><link>https://quay.example/2</link><guid isPermaLink="true">https://quay.example/2</guid>
<pubDate>Wed, 25 Nov 2026 07:00:00 GMT</pubDate><dc:date>2026-11-25T07:00:00Z</dc:date><author>ada@quay.example (Ada)
</author><dc:creator>Ada</dc:creator><category domain="https://quay.example/tags">tea</category><comments>
https://quay.example/2/c</comments><source url="https://other.example/f.xml">Other</source><enclosure length="5"
 url="https://quay.example/2.mp3" type="audio/mpeg"/><media:content url="https://quay.example/2.jpg" medium="image"
 width="80" height="60"><media:description>A boat</media:description></media:content><media:thumbnail width="8"
 url="https://quay.example/2s.jpg"/><georss:point>54.3 10.1</georss:point><georss:where><gml:Point srsName="EPSG:4326">
<gml:pos>54.3 10.1</gml:pos></gml:Point></georss:where><gml:pos>54.3 10.1</gml:pos><itunes:duration>10</itunes:duration>
<textInput><name>q</name><link>https://quay.example/q</link></textInput><content:encoded>&lt;p&gt;Long words
&lt;/p&gt;</content:encoded><description>Words</description></item>
<item><title>After</title><link>https://quay.example/3</link><guid>https://quay.example/3</guid>
<pubDate>Wed, 25 Nov 2026 06:00:00 GMT</pubDate><description>Words after</description></item></channel></rss>"""

ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://quay.example/"><title>Quay log</title><id>urn:quay</id>
<updated>2026-11-25T08:00:00Z</updated><link href="https://quay.example/"/>
<entry><id>urn:quay:1</id><title>Before</title><link href="/1"/><published>2026-11-25T08:00:00Z</published>
<updated>2026-11-25T08:00:00Z</updated><summary>Words before</summary></entry>
<entry xml:base="https://quay.example/two/" xml:lang="en"><id>urn:quay:2</id><title type="html">Middle</title>
<link rel="alternate" href="../2"/><link rel="enclosure" type="image/png" href="2.png" length="5" title="A boat"/>
<published>2026-11-25T07:00:00Z</published><updated>2026-11-25T07:30:00Z</updated><author><name>Ada</name>
<uri>https://quay.example/ada</uri><email>ada@quay.example</email></author><category term="tea" scheme="urn:t"
 label="Tea"/><rights>All</rights><content type="html">&lt;p&gt;Words&lt;/p&gt;</content>
<summary type="text">Words</summary></entry>
<entry><id>urn:quay:3</id><title>After</title><link href="/3"/><published>2026-11-25T06:00:00Z</published>
<updated>2026-11-25T06:00:00Z</updated><summary>Words after</summary></entry></feed>"""

JSON_FEED: dict[str, Any] = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Quay notes",
    "home_page_url": "https://quay.example/",
    "items": [
        {
            "id": str(n),
            "url": f"https://quay.example/{n}",
            "title": title,
            "content_html": f"<p>Words {n}</p>",
            "date_published": f"2026-11-25T0{9 - n}:00:00Z",
        }
        for n, title in enumerate(("Before", "Middle", "After"), 1)
    ],
}
JSON_FEED["items"][1] |= {
    "external_url": "https://other.example/",
    "summary": "Words",
    "image": "https://quay.example/2.jpg",
    "banner_image": "https://quay.example/2b.jpg",
    "date_modified": "2026-11-25T07:30:00Z",
    "authors": [{"name": "Ada", "url": "https://quay.example/ada", "avatar": "https://quay.example/ada.png"}],
    "tags": ["tea"],
    "language": "en",
    "attachments": [{"url": "https://quay.example/2.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 5}],
}


def rich_status(server: str) -> dict[str, Any]:
    """A status with every part that is read."""
    account = new_account(server, "ada", 7)
    account |= {"fields": [{"name": "Site", "value": "quay", "verified_at": None}], "note": "<p>Tea</p>"}
    account["emojis"] = [{"shortcode": "tea", "url": f"{server}/t.png", "static_url": f"{server}/t.png"}]
    status = new_status(server, "117000000000005000", "ada")
    quoted = copy.deepcopy(status) | {"account": copy.deepcopy(account), "id": "9", "uri": f"{server}/9"}
    return status | {
        "account": account,
        "created_at": "2026-11-25T07:00:00.000Z",
        "edited_at": "2026-11-25T07:30:00.000Z",
        "content": "<p>Middle :tea:</p>",
        "spoiler_text": "Tea",
        "tags": [{"name": "conf", "url": f"{server}/tags/conf"}],
        "mentions": [{"id": "8", "acct": "ben", "username": "ben", "url": f"{server}/@ben"}],
        "emojis": copy.deepcopy(account["emojis"]),
        "media_attachments": [new_picture(f"{server}/1.png", 80, 60, "A boat")],
        "poll": {
            "id": "1",
            "expires_at": "2026-11-26T07:00:00.000Z",
            "expired": False,
            "multiple": False,
            "votes_count": 3,
            "voters_count": 3,
            "options": [{"title": "tea", "votes_count": 3}],
            "emojis": [],
        },
        "card": {
            "url": "https://quay.example/",
            "title": "Quay",
            "description": "A page",
            "type": "link",
            "provider_name": "Quay",
            "image": "https://quay.example/c.png",
        },
        "quote": {"state": "accepted", "quoted_status": quoted},
    }


def recorded_statuses() -> Iterator[dict[str, Any]]:
    """Every status of the invented replies, and of those of real servers."""
    invented = [reply.get("body") for case in cases("mastodon") for reply in case["replies"]]
    for body in [*invented, *(json.loads((OURS / name).read_text())["body"] for name in TIMELINES)]:
        yield from (row for row in body if isinstance(row, dict) and "uri" in row) if isinstance(body, list) else ()


def feeds() -> list[bytes]:
    """Every feed of the cases, of the invented replies, and of a real server."""
    invented = [case["replies"][-1].get("body", "") for case in cases("feeds") if case["replies"]]
    served = [file.read_bytes() for file in sorted((FIXTURES / "cases").glob("*/*.xml"))]
    texts = [body if isinstance(body, str) else json.dumps(body) for body in invented]
    return [RSS.encode(), ATOM.encode(), *(text.encode() for text in texts), *served, (OURS / PROFILE).read_bytes()]


def paths(value: Any, here: Path = ()) -> Iterator[Path]:
    """Every path in a JSON value, except the whole itself."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in inside:
        yield (*here, name)
        yield from paths(part, (*here, name))


def with_value(whole: Any, path: Path, value: Any) -> Any:
    """A copy of the JSON value with another value at one path."""
    changed = copy.deepcopy(whole)
    place = changed
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    return changed


def changed_feeds(feed: str, entry: str, text: str) -> Iterator[tuple[str, bytes]]:
    """The feed with this text at each position of its middle entry in turn, and a name of each position."""
    count = len(list(_places(ET.fromstring(feed), entry)))
    for at in range(count):
        root = ET.fromstring(feed)
        element, attribute = list(_places(root, entry))[at]
        if attribute:
            element.set(attribute, MARK)
        else:
            element.text = MARK
        tag = element.tag.rpartition("}")[2]
        yield f"{tag} {attribute}", ET.tostring(root, encoding="unicode").replace(MARK, text).encode()


def _places(root: ET.Element, entry: str) -> Iterator[tuple[ET.Element, str]]:
    middle = [element for element in root.iter() if element.tag.rpartition("}")[2] == entry][1]
    for element in middle.iter():
        if element is not middle and not len(element):
            yield element, ""
        for attribute in element.attrib:
            yield element, attribute
