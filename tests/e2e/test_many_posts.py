"""Many posts: the page stays light, and a reader's posts don't move."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect

from tests.e2e.archives import numbered, play
from tests.e2e.visit import CARD, HALL, PHONE, SOON, open_wall
from tests.fakes.mastodon_server import MastodonServer
from tests.wall_server import WallServer

MAX_CARDS = 300
COUNT_CARDS = """
    window.most = 0
    new MutationObserver(() => {
      most = Math.max(most, document.querySelectorAll('.feed > article[data-key]').length)  // without those that fade
    }).observe(document, { childList: true, subtree: true })
"""


@pytest.mark.parametrize(("size", "kept"), [(PHONE, MAX_CARDS), (HALL, 60)], ids=["phone", "hall"])
async def test_page_never_holds_more_than_300_cards(
    browser: Browser, wall_server: WallServer, tmp_path: Path, size: ViewportSize, kept: int
) -> None:
    """In the hall the last hundred wait for their turn."""
    wall_server.run("wall", "create", "hall", "--name", "The hall")
    context = await browser.new_context(viewport=size)
    await context.add_init_script(COUNT_CARDS)
    visit = await open_wall(await context.new_page(), wall_server)
    play(wall_server, tmp_path, numbered("wave", 600), rate=150)
    last = "wave 600." if size == PHONE else "wave 450."
    await expect(visit.card(last)).to_have_count(1, timeout=2 * SOON)
    await visit.has_cards(kept)
    if size == PHONE:
        assert await visit.said() == list(reversed(numbered("wave", 600)))[:kept]
    assert await visit.page.evaluate("most") <= MAX_CARDS


async def test_reader_keeps_the_place_while_posts_arrive(page: Page, wall_server: WallServer, tmp_path: Path) -> None:
    play(wall_server, tmp_path, numbered("first", 50))
    visit = await open_wall(page, wall_server)
    await visit.has_cards(50)
    await page.mouse.move(600, 500)
    await page.mouse.wheel(0, 700)
    await page.wait_for_function("() => scrollY === 700")
    read = visit.card("first 020.")
    place = await read.bounding_box()

    await asyncio.to_thread(play, wall_server, tmp_path, numbered("second", 7))
    pill = page.get_by_role("button", name="7 new")
    await expect(pill).to_be_visible()
    assert await read.bounding_box() == place
    assert await page.evaluate("scrollY") == 700
    await visit.has_cards(50)

    await pill.click()
    await visit.has_cards(57)
    await expect(visit.card("second 007.")).to_be_in_viewport()
    await expect(pill).to_have_count(0)


async def test_reader_of_a_few_posts_keeps_the_place(
    browser: Browser, wall_server: WallServer, mastodon: MastodonServer
) -> None:
    """The invitation below them stays, so the page is as long as before."""
    for number in range(3):
        mastodon.post(f"first {number} #tag", tags=["tag"])
    wall_server.run("wall", "create", "hall", "--name", "The hall", "--hashtag", "#tag")
    wall_server.run("follow", "#tag", "--on", mastodon.url, "--wall", "hall")
    page = await (await browser.new_context(viewport=PHONE, reduced_motion="reduce")).new_page()
    visit = await open_wall(page, wall_server)
    await visit.has_cards(3)
    await page.evaluate("() => scrollTo(0, 150)")
    place = await visit.card("first 1").bounding_box()
    for number in range(2):
        mastodon.post(f"second {number} #tag", tags=["tag"])
    await expect(page.get_by_role("button", name="2 new")).to_be_visible()
    assert (await page.evaluate("scrollY"), await visit.card("first 1").bounding_box()) == (150, place)
    await expect(page.get_by_text("The first words are in")).to_be_visible()


async def test_reader_at_the_top_keeps_what_was_opened_or_selected(
    page: Page, wall_server: WallServer, tmp_path: Path
) -> None:
    """Nothing moves under the eyes, the keyboard's focus and the hand that selects; then all of it comes."""
    long = " ".join(["All about the tide, the pier and the boats."] * 40)
    play(wall_server, tmp_path, ["first 001.", long])
    visit = await open_wall(page, wall_server)
    await visit.has_cards(2)
    await page.get_by_role("button", name="More", exact=True).click()
    await asyncio.to_thread(play, wall_server, tmp_path, ["second 001."])
    await expect(page.get_by_role("button", name="1 new")).to_be_visible()
    await page.get_by_role("button", name="Less", exact=True).click()
    await visit.shows("second 001.")

    await visit.card("first 001.").locator(".said").select_text()
    await asyncio.to_thread(play, wall_server, tmp_path, ["third 001."])
    await expect(page.get_by_role("button", name="1 new")).to_be_visible()
    await page.evaluate("() => getSelection().removeAllRanges()")
    await visit.shows("third 001.")

    await page.keyboard.press("j")
    await asyncio.to_thread(play, wall_server, tmp_path, ["fourth 001."])
    pill = page.get_by_role("button", name="1 new")
    await expect(pill).to_be_visible()
    await pill.focus()
    await page.keyboard.press("Enter")
    await expect(visit.card("fourth 001.")).to_be_focused()


async def test_reader_at_the_top_sees_posts_arrive(page: Page, wall_server: WallServer, tmp_path: Path) -> None:
    play(wall_server, tmp_path, numbered("first", 5))
    visit = await open_wall(page, wall_server)
    await visit.has_cards(5)
    await asyncio.to_thread(play, wall_server, tmp_path, numbered("second", 2))
    await expect(page.locator(f"{CARD} .said").first).to_have_text("second 002.")
    await expect(page.locator(CARD).first).to_be_in_viewport()


async def test_older_posts_come_as_the_reader_goes_down(page: Page, wall_server: WallServer, tmp_path: Path) -> None:
    posts = numbered("wave", 150)
    play(wall_server, tmp_path, posts)
    await is_drawn(wall_server, posts[-1])
    visit = await open_wall(page, wall_server)
    await visit.has_cards(60)
    await page.mouse.move(600, 500)
    while await visit.cards.count() < len(posts):
        await page.mouse.wheel(0, 2_000)
        await page.evaluate("() => new Promise(requestAnimationFrame)")
    assert await visit.said() == list(reversed(posts))
    await visit.scroll_to_the_foot()
    await expect(page.get_by_text("No older posts")).to_be_visible()


async def test_reader_goes_down_without_an_end_and_back(page: Page, wall_server: WallServer, tmp_path: Path) -> None:
    """No more than 300 cards at once; and those that make room do not move what is read."""
    posts = numbered("wave", 450)
    play(wall_server, tmp_path, posts)
    await is_drawn(wall_server, posts[-1])
    await page.set_viewport_size(PHONE)
    visit = await open_wall(page, wall_server)
    oldest = visit.card(posts[0])
    await page.mouse.move(200, 500)
    while not await oldest.count():
        await page.mouse.wheel(0, 3_000)
        await page.evaluate("() => new Promise(requestAnimationFrame)")
    await visit.has_cards(MAX_CARDS)
    await visit.scroll_to_the_foot()
    await expect(oldest).to_be_in_viewport()
    await expect(page.get_by_text("No older posts")).to_be_visible()

    middle = visit.card("wave 200.")
    await middle.scroll_into_view_if_needed()
    before = await middle.bounding_box()
    assert before
    await page.evaluate("() => dispatchEvent(new Event('scroll'))")
    assert await middle.bounding_box() == before

    await page.get_by_role("button", name="Back to the newest").click()
    await expect(visit.card(posts[-1])).to_be_in_viewport()
    await visit.has_cards(MAX_CARDS)


async def is_drawn(server: WallServer, words: str) -> None:
    """Waits until the page that the server sends has these words in it."""
    async with asyncio.timeout(SOON / 1_000), httpx.AsyncClient() as client:
        while words not in (await client.get(f"{server.url}/w/hall")).text:
            await asyncio.sleep(0.1)
