"""Pins and nuggets: what an organiser marks is first, or marked, in the hall and for readers."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from urllib.request import urlopen

from playwright.async_api import Browser, expect

from tests.e2e.archives import numbered, play
from tests.e2e.test_accessibility import faults
from tests.e2e.visit import HALL, PHONE, SOON, open_wall
from tests.wall_server import WallServer


async def test_pins_stay_first_and_nuggets_have_a_page(
    browser: Browser, wall_server: WallServer, tmp_path: Path
) -> None:
    play(wall_server, tmp_path, numbered("tide", 70))
    async with asyncio.timeout(SOON / 1000):
        while len(keys := keys_on(wall_server)) < 70:
            await asyncio.sleep(0.1)
    reader = await open_wall(await (await browser.new_context(viewport=PHONE)).new_page(), wall_server)
    hall = await open_wall(await (await browser.new_context(viewport=HALL)).new_page(), wall_server)
    for visit in (hall, reader):
        await visit.has_cards(60)
    oldest, nugget = keys["tide 001."], keys["tide 055."]

    wall_server.run("pin", oldest, "--until", "1h")
    for visit in (hall, reader):
        await expect(visit.cards.first).to_contain_text("tide 001.")
        await expect(visit.cards.first.get_by_text("Pinned")).to_be_visible()
        await visit.has_cards(61)
    wall_server.run("nugget", nugget)
    wall_server.run("nugget", oldest)
    await expect(reader.page.get_by_role("link", name="Nugget")).to_have_count(2)
    wall_server.run("pin", oldest, "--end")
    for visit in (hall, reader):
        await visit.shows_not("tide 001.")

    await reader.page.get_by_role("link", name="Nugget").first.click()
    await reader.has_cards(2)
    await reader.is_live()
    assert await reader.said() == ["tide 055.", "tide 001."]
    assert await faults(reader.page) == {}
    wall_server.run("nugget", oldest, "--end")
    await reader.has_cards(1)
    await reader.page.get_by_role("link", name="All posts").click()
    await reader.has_cards(60)
    assert [hall.complaints, reader.complaints] == [[], []]


def keys_on(server: WallServer) -> dict[str, str]:
    """The posts on the wall: their words → their keys."""
    with urlopen(f"{server.url}/api/walls/hall/records?since=0&limit=200") as reply:
        posts = [record for record in json.load(reply)["records"] if record["kind"] == "post"]
    return {re.sub(r"<.*?>", "", post["body"]["html"]): post["key"] for post in posts}
