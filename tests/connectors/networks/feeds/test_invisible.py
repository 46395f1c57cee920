"""Names, titles and words of feeds without a visible character: they count as missing."""

from __future__ import annotations

import json

import pytest

from tests.connectors.networks.feeds.test_connector import UNDATED, poll, reply

INVISIBLE = ["\u200b", "\u3164", "\u2800", "\u00ad", "\u200d\u200d", "\u0301", "\u2060 \u00a0", "\U000e0020"]
ATOM = "<feed xmlns='http://www.w3.org/2005/Atom'><title>{}</title>{}</feed>"
ENTRY = "<entry><id>urn:1</id><title>{}</title><summary>{}</summary><author><name>{}</name></author></entry>"


@pytest.mark.parametrize("text", INVISIBLE)
async def test_author_without_a_visible_name_is_the_feed(text: str) -> None:
    page = await poll(reply(ATOM.format("Quay", ENTRY.format("One", "Words", text))))
    assert [post.author.name for post in page.posts] == ["Quay"]
    page = await poll(reply(ATOM.format(text, ENTRY.format("One", "Words", text))))
    assert [post.author.name for post in page.posts] == ["harbour.example"]


@pytest.mark.parametrize("text", INVISIBLE)
async def test_entry_without_a_visible_character_is_empty(text: str) -> None:
    empty = ("Empty entry 1: it has no title, text or picture.",)
    page = await poll(reply(ATOM.format("Quay", ENTRY.format(text, text, "Ada"))))
    assert (page.posts, page.broken) == ((), empty)
    page = await poll(reply(UNDATED.format(f"<item><description>&lt;p&gt;{text}&lt;/p&gt;</description></item>")))
    assert (page.posts, page.broken) == ((), empty)
    feed = {"items": [{"id": "1", "title": text, "content_html": f"<p>{text}</p>", "content_text": text}]}
    page = await poll(reply(json.dumps(feed)))
    assert (page.posts, page.broken) == ((), empty)


@pytest.mark.parametrize("text", INVISIBLE)
async def test_invisible_title_beside_words_is_none(text: str) -> None:
    page = await poll(reply(ATOM.format("Quay", ENTRY.format(text, "Words", "Ada"))))
    assert [(post.title, post.html) for post in page.posts] == [("", "<p>Words</p>")]


@pytest.mark.parametrize(
    "text", ["\U0001f600", "…", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\u2764\ufe0f", "8", "한"]
)
async def test_sign_alone_is_visible(text: str) -> None:
    page = await poll(reply(ATOM.format("Quay", ENTRY.format("", text, text))))
    assert [(post.html, post.author.name) for post in page.posts] == [(f"<p>{text}</p>", text)]
