"""Entries with an element that never ends: it ends before the next one, and costs no other."""

from __future__ import annotations

import pytest

from connectors.syndication.rss_atom import decode
from tests.connectors.networks.feeds.test_damage import item

URL = "https://harbour.example/feed"
SOUND = item("2")


@pytest.mark.parametrize(
    "damaged",
    [
        SOUND.replace("</title>", ""),
        SOUND.replace("Title 2</title>", "<![CDATA[Title 2]]>\n"),
        SOUND.replace("</guid>", ""),
        SOUND.replace("</title>", "").replace("</guid>", ""),
        SOUND.replace("<title>Title 2</title>", "").replace("</item>", "<title>Title 2</item>"),
    ],
)
def test_short_element_without_an_end_takes_nothing_with_it(damaged: str) -> None:
    def read(middle: str) -> object:
        entries = "".join([item("1"), middle, item("3")])
        feed = decode(f"<rss version='2.0'><channel><title>T</title>{entries}</channel></rss>".encode(), URL)
        assert feed is not None
        return [(entry.title.strip(), entry.id, entry.link, entry.summary) for entry in feed.entries], feed.broken

    assert damaged != SOUND
    assert read(damaged) == read(SOUND)


@pytest.mark.parametrize("title", ["About &lt;link&gt; tags", "<![CDATA[About <link> tags]]>", "<![CDATA[No end"])
def test_title_that_speaks_of_elements_ends_where_it_says(title: str) -> None:
    entries = item("1").replace("Title 1", title) + item("3").replace("</guid>", "")
    feed = decode(f"<rss version='2.0'><channel>{entries}</channel></rss>".encode(), URL)
    assert feed is not None
    assert [entry.title for entry in feed.entries][-1] == "Title 3"
    assert len(feed.entries) == 1 or "About" in feed.entries[0].title
