"""The first screen is in the HTML itself: readable without scripts, taken over without a jump or a complaint."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, ViewportSize, expect

from tests.e2e.visit import CARD, DESK, HALL, PHONE, Visit, open_wall
from tests.wall_server import WallServer

SIZES = pytest.mark.parametrize("size", [HALL, DESK, PHONE], ids=["hall", "desk", "phone"])
ASSETS = re.compile(
    r"/w/rehearsal|/assets/[\w.-]+\.(css|woff2)|/media/\w+/[sl]\.webp|/favicon\.svg"
    r"|/w/rehearsal/manifest\.webmanifest|/icon-\d+\.png"
)
JUMPS = """
    window.jumps = []
    new PerformanceObserver((list) => {
      for (const one of list.getEntries()) {
        const moved = one.sources.map(({ node }) => node?.className || node?.nodeName)
        jumps.push({ value: one.value, moved: moved.join(', ') })
      }
    }).observe({ type: 'layout-shift', buffered: true })
"""


@SIZES
async def test_page_is_readable_without_scripts(browser: Browser, rehearsed: WallServer, size: ViewportSize) -> None:
    context = await browser.new_context(viewport=size, java_script_enabled=False)
    visit = await open_wall(await context.new_page(), rehearsed, "rehearsal", live=False)
    await visit.has_cards(60)
    first = visit.cards.first
    await expect(first).to_be_in_viewport()
    await expect(first.locator(".said")).not_to_be_empty()
    await expect(first.locator(".name")).not_to_be_empty()
    await expect(visit.page.get_by_role("link", name="Reload")).to_have_count(int(size != HALL))
    await expect(visit.mark).to_have_text(re.compile(r"As of \d\d:\d\d"))
    assert await narrow_enough(visit)
    assert await visit.page.locator("noscript meta[http-equiv=refresh]").count() == (size == HALL)
    assert [address for address in visit.requests if not ASSETS.fullmatch(urlsplit(address).path)] == scripts(visit)


def scripts(visit: Visit) -> list[str]:
    """Chromium asks for modules that the page names even where it will not run them."""
    return [address for address in visit.requests if address.endswith(".js")]


async def narrow_enough(visit: Visit) -> bool:
    """Whether nothing must be scrolled to the side (read by the browser, since the page has no scripts).

    A hall cannot be scrolled: there each card is whole, or beyond the right edge.
    """
    boxes = [await card.bounding_box() for card in await visit.page.locator(CARD).all()]
    size = visit.page.viewport_size or DESK
    if size == HALL:
        seen = [box for box in boxes if box and box["x"] < size["width"]]
        return len(seen) > 3 and all(box["y"] + box["height"] <= size["height"] for box in seen)
    return all(box is None or (box["x"] >= 0 and box["x"] + box["width"] <= size["width"]) for box in boxes)


@SIZES
async def test_page_is_taken_over_without_a_jump_or_a_complaint(
    browser: Browser, rehearsed: WallServer, size: ViewportSize
) -> None:
    context = await browser.new_context(viewport=size)
    await context.add_init_script(JUMPS)
    visit = await open_wall(await context.new_page(), rehearsed, "rehearsal")
    await visit.page.wait_for_function(
        """() => document.fonts.status === 'loaded' && [...document.querySelectorAll('.feed img')].every((one) =>
          one.complete || one.getBoundingClientRect().top > innerHeight * 2)"""
    )
    await visit.page.wait_for_timeout(1_000)  # nothing to wait for: this is where nothing may happen
    jumps = await visit.page.evaluate("jumps")
    assert sum(jump["value"] for jump in jumps) < 0.05, jumps
    assert visit.complaints == []


async def test_browser_draws_the_cards_that_the_server_drew(browser: Browser, rehearsed: WallServer) -> None:
    plain = await browser.new_context(java_script_enabled=False)
    scripted = await browser.new_context()
    drawn = await open_wall(await plain.new_page(), rehearsed, "rehearsal", live=False)
    taken_over = await open_wall(await scripted.new_page(), rehearsed, "rehearsal")
    assert await drawn.keys() == await taken_over.keys()
    words = f"{CARD} .said"
    assert (
        await drawn.page.locator(words).all_text_contents() == await taken_over.page.locator(words).all_text_contents()
    )
