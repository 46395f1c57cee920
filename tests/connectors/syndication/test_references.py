# ruff: noqa: RUF001 - typographic signs are what this is about
"""Names of HTML in feeds become their characters, whatever document type the feed has."""

from __future__ import annotations

import pytest

from connectors.syndication.references import mend_references
from connectors.syndication.rss_atom import decode

URL = "https://news.example/feed.xml"
DOCTYPES = {
    "none": "",
    "plain": "<!DOCTYPE rss>",
    "netscape": '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" '
    '"http://my.netscape.com/publish/formats/rss-0.91.dtd">',
    "system": '<!DOCTYPE rss SYSTEM "x">',
    "parameter entity": '<!DOCTYPE rss [<!ENTITY % HTMLlat1 PUBLIC "-//W3C//ENTITIES Latin 1 for XHTML//EN" '
    '"http://www.w3.org/TR/xhtml1/DTD/xhtml-lat1.ent"> %HTMLlat1;]>',
    "own": '<!DOCTYPE rss [<!ENTITY co "Harbour Co">]>',
    "own twice": '<!DOCTYPE rss [\n<!ENTITY co "Harbour Co">\n<!ENTITY co "x">\n]>',
    "own and system": '<!DOCTYPE rss SYSTEM "x" [<!ENTITY co "Harbour Co">]>',
}


@pytest.mark.parametrize("damage", ["", "<b>"], ids=["well-formed", "malformed"])
@pytest.mark.parametrize("doctype", DOCTYPES)
def test_names_of_html_are_their_characters(doctype: str, damage: str) -> None:
    title = "It&rsquo;s &pound;5 Caf&eacute; &hellip; &#8212; &amp; &co; &AMP; &unknown; R&D;"
    item = f'<item><title>{title}</title><enclosure url="/a.mp3?q=&eacute;&copy;" type="audio/mpeg"/></item>'
    body = f"<?xml version='1.0'?>{DOCTYPES[doctype]}<rss version='0.91'><channel>{item}{damage}</channel></rss>"
    feed = decode(body.encode(), URL)
    assert feed is not None
    co = "Harbour Co" if "Harbour" in DOCTYPES[doctype] else "&co;"
    assert feed.entries[0].title == f"It’s £5 Café … — & {co} & &unknown; R&D;"
    assert feed.entries[0].enclosures[0].url == "/a.mp3?q=é©"


def test_words_in_a_section_stay_as_they_are() -> None:
    assert mend_references(b"&eacute;<![CDATA[&eacute;&x;]]>&x;") == "é<![CDATA[&eacute;&x;]]>&amp;x;".encode()


def test_name_that_the_document_defines_is_its_own() -> None:
    body = b'<!DOCTYPE rss [<!ENTITY eacute "E">]><rss>&eacute;&egrave;</rss>'
    assert mend_references(body).endswith("<rss>Eè</rss>".encode())


def test_sign_of_markup_stays_a_reference() -> None:
    assert mend_references(b"&LT;&GT;&QUOT;&apos;&nvlt;") == "&lt;&gt;&quot;&apos;&lt;\u20d2".encode()
