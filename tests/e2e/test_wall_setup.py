"""A wall from its first question to its end, set up in one browser and watched in another."""

from __future__ import annotations

import asyncio
import json
import re
from io import BytesIO
from urllib.request import Request, urlopen

from PIL import Image
from playwright.async_api import Browser, FilePayload, Page, expect

from tests.accounts import PASSWORD
from tests.e2e.test_desk import KIM, first_link, is_clean, open_page, shows, sign_in
from tests.e2e.visit import Visit, open_wall
from tests.wall_server import WallServer

STYLE = "document.querySelector('.wall').getAttribute('style')"


def logo() -> FilePayload:
    file = BytesIO()
    Image.new("RGBA", (320, 80), "#12303b").save(file, "PNG")
    return FilePayload(name="logo.png", mimeType="image/png", buffer=file.getvalue())


async def a_desk(browser: Browser, server: WallServer) -> Page:
    """The desk of the first account, on a server without walls."""
    account = {"token": first_link(server).partition("#")[2], "login": KIM, "name": "Kim", "password": PASSWORD}
    request = Request(f"{server.url}/api/setup", json.dumps(account).encode(), {"Content-Type": "application/json"})
    (await asyncio.to_thread(urlopen, request)).close()
    page = await open_page(browser, f"{server.url}/desk")
    await sign_in(page)
    return page


async def make_wall(page: Page) -> None:
    await page.get_by_role("link", name="Make a wall").click()
    await page.get_by_label("Name of the conference").fill("Häfen 26")
    await expect(page.get_by_label("Address")).to_have_value("hafen-26")
    await page.get_by_label("Hashtag").fill("#hafen 26")
    await page.get_by_role("button", name="Make the wall").click()
    await expect(page.get_by_label("Hashtag")).to_be_focused()
    await is_clean(page)
    await page.get_by_label("Hashtag").fill("#hafen26")
    await page.get_by_role("button", name="Make the wall").click()
    await page.wait_for_url("**/desk/w/hafen-26/sources")


async def choose_look(page: Page, visit: Visit) -> None:
    """Choose colours and a logo: the preview shows them, the open wall not before they are saved."""
    before = await visit.page.evaluate(STYLE)
    await page.get_by_label("First colour", exact=True).fill("#aa3355")
    await page.get_by_label("Second colour", exact=True).fill("#ffd400")
    await expect(page.get_by_text("Choose a darker colour to keep it.")).to_be_visible()
    await page.get_by_label("Logo").set_input_files(logo())
    frame = page.frame_locator("iframe")
    await expect(frame.locator("header .logo")).to_be_visible()
    preview = page.frames[1]
    await expect(frame.locator(".wall")).not_to_have_attribute("style", before)
    chosen = await preview.evaluate(STYLE)
    assert await visit.page.evaluate(STYLE) == before
    await expect(visit.page.locator(".logo")).to_have_count(0)
    await is_clean(page)

    await page.get_by_role("button", name="Save the look").click()
    await visit.comes_true(f"chosen => {STYLE} === chosen", chosen)
    await visit.comes_true("() => document.querySelector('.logo')?.naturalWidth === 320")


async def test_wall_is_made_set_up_and_removed(browser: Browser, wall_server: WallServer) -> None:
    page = await a_desk(browser, wall_server)
    await make_wall(page)
    visit = await open_wall(await open_page(browser, wall_server.url), wall_server, "hafen-26")

    await page.goto(f"{wall_server.url}/desk")
    await page.get_by_role("link", name="Settings of Häfen 26").click()
    await shows(page, "Settings of Häfen 26")
    await page.get_by_label("Name", exact=True).fill("Harbours 26")
    await page.get_by_role("button", name="Save", exact=True).first.click()
    await shows(visit.page, "Harbours 26")
    await choose_look(page, visit)
    assert visit.complaints == []

    await page.get_by_role("button", name="Remove this wall").click()
    await page.get_by_role("button", name="Remove permanently").click()
    await expect(page.get_by_label(re.compile("^Type the wall"))).to_be_focused()
    await page.get_by_label(re.compile("^Type the wall")).fill("Harbours 26")
    await page.get_by_role("button", name="Remove permanently").click()
    await visit.has_mark("removed")
    await shows(page, "Welcome, Kim")
