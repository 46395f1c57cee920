"""A comment or a section that never ends costs its own entry: whatever follows is read."""

from __future__ import annotations

import pytest

from connectors.syndication.nesting import REFUTED_AT_MOST
from connectors.syndication.outline import outline
from tests.connectors.networks.feeds.test_connector import UNDATED, poll, reply
from tests.connectors.networks.feeds.test_damage import item, titles

LOST = "<item><title>B</title><guid>b</guid>{}</item>"
PLAIN = [item(str(n)) for n in range(1, 6)]
ENTRIES = {
    "plain": PLAIN,
    "sections": [item(str(n), f"<![CDATA[words {n}]]>") for n in range(1, 6)],
    "sections in titles": [entry.replace("Title", "<![CDATA[Title]]>") for entry in PLAIN],
    "comments": [entry.replace("<item>", "<item><!-- c -->") for entry in PLAIN],
    "arrows": [item(str(n), "a --> b ?> c") for n in range(1, 6)],
}
FOOTERS = {
    "nothing": "",
    "comment": "<!-- Dynamic page generated in 0.1 seconds. -->",
    "arrow": "-->",
    "section": "<x><![CDATA[y]]></x>",
    "instruction": "<?php echo 1 ?>",
}


@pytest.mark.parametrize("footer", FOOTERS)
@pytest.mark.parametrize("entries", ENTRIES)
@pytest.mark.parametrize(
    "lost", ["<!-- lost <description>x</description>", "<link>x</link><?php lost", "<![CDATA[lost"]
)
async def test_section_that_never_ends_in_an_entry_takes_no_other(lost: str, entries: str, footer: str) -> None:
    one, *others = ENTRIES[entries]
    sound = await poll(reply(UNDATED.format("".join([one, *others])) + FOOTERS[footer]))
    page = await poll(reply(UNDATED.format("".join([one, LOST.format(lost), *others])) + FOOTERS[footer]))
    assert [post for post in page.posts if post.title != "B"] == list(sound.posts)
    assert len(sound.posts) == 5


@pytest.mark.parametrize("lost", ["<description><![CDATA[x</description>", "<description><![CDATA[x]] ></description>"])
async def test_section_that_never_ends_in_a_text_takes_no_other_title(lost: str) -> None:
    others = [item(str(n), f"<![CDATA[words {n}]]>").replace(f"Title {n}", f"<![CDATA[Title {n}]]>") for n in (1, 3, 4)]
    page = await poll(reply(UNDATED.format("".join([others[0], LOST.format(lost), *others[1:]]))))
    assert titles(page) == ["Title 1", "Title 3", "Title 4"]
    assert page.broken == ("Unreadable entry 2: a comment or a section in it never ends.",)


async def test_section_between_two_titles_of_an_entry_is_two_entries() -> None:
    one, three = (item(str(n)).replace("<title>", "<![CDATA[ ]]><title>") for n in (1, 3))
    page = await poll(reply(UNDATED.format(one + LOST.format("<![CDATA[lost") + three + item("4", "<b>"))))
    assert titles(page) == ["Title 1", "Title 3", "Title 4"]


async def test_section_inside_a_tag_takes_no_other_entry() -> None:
    entries = [item(str(n), f"<![CDATA[words {n}]]>") for n in (1, 2, 3)]
    entries[1] = entries[1].replace("</description>", "</descr<![CDATA[")
    page = await poll(reply(UNDATED.format("".join(entries))))
    assert titles(page) == ["Title 1", "Title 3"]


@pytest.mark.parametrize(
    "text",
    [
        "<![CDATA[how <item> works]]></b>",
        "<![CDATA[how </item><item> works]]></b>",
        "<b><![CDATA[how <item> works]]>",
        "<![CDATA[how <b>x</b> </item> <item> works]]></b>",
        "5 < <![CDATA[how <item> works]]>",
        "5 < <![CDATA[how </item><item> works]]>",
        "<3 <![CDATA[how <item> works]]>",
    ],
)
async def test_text_that_speaks_of_entries_is_read_beside_stray_markup(text: str) -> None:
    entry = f"<item><title>q &</title><description>{text}</description></item><item><title>z</title></item>"
    page = await poll(reply(UNDATED.format(entry)))
    assert ([post.title for post in page.posts], page.broken) == (["z", "q &"], ())
    assert "works" in page.posts[1].html


async def test_many_ends_are_not_all_searched() -> None:
    """Beyond the limit the time counts for more, and an entry behind an unended section is lost and told."""
    broken = "<item><title>{0}</title><x><![CDATA[</item><item><title>{0}b</title><!-- c --><y><![CDATA[w]]></y></item>"
    page = await poll(reply(UNDATED.format("".join(broken.format(n) for n in range(REFUTED_AT_MOST + 3)))))
    assert (len(page.posts), len(page.broken)) == (REFUTED_AT_MOST, REFUTED_AT_MOST + 6)


@pytest.mark.unmeasured
@pytest.mark.parametrize(
    "text",
    [
        "<item><x><![CDATA[</item><item><y><![CDATA[]]></y></item>",
        "<item><![CDATA[<entry><![CDATA[",
        "<item><!--</item>",
        "<item>" + "<a>" * 20 + "</b>" * 20 + "<![CDATA[</item>",
        "<aaaa" * 10,
        "]]><!--",
    ],
)
def test_unended_sections_take_linear_time(text: str) -> None:
    outline(f"<rss><channel>{text * (1_000_000 // len(text))}]]>--></channel></rss>".encode())
