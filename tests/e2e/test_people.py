"""The history of a wall and the page of an author, in browsers."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Browser, expect

from tests.e2e.test_accessibility import faults
from tests.e2e.test_queue import COFFEE, TIDE, card, counts, held, moderator, shows, staffed
from tests.e2e.visit import PHONE
from tests.wall_server import WallServer

__all__ = ["staffed"]


async def test_an_act_is_found_in_the_history_and_undone(browser: Browser, staffed: WallServer, tmp_path: Path) -> None:
    held(staffed, tmp_path, "history")
    page = await moderator(browser, staffed, "history")
    await card(page, COFFEE).get_by_role("button", name="Hide the post by Ada Example", exact=True).click()
    await card(page, TIDE).get_by_role("button", name="Trust Ada Example").click()
    await expect(page.locator(".toast")).to_contain_text("Trusted Ada Example")
    await page.get_by_role("link", name="History").click()
    entries = page.locator("ol.entries > li")
    await expect(entries.first).to_contain_text("kim trusted @ada@quay.example")
    await page.get_by_label("What").select_option("Hidden or held")
    await expect(entries).to_have_count(1)
    await expect(entries).to_contain_text(COFFEE)
    assert page.url.endswith("/history?what=hidden")
    await page.reload()
    assert await faults(page) == {}
    async with page.expect_download() as file:
        await page.get_by_role("link", name="Export as CSV").click()
    assert (await file.value).suggested_filename == "history-history.csv"
    await entries.get_by_role("button", name="Undo").click()
    await expect(page.get_by_text("Undone. 1 post is back.")).to_be_visible()
    await expect(entries).to_contain_text("Undone by no.")
    await page.get_by_role("link", name="Queue", exact=True).click()
    await counts(page, held=3, hidden=0)


async def test_an_author_is_blocked_then_left_out_by_thumb(
    browser: Browser, staffed: WallServer, tmp_path: Path
) -> None:
    held(staffed, tmp_path, "author")
    page = await moderator(browser, staffed, "author", viewport=PHONE, has_touch=True, is_mobile=True)
    await page.goto(f"{staffed.url}/desk/w/author/authors/@ada@quay.example")
    await page.get_by_role("button", name="Block on this wall").tap()
    await expect(page.get_by_text("kim blocked @ada@quay.example")).to_be_visible()
    await page.get_by_role("button", name="Undo: kim blocked").tap()
    await expect(page.get_by_text("As everybody")).to_be_visible()
    assert await faults(page) == {}
    await page.get_by_role("button", name="Leave out …").tap()
    await page.get_by_role("button", name="Erase, and leave out").tap()
    await expect(page.get_by_text("3 posts erased")).to_be_visible()
    await expect(page.get_by_text("No post of theirs is on this wall.")).to_be_visible()
    await page.get_by_role("link", name="Who is left out").tap()
    await page.get_by_role("button", name="Let @ada@quay.example in again").tap()
    assert await faults(page) == {}
    await page.get_by_role("button", name="Let in again", exact=True).tap()
    await expect(page.get_by_text("Nobody has asked to be left out.")).to_be_visible()
    await page.goto(f"{staffed.url}/desk/w/author?tab=all")
    await shows(page)
