"""Cases whose right outcome is seen on the page alone: what fits a screen, whose name it is, which codes are drawn."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect

from tests.cases.served import CaseServer
from tests.e2e.visit import HALL, PHONE, Visit, open_wall
from tests.wall_server import WallServer

ROOM = """() => [...document.querySelectorAll('.feed > article[data-key]')].map((card) => {
  const { top, bottom } = card.getBoundingClientRect()
  const padding = parseFloat(getComputedStyle(card).paddingBottom)
  return {
    off: card.hasAttribute('data-off'),
    cut: card.lastElementChild.getBoundingClientRect().bottom + padding > bottom + 1,
    inside: top >= 0 && bottom <= innerHeight,
  }
})"""
TOO_WIDE = """() => [...document.querySelectorAll('.feed > article[data-key]')].flatMap((card) =>
  [...card.querySelectorAll('*')]
    .filter((part) => part.getBoundingClientRect().right > card.getBoundingClientRect().right + 1)
    .map((part) => part.className || part.localName),
)"""
WHOLE = {"off": False, "cut": False, "inside": True}


def follow(server: WallServer, case: CaseServer) -> None:
    server.run("wall", "create", "hall", "--name", "The hall")
    server.run("follow", f"#{case.case.hashtag}", "--on", case.url, "--wall", "hall")


async def visit_at(browser: Browser, server: WallServer, size: ViewportSize, query: str | None = None) -> Visit:
    context = await browser.new_context(viewport=size)
    return await open_wall(await context.new_page(), server, query=query)


async def test_card_as_high_as_the_screen_is_shown_whole_at_every_height(
    browser: Browser, wall_server: WallServer
) -> None:
    with CaseServer("portrait-photo-and-many-words") as case:
        follow(wall_server, case)
        for width, height in ((1920, 1080), (1920, 1079), (2560, 1440), (1600, 900), (1920, 1200)):
            visit = await visit_at(browser, wall_server, ViewportSize(width=width, height=height), "?screen")
            await visit.has_cards(2)
            await expect(visit.page.locator("article:not([data-off])")).to_have_count(2)
            assert (width, height, await visit.page.evaluate(ROOM)) == (width, height, [WHOLE, WHOLE])
            await visit.page.context.close()


async def test_invisible_names_are_the_users_own(page: Page, wall_server: WallServer) -> None:
    with CaseServer("invisible-names") as case:
        follow(wall_server, case)
        visit = await open_wall(page, wall_server)
        await visit.has_cards(4)
    assert await texts(visit, ".name") == ["ada", "bo", "cy", "di"]
    assert [letter.upper() for letter in await texts(visit, ".avatar")] == ["A", "B", "C", "D"]
    links = await texts(visit, "header .unseen")
    assert [link.split(" on ")[0] for link in links] == [
        f"The original by {name}" for name in ("ada", "bo", "cy", "di")
    ]


async def test_codes_of_any_script_are_drawn_and_times_are_not(page: Page, wall_server: WallServer) -> None:
    with CaseServer("emoji-named-in-other-scripts") as case:
        follow(wall_server, case)
        visit = await open_wall(page, wall_server)
        await visit.has_cards(2)
        named, said = visit.card("Here").locator(".name"), visit.card("Here").locator(".said")
        await expect(named.locator("img")).to_have_count(2)
        await expect(said.locator("img")).to_have_count(4)
    assert await alts(named) == [":鹅:", ":plain:"]
    assert await alts(said) == [":taneŝima_ĝojas:", ":鹅:", ":plain:", ":dash-ed.dot:"]
    assert await named.inner_text() == "Ada  10:30"
    assert visit.complaints == []


@pytest.mark.parametrize("size", [HALL, PHONE], ids=["hall", "phone"])
async def test_hundreds_of_hashtags_are_clamped_and_no_wider_than_their_card(
    browser: Browser, wall_server: WallServer, size: ViewportSize
) -> None:
    with CaseServer("four-hundred-hashtags") as case:
        follow(wall_server, case)
        visit = await visit_at(browser, wall_server, size)
        await visit.has_cards(4)
    assert await visit.page.evaluate(TOO_WIDE) == []
    assert await visit.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth") is True
    clamped = visit.card("word000ofthewall").locator("[data-clamp]")
    await expect(clamped).to_have_attribute("data-long", "")


async def test_sensitive_picture_under_a_warning_has_a_button_with_a_word(
    page: Page, wall_server: WallServer, mastodon: Any
) -> None:
    picture = mastodon.picture(alt="A hall")
    mastodon.post("Careful #conf", tags=["conf"], warning="Blood", media=[picture])
    wall_server.run("wall", "create", "hall", "--name", "The hall")
    wall_server.run("follow", "#conf", "--on", mastodon.url, "--wall", "hall")
    visit = await open_wall(page, wall_server)
    await visit.has_cards(1)
    outer, inner = (page.locator(".card summary").nth(at).locator(".act") for at in range(2))
    await expect(outer).to_have_text("Show", use_inner_text=True)
    await page.locator(".card summary").first.click()
    assert [await outer.inner_text(), await inner.inner_text()] == ["Hide", "Show"]
    await page.locator(".card summary").nth(1).click()
    assert [await outer.inner_text(), await inner.inner_text()] == ["Hide", "Hide"]


async def texts(visit: Visit, selector: str) -> list[str]:
    found = await visit.cards.locator(selector).all_text_contents()
    return [text.strip() for text in found]


async def alts(within: Any) -> list[str]:
    found: list[str] = await within.locator("img").evaluate_all("all => all.map((image) => image.alt)")
    return found
