"""Visitors' browsers talk to this server only, and the policy allows no other host."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, expect

from tests.e2e.visit import Visit, open_wall
from tests.fakes.mastodon_server import MastodonServer
from tests.wall_server import WallServer


def origins(visit: Visit) -> set[str]:
    return {
        urlsplit(address).netloc for address in [*visit.requests, *visit.sockets] if not address.startswith("data:")
    }


async def read_to_the_end(visit: Visit) -> None:
    """Fetch all older posts, and every picture however far down it is."""
    end = visit.page.locator("footer p")
    while not await end.is_visible():
        await visit.page.mouse.wheel(0, 4_000)
        await visit.page.evaluate("() => new Promise(requestAnimationFrame)")
    await visit.page.wait_for_function(
        """() => [...document.querySelectorAll('.feed img')].every((one) => {
          one.loading = 'eager'
          return one.complete
        })"""
    )


async def test_whole_rehearsal_asks_no_other_host(page: Page, wall_server: WallServer) -> None:
    wall_server.run("rehearse", "--rate", "10000", "--no-loop")
    visit = await open_wall(page, wall_server, "rehearsal")
    await expect(visit.cards).not_to_have_count(0)
    await page.wait_for_function("() => document.querySelectorAll('.feed img').length > 20")
    await page.reload()
    await visit.is_live()
    await read_to_the_end(visit)

    assert origins(visit) == {f"127.0.0.1:{wall_server.port}"}
    assert len([address for address in visit.requests if "/media/" in address]) > 20
    assert visit.complaints == []


async def test_foreign_pictures_cards_and_emoji_come_from_us(
    page: Page, wall_server: WallServer, mastodon: MastodonServer
) -> None:
    wall_server.run("wall", "create", "hall", "--name", "The hall")
    wall_server.run("follow", "#tag", "--on", mastodon.url, "--wall", "hall")
    avatar = f"{mastodon.url}/avatars/gull.png"
    mastodon.account("ada", display_name="Ada :gull:", emojis=[emoji("gull", avatar)])
    mastodon.post(
        "A :gull: on the pier",
        tags=["tag"],
        media=[mastodon.picture(alt="A pier")],
        emojis=[emoji("gull", avatar)],
        card={
            "url": "https://pier.example/",
            "title": "About the pier",
            "description": "It is long.",
            "type": "link",
            "provider_name": "Pier",
            "image": mastodon.picture(640, 320, "#345")["url"],
            "width": 640,
            "height": 320,
        },
    )
    visit = await open_wall(page, wall_server)
    for part in (".avatar img", ".mosaic img", ".said img.emoji", ".name img.emoji"):
        await expect(page.locator(part)).to_have_count(1)
    await page.wait_for_function("() => [...document.querySelectorAll('.feed img')].every((one) => one.naturalWidth)")
    assert origins(visit) == {f"127.0.0.1:{wall_server.port}"}
    assert visit.complaints == []


def emoji(name: str, url: str) -> dict[str, object]:
    return {"shortcode": name, "url": url, "static_url": url, "visible_in_picker": True}


@pytest.mark.parametrize("address", ["/w/hall", "/", "/nowhere"])
async def test_policy_forbids_another_host(
    page: Page, wall_server: WallServer, mastodon: MastodonServer, address: str
) -> None:
    if address == "/w/hall":
        await asyncio.to_thread(wall_server.run, "wall", "create", "hall", "--name", "The hall")
    await page.goto(wall_server.url + address)
    refused = await page.evaluate(
        """(elsewhere) => new Promise((tell) => {
          const refused = []
          document.addEventListener('securitypolicyviolation', (event) => {
            refused.push(event.effectiveDirective)
            if (refused.length === 4) tell(refused.sort())
          })
          for (const [name, from] of [['img', 'src'], ['script', 'src'], ['iframe', 'src']]) {
            const element = document.createElement(name)
            element[from] = elsewhere
            document.body.append(element)
          }
          fetch(elsewhere).catch(() => undefined)
        })""",
        f"{mastodon.url}/avatars/spy.png",
    )
    assert refused == ["connect-src", "frame-src", "img-src", "script-src-elem"]
    assert mastodon.requests == []
