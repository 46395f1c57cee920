"""Words can be read and the focus can be seen: on any screen, in either scheme, whatever a conference is called."""

from __future__ import annotations

import asyncio
import re
from itertools import product
from typing import Literal

import pytest
from playwright.async_api import Browser, Locator, Page, ViewportSize, expect

from tests.e2e.visit import CARD, DESK, HALL, PHONE, open_wall
from tests.fakes.mastodon_server import MastodonServer
from tests.wall_server import WallServer

SMALL = ViewportSize(width=320, height=640)
LONG = "#harbourfestivalofthenorthernshores"
Scheme = Literal["light", "dark"]
ACCENTS = ["#000000", "#ffffff", "#808080", "#ffff00", "#00ff00", "#ff00ff", "#0000ff"]

CONTRAST = """(words) => {
  const luminance = (colour) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d')
    canvas.fillStyle = colour
    canvas.fillRect(0, 0, 1, 1)
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((value) => value / 255)
      .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const clear = 'rgba(0, 0, 0, 0)'
  let ground = words
  while (ground.parentElement && getComputedStyle(ground).backgroundColor === clear) ground = ground.parentElement
  const both = [getComputedStyle(words).color, getComputedStyle(ground).backgroundColor].map(luminance)
  return (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05)
}"""

PLACE_OF_HASHTAG = """(say) => {
  const [outer, words] = [say.getBoundingClientRect(), say.querySelector('strong').getBoundingClientRect()]
  const name = document.querySelector('h1').getBoundingClientRect()
  return {
    cut: words.left < outer.left - 1 || words.right > outer.right + 1 || words.bottom > outer.bottom + 8,
    outside: words.left < 0 || words.right > innerWidth,
    lines: Math.round(words.height / parseFloat(getComputedStyle(say.querySelector('strong')).lineHeight)),
    crowded: words.top < name.bottom && name.right > words.left,
  }
}"""

HIDDEN_FOCUS = """() => {
  const focus = document.activeElement
  const head = [...document.querySelectorAll('.mast, .bar')].find((one) => one.offsetHeight && !one.contains(focus))
  if (!head || focus === document.body || focus.closest('.mast') || focus.matches('.skip, main')) return null
  const { top, bottom } = focus.getBoundingClientRect()
  const seen = top < innerHeight && bottom > head.getBoundingClientRect().bottom
  return seen ? null : `${focus.localName} at ${Math.round(top)} to ${Math.round(bottom)}: ${focus.textContent.trim()}`
}"""


async def test_list_of_walls_can_be_read_in_every_colour(
    browser: Browser, wall_server: WallServer, mastodon: MastodonServer
) -> None:
    for number, accent in enumerate(ACCENTS):
        slug = f"wall{number}"
        wall_server.run("wall", "create", slug, "--name", slug, "--hashtag", f"#{slug}", "--accent", accent)
        wall_server.run("follow", f"#{slug}", "--on", mastodon.url, "--wall", slug)
    too_faint = {}
    cases: list[tuple[ViewportSize, Scheme]] = [(HALL, "light"), (HALL, "dark"), (PHONE, "light"), (PHONE, "dark")]
    for size, scheme in cases:
        page = await (await browser.new_context(viewport=size, color_scheme=scheme)).new_page()
        await page.goto(wall_server.url)
        words = page.locator(".mark, h1, .lead, .name, .tag, .heard, .screen")
        await expect(words).to_have_count(3 + 4 * len(ACCENTS))
        for each in await words.all():
            if (contrast := await _of(each)) < 4.5:
                too_faint[size["width"], scheme, await each.inner_text()] = contrast
    assert too_faint == {}


async def _of(words: Locator) -> float:
    contrast: float = await words.evaluate(CONTRAST)
    return contrast


@pytest.mark.parametrize("address", ["/", "/nowhere"], ids=["index", "notice"])
async def test_plain_pages_are_as_light_on_a_large_screen_as_at_a_desk(
    browser: Browser, rehearsed: WallServer, address: str
) -> None:
    page = await (await browser.new_context(viewport=HALL, color_scheme="light")).new_page()
    await page.goto(rehearsed.url + address)
    colours = "() => [document.body, document.querySelector('a')].map((one) => getComputedStyle(one).color)"
    large = await page.evaluate(colours)
    await page.set_viewport_size(DESK)
    assert await page.evaluate(colours) == large


@pytest.mark.parametrize("size", [DESK, PHONE, SMALL], ids=["desk", "phone", "small"])
async def test_focus_is_never_under_the_head(browser: Browser, rehearsed: WallServer, size: ViewportSize) -> None:
    page = await (await browser.new_context(viewport=size, reduced_motion="reduce")).new_page()
    visit = await open_wall(page, rehearsed, "rehearsal")
    await visit.has_cards(60)
    hidden = [*await _tab(page, "Tab", 40), *await _tab(page, "Shift+Tab", 38)]
    assert hidden == []


async def _tab(page: Page, key: str, times: int) -> list[str]:
    """Everything that had the focus and could not be seen."""
    found = []
    for _ in range(times):
        await page.keyboard.press(key)
        found.append(await page.evaluate(HIDDEN_FOCUS))
    return [each for each in found if each]


async def test_long_hashtag_is_whole(page: Page, wall_server: WallServer, mastodon: MastodonServer) -> None:
    wall_server.run("wall", "create", "hall", "--name", "The northern shores", "--hashtag", LONG)
    wall_server.run("follow", LONG, "--on", mastodon.url, "--wall", "hall")
    say, found = page.locator(".say"), {}
    for size, letters in product((SMALL, PHONE, HALL), ("100%", "200%")):
        await page.set_viewport_size(size)
        await open_wall(page, wall_server)
        await page.evaluate("(size) => (document.documentElement.style.fontSize = size)", letters)
        await expect(say.locator("strong")).to_have_text(LONG)
        found[size["width"], letters] = await say.evaluate(PLACE_OF_HASHTAG)
    whole = {"cut": False, "outside": False, "crowded": False, "lines": 0}
    assert {case: place | {"lines": 0} for case, place in found.items()} == dict.fromkeys(found, whole)
    assert max(place["lines"] for place in found.values()) <= 2


async def test_removed_wall_shows_a_link_and_no_invitation(page: Page, wall_server: WallServer) -> None:
    wall_server.run("wall", "create", "hall", "--name", "The hall", "--hashtag", "#tag")
    visit = await open_wall(page, wall_server)
    await expect(page.locator(".say")).to_be_visible()
    await asyncio.to_thread(wall_server.run, "wall", "remove", "hall", "--yes")
    await visit.has_mark("removed")
    await expect(page.locator(".say, .qr")).to_have_count(0)
    await page.get_by_role("link", name="See the walls of this server").click()
    await expect(page).to_have_url(re.compile(r":\d+/$"))


async def test_mark_of_a_picture_is_called_what_it_says(page: Page, rehearsed: WallServer) -> None:
    await open_wall(page, rehearsed, "rehearsal")
    mark = page.locator(f"{CARD} summary", has_text="ALT").first
    await expect(mark).to_have_accessible_name("ALT description of the picture")
