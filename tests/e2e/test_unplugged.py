"""The network fails and returns: the wall keeps its posts, says so, and catches up. Removed posts stay removed."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.async_api import Page, expect

from tests.e2e.archives import numbered, play
from tests.e2e.visit import SOON, Visit, open_wall
from tests.wall_server import WallServer

EARLIER, LATER = numbered("ebb", 12), numbered("flood", 5)
COPY_SAYS = "async (words) => (await (await caches.match('/w/hall')).text()).includes(words)"
"""Whether the copy of the page that the browser keeps says so: it would be shown even without scripts."""


@pytest.fixture
def hall(wall_server: WallServer, tmp_path: Path) -> WallServer:
    """The wall `hall` with twelve posts."""
    play(wall_server, tmp_path, EARLIER)
    return wall_server


async def visit_hall(page: Page, hall: WallServer) -> Visit:
    visit = await open_wall(page, hall)
    await visit.has_cards(len(EARLIER))
    return visit


def head_of(hall: WallServer) -> int:
    with urlopen(f"{hall.url}/api/walls/hall/records?limit=1") as reply:
        return int(json.load(reply)["head"])


async def is_kept(visit: Visit) -> None:
    """Waits until this browser could show the page without a server: in its cache, and its memory."""
    await visit.comes_true(
        """async () => {
          const files = await (await caches.open('files-1')).keys()
          return navigator.serviceWorker.controller
            && await caches.match('/w/hall')
            && files.some((file) => file.url.endsWith('.js'))
            && localStorage.getItem('backchannel:hall')
        }"""
    )


async def key_of(visit: Visit, words: str) -> str:
    return await visit.card(words).get_attribute("data-key") or ""


async def test_page_without_network_keeps_its_cards_and_resumes_by_number(
    page: Page, hall: WallServer, tmp_path: Path
) -> None:
    visit = await visit_hall(page, hall)
    hidden = await key_of(visit, "ebb 003.")
    place = head_of(hall)
    await page.context.set_offline(True)
    await visit.has_mark("offline")
    await expect(visit.mark).to_have_text(re.compile(r"Offline, last updated \d+ s ago"))
    await visit.has_cards(len(EARLIER))

    await asyncio.to_thread(hall.run, "hide", hidden)
    await asyncio.to_thread(play, hall, tmp_path, LATER)
    await visit.has_cards(len(EARLIER))
    await page.context.set_offline(False)
    for words in LATER:
        await visit.shows(words)
    await visit.shows_not("ebb 003.")
    await visit.is_live()
    assert re.search(rf"\?epoch=[\w-]+&since={place}$", visit.sockets[-1])
    assert [request for request in visit.requests if request.endswith("/records")] == [], "it started anew"


async def test_page_without_server_tells_how_old_it_is(page: Page, hall: WallServer) -> None:
    visit = await visit_hall(page, hall)
    await asyncio.to_thread(hall.kill)
    await visit.has_mark("reconnecting")
    await expect(visit.mark).to_contain_text("Reconnecting")
    await visit.has_mark("stale")
    await expect(visit.mark).to_contain_text(re.compile(r"Last updated \d+ s ago"))
    await visit.has_cards(len(EARLIER))
    await asyncio.to_thread(hall.start)
    await visit.is_live()
    await visit.has_cards(len(EARLIER))


async def test_reload_without_server_shows_what_was_kept(page: Page, hall: WallServer, tmp_path: Path) -> None:
    visit = await visit_hall(page, hall)
    await asyncio.to_thread(play, hall, tmp_path, LATER)
    await visit.has_cards(len(EARLIER) + len(LATER))
    await is_kept(visit)
    await page.wait_for_function("() => localStorage.getItem('backchannel:hall').includes('flood 005.')")
    await asyncio.to_thread(hall.stop)

    await page.reload()
    await visit.has_cards(len(EARLIER) + len(LATER))
    await visit.has_mark("reconnecting", "stale")
    await asyncio.to_thread(hall.start)
    await visit.is_live()
    await visit.has_cards(len(EARLIER) + len(LATER))


async def test_list_of_walls_is_kept_by_who_has_only_seen_a_wall(page: Page, hall: WallServer) -> None:
    visit = await visit_hall(page, hall)
    await is_kept(visit)
    await visit.comes_true("async () => Boolean(await caches.match('/'))")
    await asyncio.to_thread(hall.stop)

    await page.goto(f"{hall.url}/")
    await expect(page.locator(".walls a").first).to_have_attribute("href", "/w/hall")
    await page.goto(f"{hall.url}/w/hall")
    await visit.has_cards(len(EARLIER))


async def test_removed_wall_is_not_kept_once_its_address_has_said_so(page: Page, hall: WallServer) -> None:
    visit = await visit_hall(page, hall)
    await is_kept(visit)
    await page.goto("about:blank")
    await asyncio.to_thread(hall.run, "wall", "remove", "hall", "--yes")
    async with asyncio.timeout(SOON / 1000):
        while (reply := await page.goto(f"{hall.url}/w/hall")) is None or reply.status != 404:
            await asyncio.sleep(0.2)  # the server takes notice within two seconds
    assert not await page.evaluate("async () => Boolean(await caches.match('/w/hall'))")


async def test_hidden_post_does_not_come_back_from_the_browsers_memory(page: Page, hall: WallServer) -> None:
    visit = await visit_hall(page, hall)
    await is_kept(visit)
    await page.reload()
    await visit.comes_true(COPY_SAYS, "ebb 007.")
    await asyncio.to_thread(hall.run, "hide", await key_of(visit, "ebb 007."))
    await visit.shows_not("ebb 007.")
    assert "ebb 007." not in await page.evaluate("localStorage.getItem('backchannel:hall')")
    await expect(page.locator(".feed > [inert]")).to_have_count(0)  # the fading copy of its card
    assert "ebb 007." not in await page.content()
    await visit.comes_true(f"async (words) => !(await ({COPY_SAYS})(words))", "ebb 007.")
    assert await page.evaluate(COPY_SAYS, "ebb 008.")
    await asyncio.to_thread(hall.stop)

    await page.reload()
    await visit.shows("ebb 008.")
    assert await visit.card("ebb 007.").filter(visible=True).count() == 0
    await visit.has_cards(len(EARLIER) - 1)


async def test_post_hidden_while_the_browser_was_offline_leaves_on_its_return(page: Page, hall: WallServer) -> None:
    visit = await visit_hall(page, hall)
    await is_kept(visit)
    key = await key_of(visit, "ebb 009.")
    await page.goto("about:blank")
    await asyncio.to_thread(hall.run, "hide", key)
    await asyncio.to_thread(hall.stop)

    await page.goto(f"{hall.url}/w/hall")
    await visit.shows("ebb 009.")  # nobody could tell
    await asyncio.to_thread(hall.start)
    await visit.shows_not("ebb 009.")
    await visit.has_cards(len(EARLIER) - 1)
