"""The options of a hall's screen at their ends: large type, many columns, no pictures, no header."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, ViewportSize, expect

from tests.e2e.archives import numbered, play
from tests.e2e.test_screens import WORDS
from tests.e2e.visit import HALL, PHONE, SOON, open_wall
from tests.fakes.mastodon_server import MastodonServer
from tests.wall_server import WallServer

CUT = """() => [...document.querySelectorAll('.feed > article:not([data-off])')].filter((card) => {
  const { paddingBottom } = getComputedStyle(card)
  const end = Math.max(...[...card.children].map((part) => part.getBoundingClientRect().bottom))
  const { bottom } = card.getBoundingClientRect()
  return end + parseFloat(paddingBottom) > bottom + 1 || bottom > innerHeight
}).length"""
"""The number of cards that don't show all of their parts."""
HEAD = "() => document.querySelector('.mast').offsetHeight / innerHeight"
SHOWN = ".feed > article:not([data-off])"
LONG_NAME = "The 14th International Conference on Digital Government and Public Services that Work for Everyone"


def post_high_ones(mastodon: MastodonServer) -> dict[str, dict[str, Any]]:
    """By tag, posts that are higher than a screen of large type."""
    choices = [{"title": f"Choice {number} of them all", "votes_count": number} for number in range(8)]
    poll = {"id": "1", "multiple": False, "expired": False, "votes_count": 28, "voters_count": 20}
    posts: dict[str, dict[str, Any]] = {
        "words": {},
        "warning": {"warning": f"{WORDS} {WORDS}"[:960]},
        "poll": {"poll": {**poll, "options": choices, "expires_at": "2030-01-01T00:00:00Z"}},
        "picture": {"media": [mastodon.picture(1000, 1400, alt="A lighthouse")]},
    }
    for tag, more in posts.items():
        mastodon.post(f"{WORDS} #{tag}", tags=[tag], **more)
    return posts


@pytest.mark.timeout(180)
async def test_no_card_is_cut_at_the_largest_scale(
    browser: Browser, wall_server: WallServer, mastodon: MastodonServer
) -> None:
    tags = list(post_high_ones(mastodon))
    for tag in tags:
        wall_server.run("wall", "create", tag, "--name", LONG_NAME, "--hashtag", tag)
        wall_server.run("follow", f"#{tag}", "--on", mastodon.url, "--wall", tag)
    for width, height in [(1280, 720), (1920, 1080), (1080, 1920)]:
        size = ViewportSize(width=width, height=height)
        page = await (await browser.new_context(viewport=size, reduced_motion="reduce")).new_page()
        for tag in tags:
            visit = await open_wall(page, wall_server, tag, query="?screen&scale=3")
            await visit.has_cards(1)
            await expect(page.locator(SHOWN)).to_have_count(1)
            assert (size, tag, await page.evaluate(CUT)) == (size, tag, 0)
            assert await page.evaluate(HEAD) < 0.4


async def test_large_type_leaves_no_screen_half_empty(browser: Browser, rehearsed: WallServer) -> None:
    context = await browser.new_context(viewport=HALL, reduced_motion="reduce")
    visit = await open_wall(await context.new_page(), rehearsed, "rehearsal", query="?screen&scale=2")
    await visit.has_cards(60)
    assert await visit.page.locator(SHOWN).count() > 1
    assert await visit.page.evaluate(CUT) == 0


async def test_no_more_columns_are_laid_than_can_be_read(browser: Browser, rehearsed: WallServer) -> None:
    context = await browser.new_context(viewport=HALL)
    visit = await open_wall(await context.new_page(), rehearsed, "rehearsal", query="?screen&columns=12")
    await visit.comes_true("() => document.querySelector('.feed').dataset.laid.startsWith('6 ')")


async def test_small_screen_has_its_name_and_facts_on_one_side(
    browser: Browser, wall_server: WallServer, tmp_path: Path
) -> None:
    play(wall_server, tmp_path, numbered("tide", 3))
    page = await (await browser.new_context(viewport=PHONE)).new_page()
    visit = await open_wall(page, wall_server, query="?screen")
    await visit.has_cards(3)
    starts = [(await page.locator(part).bounding_box() or {})["x"] for part in (".mast h1", ".mast .bar")]
    assert starts[0] <= starts[1] + 1
    assert await page.locator(".mast h1").evaluate("(name) => getComputedStyle(name).textAlign") == "left"
    await expect(page.locator(".mast h1")).to_have_css("align-self", "auto", timeout=SOON)
