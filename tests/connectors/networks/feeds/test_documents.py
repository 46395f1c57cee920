"""What is said of a document in place of a feed."""

from __future__ import annotations

import pytest

from connectors.errors import InvalidResponse
from connectors.syndication.documents import kind_of
from tests.connectors.networks.feeds.test_connector import UNDATED, poll, reply

FEED = UNDATED.format("<item><guid>1</guid><title>One</title></item>")
KINDS = {
    b"<?xml version='1.0'?><error><code>500</code></error>": "an XML document (<error>)",
    b"<soap:Envelope><soap:Body/></soap:Envelope>": "an XML document (<soap:Envelope>)",
    b"<?xml version='1.0'?><opml version='2.0'><body><outline/></body></opml>": "an OPML list of feeds",
    b"<urlset><url/></urlset>": "a sitemap",
    b"<svg xmlns='http://www.w3.org/2000/svg'/>": "a picture",
    b"\x89PNG\r\n\x1a\n": "a picture",
    b"%PDF-1.7 <p>": "a PDF file",
    b"PK\x03\x04": "an archive",
    b"abc\0def": "binary data",
    b"Service unavailable": "plain text",
    b"5 < 6": "plain text",
    b"[1, 2]": "JSON",
    b"<!-- x --><!DOCTYPE html><html><p>down</p>": "a web page",
    b"<h1>It works!</h1>": "a web page",
    b"Fatal error <br />": "a web page",
}


@pytest.mark.parametrize("body", KINDS)
async def test_document_in_place_of_a_feed_is_called_what_it_is(body: bytes) -> None:
    first = await poll(reply(FEED))
    with pytest.raises(InvalidResponse) as caught:
        await poll(reply(body), first.cursor)
    assert str(caught.value) == f"Not a feed: https://harbour.example/news.xml answers with {KINDS[body]} now."
    with pytest.raises(InvalidResponse) as caught:
        await poll(reply(body))
    assert f"answers with {KINDS[body]}, which doesn't link to one." in str(caught.value)


def test_compressed_file_is_called_so() -> None:
    assert kind_of(b"\x1f\x8b\x08") == "a compressed file"


def test_document_in_wide_letters_is_text() -> None:
    assert kind_of("words".encode("utf-16")) == "plain text"
