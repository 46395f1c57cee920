"""The sources of a wall at the desk: a hashtag is typed, previewed and followed; its source is paused and removed."""

from __future__ import annotations

import json
import re
from urllib.request import Request, urlopen

import pytest
from playwright.async_api import Browser, expect

from tests.accounts import PASSWORD
from tests.e2e.test_desk import KIM, first_link, is_clean, open_page, shows, sign_in
from tests.e2e.visit import CARD
from tests.fakes.mastodon_server import MastodonServer
from tests.wall_server import WallServer


@pytest.fixture
def hall(wall_server: WallServer) -> WallServer:
    """A server with one wall that follows nothing, and its owner Kim."""
    token = first_link(wall_server).partition("#")[2]
    body = json.dumps({"token": token, "login": KIM, "name": "Kim", "password": PASSWORD}).encode()
    urlopen(Request(f"{wall_server.url}/api/setup", body, {"Content-Type": "application/json"})).close()
    wall_server.run("wall", "create", "hall", "--name", "The hall", "--hashtag", "#socitm09")
    wall_server.run("account", "role", KIM, "owner", "--wall", "hall")
    return wall_server


async def test_hashtag_is_previewed_followed_paused_and_removed(
    browser: Browser, hall: WallServer, mastodon: MastodonServer
) -> None:
    mastodon.post("Good morning, harbour #socitm09", tags=["socitm09"])
    page = await open_page(browser, f"{hall.url}/desk/w/hall/sources")
    await sign_in(page)
    await shows(page, "Sources of The hall")
    await expect(page.get_by_role("button", name="Follow #socitm09")).to_be_visible()
    await is_clean(page)

    await page.get_by_label("What do you want to follow?").fill("https://x.com/ada")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert").filter(has_text="X is not supported yet")).to_be_visible()
    await page.get_by_label("What do you want to follow?").fill("#socitm09")
    await page.get_by_label("On which server?").fill(mastodon.url)
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("1 post in the last day")).to_be_visible()
    await expect(page.get_by_text("Good morning, harbour")).to_be_visible()
    await page.get_by_role("button", name="Options: #socitm09").click()
    await page.get_by_label("Any of").fill("not-a-tag!")
    await page.get_by_role("button", name="Preview with these").click()
    await expect(page.get_by_label("Any of")).to_have_accessible_description(re.compile("^Invalid .*not-a-tag"))
    await is_clean(page)
    await page.get_by_label("Any of").fill("")
    await page.get_by_role("button", name="Preview with these").click()
    await page.get_by_role("button", name="Follow #socitm09 on Mastodon").click()

    wall = await open_page(browser, f"{hall.url}/w/hall")
    await expect(wall.locator(CARD).filter(has_text="Good morning, harbour")).to_be_visible()
    await expect(page.get_by_text("1 post in the last 24 hours, 1 in the last hour.")).to_be_visible()
    await page.get_by_role("button", name="Edit #socitm09").click()
    await expect(page.get_by_role("dialog").get_by_label("Access token")).to_be_visible()
    await is_clean(page)
    await page.get_by_role("button", name="Cancel").click()
    await page.get_by_role("button", name="Pause #socitm09").click()
    await expect(page.get_by_text("Paused just now")).to_be_visible()
    await is_clean(page)

    await page.get_by_role("button", name="Remove #socitm09").click()
    await expect(page.get_by_text("1 post on this wall")).to_be_visible()
    await page.get_by_label("Hide them").check()
    await is_clean(page)
    await page.get_by_role("button", name="Remove", exact=True).click()
    await expect(wall.locator(CARD)).to_have_count(0)
    await expect(page.get_by_role("heading", name="Nothing is followed yet")).to_be_visible()
    await page.get_by_role("button", name="Show its posts again").click()
    await expect(wall.locator(CARD).filter(has_text="Good morning, harbour")).to_be_visible()
