"""Feeds made to cost time: bombs, floods and depths cost little, and leave little behind."""

from __future__ import annotations

import time

import msgspec
import pytest

from connectors.contract import Page
from connectors.errors import InvalidResponse
from connectors.sandbox import SECONDS
from tests.connectors.networks.feeds.test_connector import UNDATED, poll, reply

LAUGHS = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 12))


@pytest.mark.unmeasured  # tracing would count as time of the reader's
@pytest.mark.parametrize(
    "body",
    [
        f"<!DOCTYPE r [<!ENTITY l0 'ha'>{LAUGHS}]>" + UNDATED.format("<item><title>&l11;</title></item>"),
        f"<!DOCTYPE r [<!ENTITY a '{'x' * 100_000}'>]>"
        + UNDATED.format(f"<item><title>{'&a;' * 50_000}</title></item>"),
        "<!DOCTYPE r [<!ENTITY a SYSTEM 'file:///etc/hostname'>]>" + UNDATED.format("<item><title>&a;</title></item>"),
        UNDATED.format("<item>" * 400_000),
        UNDATED.format("<item><description>" + "<a>" * 500_000),
        UNDATED.format("<item><title>" + "&" * 1_000_000),
        UNDATED.format("<item><author>" + "a." * 500_000 + "</author></item>"),
        UNDATED.format("<item><author>" + ("a" * 2000 + " ") * 500 + "</author></item>"),
        UNDATED.format("<item><media:content url='x'><media:description>" * 40_000),
        '{"version":"https://jsonfeed.org/version/1","items":' + "[" * 1_000_000,
        "<html>" + "<link rel=alternate " * 100_000,
        "<?a?>" * 5_000 + "no element at all",
        UNDATED.format(f"<item><category domain='{'&lt;ul&gt;' * 3_000}'/></item>" * 100),
        UNDATED.format(f"<item><author>{'&lt;@' * 500}</author></item>" * 200),
        UNDATED.format(f"<item><title>&nbsp;<b></title><description>{'x&amp;' * 4_000}</description></item>" * 200),
        f"<!-- {'x' * 4_000_000} -->" + "<item><title>a<b></title></item>" * 200,
        UNDATED.format("<rss a='1'><channel>" * 10_000 + "<item><title>a<b></title></item>" * 200),
        UNDATED.format("<item><b><content type='a/xml'>" * 10_000 + "</content></item>"),
        UNDATED.format("<item><media:group><media:content url='x'/>" + "<media:description>" * 20_000 + "</item>"),
        UNDATED.format(
            "<item><media:content url='x'/><media:description>a</media:description><description>b</description>" * 9_000
            + "</item>"
        ),
        UNDATED.format("<item><media:content><media:description>" + "<![CDATA[" * 100_000 + "</media:description>"),
        UNDATED.format("<item><link>" + "& " * 300_000 + "<x</link></item>"),
        UNDATED.format("<item><title>a</b></title><a " + "& " * 300_000 + "<x</item>"),
        "<!DOCTYPE x[" * 200_000 + UNDATED.format("<item><title>a<b></title></item>"),
        "<rss >" * 200_000 + UNDATED.format("<item><title>a<b></title></item>"),
        UNDATED.format("<a/>" * 800_000 + "<item><title>a</title></item>"),
        UNDATED.format("<item><title>a</title></item>" + "<a/>" * 800_000),
        UNDATED.format("<item></item>" * 380_000),
        UNDATED.format(
            "<item>" + "<media:content url='x'/><media:description>a</media:description>" * 60_000 + "</item>"
        ),
        UNDATED.format("<item>" + "".join(f"<p{n}:x xmlns:p{n}='u{n}'/>" for n in range(19_000)) + "</item>"),
        UNDATED.format("<item><x " + "".join(f"\n xmlns:p{n} = 'u{n}'" for n in range(200_000)) + "/></item>"),
        UNDATED.format(("<item><description>" + "a\n\n" * 21_600 + "</description></item>") * 60),
        UNDATED.format("<item><![CDATA[</item>" * 200_000 + "]]>"),
        UNDATED.format("<!-- <item><item></item>" * 100_000 + "</item>" * 100_000 + "<!-- -->"),
        UNDATED.format("<![CDATA[<item></item>" * 180_000 + "<item><![CDATA[ ]]>"),
        UNDATED.format("<item></x:item><!-- " * 200_000 + "-->"),
    ],
    ids=[
        "laughs",
        "quadratic",
        "outside",
        "items",
        "nest",
        "ampersands",
        "author",
        "authors",
        "media",
        "json",
        "page",
        "instructions",
        "attribute",
        "signatures",
        "malformed",
        "no root",
        "roots",
        "contents",
        "group",
        "captions",
        "sections",
        "link",
        "unended tag",
        "document types",
        "open roots",
        "before",
        "after",
        "tiny items",
        "loose captions",
        "namespaces",
        "namespaces of one tag",
        "paragraphs",
        "unended sections",
        "comments in comments",
        "sections between entries",
        "other names",
    ],
)
async def test_hostile_feeds_cost_little(body: str) -> None:
    """Within the sandbox's limit of processor time; without quadratic work it is a tenth of that."""
    began = time.process_time()
    try:
        page = await poll(reply(body))
    except InvalidResponse:
        page = Page()
    assert time.process_time() - began < SECONDS
    assert len(page.posts) <= 200
    assert max((len(msgspec.json.encode(post)) for post in page.posts), default=0) < 10_000
