"""The moderation queue in browsers: decisions by keyboard and thumb, two moderators, freeze, clear and undo."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.accounts import PASSWORD
from tests.e2e.archives import play
from tests.e2e.test_accessibility import faults
from tests.e2e.visit import DESK, PHONE, open_wall
from tests.wall_server import WallServer

KEYNOTE, COFFEE, TIDE = POSTS = ("The keynote begins", "Coffee is ready", "The tide is high")


@pytest.fixture(scope="module")
def staffed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WallServer]:
    """A server with two accounts: kim, its administrator, and sam."""
    server = WallServer(tmp_path_factory.mktemp("queue"))
    server.run("wall", "create", "lobby", "--name", "The lobby")
    server.start()
    kim = build_opener(HTTPCookieProcessor(CookieJar()))

    def post(path: str, **body: str) -> Any:
        headers = {"Content-Type": "application/json", "Origin": server.url}
        with kim.open(Request(server.url + path, json.dumps(body).encode(), headers)) as reply:
            return json.load(reply)

    try:
        link = json.loads(server.run("account", "link", "--json"))["url"].partition("#")[2]
        post("/api/setup", token=link, login="kim", name="Kim", password=PASSWORD)
        invitation = post("/api/walls/lobby/invitations", role="moderator")["url"].partition("#")[2]
        kim = build_opener()
        post("/api/invitations/accept", token=invitation, login="sam", name="Sam", password=PASSWORD)
        yield server
    finally:
        server.stop()


def held(server: WallServer, folder: Path, slug: str) -> None:
    """A new wall on which three posts wait for approval, the newest last; sam is a moderator there."""
    server.run("wall", "create", slug, "--name", f"The {slug}", "--mode", "approve")
    server.run("account", "role", "sam", "moderator", "--wall", slug)
    play(server, folder, POSTS, slug=slug)


async def moderator(browser: Browser, server: WallServer, slug: str, login: str = "kim", **options: Any) -> Page:
    """The queue of a wall, with its three posts."""
    context = await browser.new_context(**{"viewport": DESK, "locale": "en-GB", "reduced_motion": "reduce"} | options)
    account = {"login": login, "password": PASSWORD}
    reply = await context.request.post(f"{server.url}/api/session", data=account, headers={"Origin": server.url})
    assert reply.ok, await reply.text()
    page = await context.new_page()
    await page.goto(f"{server.url}/desk/w/{slug}")
    await expect(page.locator(".mark.live")).to_be_visible()
    await counts(page, all=3)
    return page


def card(page: Page, words: str) -> Locator:
    return page.locator("article[data-key]").filter(has_text=words)


async def counts(page: Page, **expected: int) -> None:
    """Wait until the tabs say so."""
    for tab, number in expected.items():
        name = f"{tab.title()}: {number} post{'' if number == 1 else 's'}"
        await expect(page.get_by_role("button", name=name, exact=True)).to_be_visible()


async def shows(page: Page, *words: str) -> None:
    """Wait until the list has exactly these posts, in this order."""
    await expect(page.locator("article[data-key] .said")).to_have_text(list(words))


async def swipe(page: Page, post: Locator, by: int) -> None:
    """Move a finger over a post, so many pixels to the right."""
    await post.scroll_into_view_if_needed()
    await page.wait_for_timeout(600)  # sooner, the browser takes it for the second half of a double tap
    box = await post.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2 - by / 2, box["y"] + 30
    client = await page.context.new_cdp_session(page)
    for step in range(6):
        kind = "touchStart" if not step else "touchMove"
        points = [{"x": x + by * step / 5, "y": y}]
        await client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    await client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


async def press_keys(page: Page, keys: str) -> None:
    for key in keys:
        await page.keyboard.press(key)


async def test_a_post_is_approved_by_keyboard_and_its_undo_takes_it_back(
    browser: Browser, staffed: WallServer, tmp_path: Path
) -> None:
    held(staffed, tmp_path, "keys")
    visit = await open_wall(await (await browser.new_context(viewport=DESK)).new_page(), staffed, "keys")
    page = await moderator(browser, staffed, "keys")
    await press_keys(page, "jj")
    await expect(card(page, COFFEE)).to_be_focused()
    await page.keyboard.press("a")
    await visit.shows(COFFEE)
    await counts(page, held=2, live=1)
    await expect(page.locator(".toast")).to_contain_text("Approved a post by Ada Example")
    await expect(card(page, KEYNOTE)).to_be_focused()

    await page.keyboard.press("u")
    await visit.shows_not(COFFEE)
    await expect(page.locator(".toast")).to_contain_text("Undone: Approved a post by Ada Example")
    await shows(page, TIDE, COFFEE, KEYNOTE)
    await expect(card(page, COFFEE)).to_be_focused()


async def test_the_second_moderator_is_told_who_was_first(
    browser: Browser, staffed: WallServer, tmp_path: Path
) -> None:
    held(staffed, tmp_path, "two")
    kim = await moderator(browser, staffed, "two")
    sam = await moderator(browser, staffed, "two", "sam")
    await card(sam, KEYNOTE).focus()
    await expect(card(kim, KEYNOTE)).to_contain_text("Sam is looking at this")
    await card(sam, COFFEE).focus()
    await expect(card(kim, COFFEE)).to_contain_text("Sam is looking at this")
    await expect(card(kim, KEYNOTE)).not_to_contain_text("looking at this")
    await sam.get_by_role("button", name="Hide the post by Ada Example").first.click()
    await expect(card(kim, TIDE)).to_contain_text("Now Hidden")
    await expect(card(kim, TIDE)).to_contain_text("sam hid this at")
    await counts(kim, held=2, hidden=1)

    # A decision that was on its way while the other's arrived is refused, and the truth is shown.
    await kim.route("**/api/walls/two/posts/*/approve", _seen_before)
    await card(kim, COFFEE).get_by_role("button", name="Approve").click()
    await expect(kim.locator(".toast [role=alert]")).to_contain_text("kim approved this at")
    await expect(card(kim, COFFEE)).to_contain_text("before you. Look again, then decide.")


async def _seen_before(route: Any) -> None:
    """Let the same decision come first: the request then names a version that has passed."""
    headers = {"Origin": route.request.url.partition("/api")[0]}
    assert (await route.request.frame.page.context.request.post(route.request.url, data={}, headers=headers)).ok
    await route.continue_()


async def test_an_author_is_blocked_and_unblocked(browser: Browser, staffed: WallServer, tmp_path: Path) -> None:
    held(staffed, tmp_path, "block")
    page = await moderator(browser, staffed, "block")
    await card(page, COFFEE).get_by_role("button", name="Block Ada Example, and hide").click()
    await counts(page, held=0, hidden=3)
    await expect(page.get_by_role("heading", name="Nothing waits")).to_be_visible()
    await page.get_by_role("button", name="Undo").click()
    await counts(page, held=3, hidden=0)
    await shows(page, TIDE, COFFEE, KEYNOTE)


async def test_a_selection_is_approved_then_frozen_cleared_and_undone(
    browser: Browser, staffed: WallServer, tmp_path: Path
) -> None:
    held(staffed, tmp_path, "clear")
    page = await moderator(browser, staffed, "clear")
    await page.get_by_role("checkbox", name="Select all 3 shown").check()
    await page.get_by_role("button", name="Approve the 3 selected").click()
    await expect(page.locator(".toast")).to_contain_text("Approved 3 posts")
    await counts(page, held=0, live=3)

    await page.keyboard.press("f")
    await expect(page.get_by_text("Frozen since")).to_be_visible()
    await page.keyboard.press("c")
    await page.get_by_role("radio", name="Last 15 minutes").check()
    await expect(page.get_by_text("This hides 3 posts")).to_be_visible()
    assert await faults(page) == {}
    await page.get_by_role("button", name="Clear 3 posts").click()
    await expect(page.locator(".toast")).to_contain_text("Cleared 3 posts")
    await counts(page, live=0, hidden=3)
    await page.keyboard.press("u")
    await expect(page.locator(".toast")).to_contain_text("Undone: Cleared 3 posts")
    await page.keyboard.press("u")
    await expect(page.get_by_text("Frozen since")).to_be_hidden()
    await counts(page, live=3, hidden=0)


async def test_the_tab_and_the_search_are_in_the_address(browser: Browser, staffed: WallServer, tmp_path: Path) -> None:
    held(staffed, tmp_path, "search")
    page = await moderator(browser, staffed, "search")
    await page.keyboard.press("/")
    await page.keyboard.type("TIDE ada")
    await shows(page, TIDE)
    await page.get_by_role("button", name="Live: 0 posts").click()
    await expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()
    assert page.url.endswith("?tab=live&q=TIDE+ada")
    await page.go_back()
    await shows(page, TIDE)


async def test_arrivals_wait_above_and_letters_can_be_switched_off(
    browser: Browser, staffed: WallServer, tmp_path: Path
) -> None:
    held(staffed, tmp_path, "calm")
    page = await moderator(browser, staffed, "calm")
    await page.keyboard.press("j")
    before = await card(page, TIDE).bounding_box()
    play(staffed, tmp_path, ["A gull has landed"], slug="calm")
    await expect(page.get_by_role("button", name="1 new")).to_be_visible()
    assert await card(page, TIDE).bounding_box() == before
    await page.keyboard.press("?")
    await page.get_by_role("button", name="Choose other keys").click()
    await page.get_by_role("textbox", name="Key of “Next post”").fill("h")
    await expect(page.get_by_text("“h” is the key of “Hide”.")).to_be_visible()
    await page.get_by_role("textbox", name="Key of “Next post”").fill("w")
    assert await faults(page) == {}
    await page.get_by_role("button", name="Close", exact=True).click()
    await press_keys(page, "w?")
    await expect(card(page, COFFEE)).to_have_class(re.compile("current"))
    await page.get_by_role("checkbox", name="Single letters do something").uncheck()
    await page.get_by_role("button", name="Close", exact=True).click()
    await page.keyboard.press(".")
    await page.get_by_role("button", name="1 new").click()
    await expect(page.locator("article[data-key]").first).to_contain_text("A gull has landed")
    await expect(page.locator("article[data-key]").first).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_thumb_decides_and_axe_finds_nothing(
    browser: Browser, staffed: WallServer, tmp_path: Path, scheme: Any
) -> None:
    slug = f"thumb-{scheme}"
    held(staffed, tmp_path, slug)
    page = await moderator(browser, staffed, slug, viewport=PHONE, has_touch=True, is_mobile=True, color_scheme=scheme)
    await card(page, TIDE).get_by_role("button", name="More about").tap()
    await card(page, TIDE).get_by_role("button", name="Nugget").tap()
    await expect(card(page, TIDE).get_by_role("button", name="Nugget")).to_have_attribute("aria-pressed", "true")
    await card(page, TIDE).get_by_role("button", name="Hide the post by Ada Example", exact=True).tap()
    await counts(page, held=2, hidden=1)
    await swipe(page, card(page, COFFEE), 200)
    await expect(page.locator(".toast")).to_contain_text("Approved a post by Ada Example")
    await counts(page, held=1, live=1)
    await page.get_by_role("button", name="Undo").click()
    await counts(page, held=2, live=0)
    await swipe(page, card(page, COFFEE), -40)  # not far enough
    await page.get_by_role("button", name="View of the queue").click()
    await page.get_by_role("radio", name="Grey").check()
    assert await faults(page) == {}
    await page.get_by_role("button", name="Close", exact=True).click()
    await expect(page.locator('[data-pictures="grey"]')).to_be_visible()
    await counts(page, held=2, live=0)
    assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert await faults(page) == {}
    await page.get_by_role("button", name="Freeze the wall").tap()
    await expect(page.get_by_text("Frozen since")).to_be_visible()
    await page.set_viewport_size(DESK)
    assert await faults(page) == {}
