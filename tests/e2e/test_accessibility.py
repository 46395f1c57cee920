"""Accessibility: axe finds nothing, the keyboard reaches everything, and reduced motion is respected."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from tests.e2e.archives import numbered, play
from tests.e2e.visit import DESK, HALL, PHONE, Visit, open_wall
from tests.fakes.mastodon_server import MastodonServer
from tests.wall_server import WallServer

LONG = " ".join(f"Sentence {number} about the tide and the pier." for number in range(40))


async def faults(page: Page) -> dict[str, list[str]]:
    """The page's violations found by axe: rule → elements."""
    found: list[dict[str, Any]] = (await Axe().run(page)).response["violations"]
    return {f"{one['id']}: {one['help']}": [node["html"][:200] for node in one["nodes"]] for one in found}


@pytest.mark.parametrize(
    ("size", "scheme"),
    [(HALL, "dark"), (DESK, "light"), (DESK, "dark"), (PHONE, "light"), (PHONE, "dark")],
    ids=["hall", "desk-light", "desk-dark", "phone-light", "phone-dark"],
)
async def test_axe_finds_nothing_on_the_wall(browser: Browser, rehearsed: WallServer, size: Any, scheme: Any) -> None:
    context = await browser.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce")
    visit = await open_wall(await context.new_page(), rehearsed, "rehearsal")
    await visit.has_cards(60)
    if size == HALL:
        await visit.page.mouse.move(600, 600)
        await expect(visit.page.get_by_role("button", name="Full screen")).to_be_visible()
    assert await faults(visit.page) == {}


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
async def test_axe_finds_nothing_where_everything_is_opened(browser: Browser, rehearsed: WallServer, size: Any) -> None:
    context = await browser.new_context(viewport=size, reduced_motion="reduce")
    visit = await open_wall(await context.new_page(), rehearsed, "rehearsal")
    await visit.has_cards(60)
    opened = await visit.page.evaluate(
        """() => {
          const all = [...document.querySelectorAll('details')]
          for (const each of all) each.open = true
          for (const more of document.querySelectorAll('[data-long] > button')) more.click()
          return all.length
        }"""
    )
    assert opened > 3
    assert await faults(visit.page) == {}
    await context.close()


async def test_escape_closes_what_was_opened_in_a_post(page: Page, rehearsed: WallServer) -> None:
    await open_wall(page, rehearsed, "rehearsal")
    mark = page.locator(".feed summary").first
    await mark.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator(".feed details[open]")).to_have_count(1)
    await page.keyboard.press("Tab")
    await page.keyboard.press("Escape")
    await expect(page.locator(".feed details[open]")).to_have_count(0)
    await expect(mark).to_be_focused()


async def test_letters_do_nothing_once_they_are_turned_off(page: Page, rehearsed: WallServer) -> None:
    """Users of speech input would otherwise trigger them (WCAG 2.2, 2.1.4)."""
    await open_wall(page, rehearsed, "rehearsal")
    cards = page.locator(".feed > :focus")
    await page.keyboard.press("j")
    await expect(cards).to_have_count(1)
    await page.get_by_role("button", name="About this wall").click()
    await page.get_by_role("checkbox").uncheck()
    await page.keyboard.press("Escape")
    await page.keyboard.press("j")
    await expect(cards).to_have_count(0)


async def test_reader_can_pause_what_comes(page: Page, wall_server: WallServer, tmp_path: Path) -> None:
    play(wall_server, tmp_path, numbered("first", 3))
    visit = await open_wall(page, wall_server)
    await visit.has_cards(3)
    pause = page.get_by_role("button", name="Pause new posts")
    await pause.click()
    await expect(pause).to_have_attribute("aria-pressed", "true")
    await visit.has_mark("paused")
    await asyncio.to_thread(play, wall_server, tmp_path, numbered("second", 2))
    await expect(page.get_by_role("button", name="2 new")).to_be_visible()
    await expect(page).to_have_title(re.compile(r"^\(2\) "))
    await visit.has_cards(3)
    await pause.click()
    await visit.has_cards(5)
    await visit.is_live()


@pytest.mark.parametrize("address", ["/", "/w/nowhere"], ids=["index", "not-found"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_on_plain_pages(
    browser: Browser, rehearsed: WallServer, address: str, scheme: Any
) -> None:
    context = await browser.new_context(viewport=PHONE, color_scheme=scheme)
    page = await context.new_page()
    await page.goto(rehearsed.url + address)
    await expect(page.locator("h1")).to_be_visible()
    assert await faults(page) == {}


async def test_empty_wall_and_what_it_says_of_itself_are_clean_too(page: Page, wall_server: WallServer) -> None:
    wall_server.run("wall", "create", "hall", "--name", "The hall", "--hashtag", "#hall")
    visit = await open_wall(page, wall_server)
    await expect(page.locator("main").get_by_text("No posts yet")).to_be_visible()
    assert await faults(visit.page) == {}
    await page.get_by_role("button", name="About this wall").click()
    await expect(page.get_by_role("dialog", name="About this wall")).to_be_visible()
    assert await faults(visit.page) == {}
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="About this wall")).to_be_focused()


async def test_keyboard_reaches_and_works_everything(
    page: Page, wall_server: WallServer, mastodon: MastodonServer
) -> None:
    wall_server.run("wall", "create", "hall", "--name", "The hall")
    wall_server.run("follow", "#tag", "--on", mastodon.url, "--wall", "hall")
    [first, second, third] = [f"2026-06-09T08:0{minute}:00.000Z" for minute in (1, 2, 3)]
    mastodon.post("The end of the play", tags=["tag"], warning="Gives the end away", created_at=first)
    boats = mastodon.picture(alt="Three boats at low tide")
    mastodon.post("The harbour", tags=["tag"], media=[boats], created_at=second)
    mastodon.post(LONG, tags=["tag"], created_at=third)
    visit = await open_wall(page, wall_server)
    await visit.has_cards(3)
    await expect(page.locator(".mosaic img")).to_have_count(1)

    await page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the posts")
    await expect(skip).to_be_focused()
    await expect(skip).to_be_in_viewport()
    await page.keyboard.press("Enter")
    await expect(page.locator("main")).to_be_focused()

    more = page.get_by_role("button", name="More", exact=True)
    await tab_to(visit, "button")
    await expect(more).to_be_focused()
    await page.keyboard.press("Enter")
    less = page.get_by_role("button", name="Less", exact=True)
    await expect(less).to_be_focused()
    await expect(less).to_have_attribute("aria-expanded", "true")

    words = page.get_by_text("Three boats at low tide")
    await expect(words).to_be_hidden()
    await tab_to(visit, "summary")
    await page.keyboard.press("Enter")
    await expect(words).to_be_visible()

    folded = page.get_by_text("The end of the play")
    await expect(folded).to_be_hidden()
    await tab_to(visit, "summary")
    await page.keyboard.press("Enter")
    await expect(folded).to_be_visible()


async def tab_to(visit: Visit, element: str) -> None:
    """Press Tab until such an element has the focus, which must be seen there."""
    for _ in range(30):
        await visit.page.keyboard.press("Tab")
        focus = visit.page.locator(":focus")
        if await focus.evaluate("(focus, name) => focus.localName === name", element):
            await expect(focus).to_be_in_viewport()
            assert await focus.evaluate("(focus) => getComputedStyle(focus).outlineStyle") != "none"
            return
    raise AssertionError(f"Tab never came to a {element}")


NOTE_MOTION = """
    window.moved = []
    for (const kind of ['animationstart', 'transitionrun']) {
      document.addEventListener(kind, ({ target }) => {
        for (const one of target.getAnimations()) {
          const frames = one.effect.getKeyframes()
          const moving = ['transform', 'translate', 'scale', 'rotate', 'top', 'left']
          moved.push(...moving.filter((name) => frames.some((frame) => name in frame)))
        }
      })
    }
"""


@pytest.mark.parametrize(("wish", "moves"), [("reduce", False), ("no-preference", True)])
async def test_arrivals_move_only_where_motion_is_welcome(
    browser: Browser, wall_server: WallServer, tmp_path: Path, wish: Any, *, moves: bool
) -> None:
    play(wall_server, tmp_path, numbered("first", 5))
    context = await browser.new_context(viewport=DESK, reduced_motion=wish)
    await context.add_init_script(NOTE_MOTION)
    visit = await open_wall(await context.new_page(), wall_server)
    await visit.has_cards(5)
    await asyncio.to_thread(play, wall_server, tmp_path, numbered("second", 1))
    await visit.shows("second 001.")
    await visit.page.wait_for_function(
        "() => document.getAnimations().every((one) => one.playState === 'finished' || one.effect.getTiming().delay > 0"
        " || one.effect.getTiming().iterations === Infinity)"
    )
    assert bool(await visit.page.evaluate("moved")) is moves
