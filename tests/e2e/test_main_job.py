"""The main job: a post on a network's server reaches every open page, and leaves it when deleted."""

from __future__ import annotations

import asyncio
import json

from playwright.async_api import Page, expect

from tests.e2e.visit import SOON, Visit, open_wall
from tests.fakes.mastodon_server import MastodonServer
from tests.wall_server import WallServer

TAG = ["socitm09"]


def follow(server: WallServer, mastodon: MastodonServer, mode: str = "open") -> None:
    server.run("wall", "create", "hall", "--name", "The hall", "--hashtag", "#socitm09", "--mode", mode)
    server.run("follow", "#socitm09", "--on", mastodon.url, "--wall", "hall")


async def visit_empty(page: Page, server: WallServer) -> Visit:
    visit = await open_wall(page, server)
    await visit.has_cards(0)
    return visit


async def test_post_appears_and_its_edit_follows(page: Page, wall_server: WallServer, mastodon: MastodonServer) -> None:
    follow(wall_server, mastodon)
    visit = await visit_empty(page, wall_server)
    ref = mastodon.post("Good morning, #socitm09", tags=TAG, by="ada")
    await visit.shows("Good morning, #socitm09")
    [key] = await visit.keys()

    mastodon.edit(ref, "Good afternoon, #socitm09")
    await visit.shows("Good afternoon, #socitm09")
    await visit.shows_not("Good morning")
    assert await visit.keys() == [key]
    assert await visit.card("Good afternoon").locator(".edited").count() == 1
    assert visit.complaints == []


async def test_hidden_post_leaves_and_comes_back_when_approved(
    page: Page, wall_server: WallServer, mastodon: MastodonServer
) -> None:
    follow(wall_server, mastodon)
    visit = await visit_empty(page, wall_server)
    mastodon.post("Buy my boat, #socitm09", tags=TAG, by="spammer")
    mastodon.post("The keynote begins, #socitm09", tags=TAG)
    await visit.shows("Buy my boat")
    key = await visit.card("Buy my boat").get_attribute("data-key") or ""

    wall_server.run("hide", key, "--reason", "spam")
    await visit.shows_not("Buy my boat")
    await visit.shows("The keynote begins")
    wall_server.run("approve", key)
    await visit.shows("Buy my boat")


async def test_deleted_post_leaves(page: Page, wall_server: WallServer, mastodon: MastodonServer) -> None:
    follow(wall_server, mastodon)
    visit = await visit_empty(page, wall_server)
    regretted = mastodon.post("I wish I had not said this, #socitm09", tags=TAG)
    mastodon.post("This may stay, #socitm09", tags=TAG)
    await visit.shows("I wish I had not said this")
    await visit.shows("This may stay")

    mastodon.delete(regretted)
    await visit.shows_not("I wish I had not said this")
    await visit.shows("This may stay")
    await visit.is_live()


async def test_approving_wall_holds_posts_until_they_are_approved(
    page: Page, wall_server: WallServer, mastodon: MastodonServer
) -> None:
    follow(wall_server, mastodon, mode="approve")
    visit = await visit_empty(page, wall_server)
    mastodon.post("May I come in, #socitm09?", tags=TAG)
    async with asyncio.timeout(SOON / 1000):
        while not (held := json.loads(wall_server.run("held", "--wall", "hall", "--json"))):
            await asyncio.sleep(0.2)  # the server polls every five seconds
    figures = json.loads(wall_server.run("wall", "show", "hall", "--json"))
    assert (figures["held"], figures["live"]) == (1, 0)
    assert await visit.keys() == []

    [waiting] = held
    assert waiting["words"] == "May I come in, #socitm09?"
    wall_server.run("approve", waiting["id"])
    await visit.shows("May I come in")


async def test_open_page_shows_a_new_name_and_is_told_when_its_wall_is_removed(
    page: Page, wall_server: WallServer, mastodon: MastodonServer
) -> None:
    follow(wall_server, mastodon)
    visit = await visit_empty(page, wall_server)
    mastodon.post("Good morning, #socitm09", tags=TAG)
    await visit.shows("Good morning")
    wall_server.run("wall", "rename", "hall", "--name", "The great hall")
    await expect(page).to_have_title("The great hall · #socitm09")

    wall_server.run("wall", "remove", "hall", "--yes")
    await visit.has_mark("removed")
    await visit.has_cards(0)
    await expect(page.locator("main p", has_text="This wall has been removed")).to_be_visible()
    reply = await page.reload()
    assert reply is not None
    assert reply.status == 404
