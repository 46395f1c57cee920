"""The keyboard's focus when what has it leaves the page."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.e2e.archives import numbered, play
from tests.e2e.visit import DESK, Visit, open_wall
from tests.wall_server import WallServer

FOCUS = "() => document.activeElement.closest('article')?.dataset.key ?? document.activeElement.id"


async def open_tides(browser: Browser, server: WallServer, folder: Path, count: int) -> Visit:
    play(server, folder, numbered("tide", count))
    page = await (await browser.new_context(viewport=DESK)).new_page()
    visit = await open_wall(page, server, query="")
    await visit.has_cards(count)
    return visit


async def hide(server: WallServer, visit: Visit, key: str) -> None:
    await asyncio.to_thread(server.run, "hide", key)
    await visit.comes_true("(key) => !document.querySelector(`[data-key='${key}']`)", key)


@pytest.mark.parametrize("keys", [["j"], ["j", "Tab"], ["j"] * 15], ids=["card", "name", "further down"])
async def test_focus_moves_to_the_neighbour_of_a_card_that_leaves(
    browser: Browser, wall_server: WallServer, tmp_path: Path, keys: list[str]
) -> None:
    visit = await open_tides(browser, wall_server, tmp_path, 30)
    for key in keys:
        await visit.page.keyboard.press(key)
    before, had = await visit.keys(), await visit.page.evaluate(FOCUS)
    await hide(wall_server, visit, had)
    assert await visit.page.evaluate(FOCUS) == before[before.index(had) + 1]
    assert await visit.page.evaluate("() => document.activeElement.getBoundingClientRect().top < innerHeight")


async def test_focus_of_the_last_and_of_the_only_card_is_not_lost(
    browser: Browser, wall_server: WallServer, tmp_path: Path
) -> None:
    visit = await open_tides(browser, wall_server, tmp_path, 2)
    first, last = await visit.keys()
    for _ in range(2):
        await visit.page.keyboard.press("j")
    await hide(wall_server, visit, last)
    assert await visit.page.evaluate(FOCUS) == first
    await hide(wall_server, visit, first)
    assert await visit.page.evaluate(FOCUS) == "posts"


async def test_focus_stays_in_an_opened_sheet(browser: Browser, wall_server: WallServer, tmp_path: Path) -> None:
    visit = await open_tides(browser, wall_server, tmp_path, 3)
    await visit.page.locator("button.say").click()
    await visit.comes_true("() => document.querySelector('dialog[open]')?.contains(document.activeElement)")
    await hide(wall_server, visit, (await visit.keys())[0])
    assert await visit.page.evaluate("() => document.querySelector('dialog[open]').contains(document.activeElement)")
