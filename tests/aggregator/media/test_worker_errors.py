"""Errors between a request and a page: of pictures, their hosts, the wall and the store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlmodel.ext.asyncio.session import AsyncSession
from structlog.testing import capture_logs

from aggregator import timestamps
from aggregator.media.tables import Progress
from aggregator.media.worker import PictureWorker
from aggregator.store.store import Store
from connectors.errors import RateLimited
from connectors.http.client import Http
from tests.aggregator.media.room import Album, Posts, Room, Wall, Wire, eventually, png, said


@pytest.mark.parametrize(
    ("reply", "sentence"),
    [
        (b"<html>no picture", "Not a picture: the address leads to a web page."),
        (404, None),
        (410, None),
        (403, None),
    ],
)
async def test_hopeless_picture_is_refused_and_its_post_shown_without(
    store: Store, folder: Path, posts: Posts, reply: bytes | int, sentence: str | None
) -> None:
    await posts("post")
    room = Room(store, folder, Wire(sky=reply))
    async with room.open():
        await room.wish("post", "sky")
        sky = (await room.until(sky="refused"))["sky"]
    assert sky.trouble
    assert sentence in (None, sky.trouble)
    assert room.wall.shown == [["post"]]
    assert len(room.wire.asked) == 1


async def test_picture_of_a_network_that_left_is_refused(store: Store, folder: Path, posts: Posts) -> None:
    await posts("post")
    room = Room(store, folder, Wire())
    async with room.open():
        await room.wish("post", "sky", network="myspace")
        sky = (await room.until(sky="refused"))["sky"]
    assert sky.trouble == "No connector for the network “myspace”."


async def test_picture_that_fails_holds_nothing_back_and_is_tried_later(
    store: Store, folder: Path, posts: Posts
) -> None:
    await posts("post", "other")
    room = Room(store, folder, Wire(sky=500, sea=png()))
    async with room.open():
        await room.wish("post", "sky")
        await room.wish("other", "sea")
        await room.until(sea="ready")
        sky = (await room.until_trouble("sky"))["sky"]
        assert (sky.progress, room.wall.shown) == ("waiting", [["other"]])
        room.wire.replies["sky"] = png()
        room.ahead = timedelta(minutes=2)
        room.picture_worker.wake()
        await room.until(sky="ready")
    assert room.wall.shown == [["other"], ["post"]]


async def test_silent_host_is_left_alone_while_others_go_on(store: Store, folder: Path, posts: Posts) -> None:
    await posts("post")
    dead = {f"d{number}": httpx.ConnectTimeout("no answer") for number in range(30)}
    room = Room(store, folder, Wire(sea=png(), **dead))
    async with room.open():
        await room.wish("post", *dead, host="dead.example")
        await room.wish("post", "sea", host="alive.example")
        await room.until(sea="ready")
        pictures = await room.until_trouble(*dead)
    assert len([url for url in room.wire.asked if "dead" in url]) < 8
    assert {pictures[name].progress for name in dead} == {Progress.WAITING}


async def test_host_that_says_slowly_is_not_held_against_the_picture(store: Store, folder: Path, posts: Posts) -> None:
    await posts("post")

    class Busy(Album):
        async def picture(self, http: Http, url: str) -> bytes:
            raise RateLimited("Slowly, please.", 600)

    room = Room(store, folder, Wire())
    room.picture_worker = PictureWorker(store, room.http, {"album": Busy()}, folder, room.wall.republish)
    async with room.open():
        await room.wish("post", "sky")
        sky = (await room.until_trouble("sky"))["sky"]
    assert (sky.progress, sky.tries, sky.trouble) == ("waiting", 0, "Slowly, please.")
    assert sky.next_try_at > timestamps.now() + timedelta(minutes=9)


async def test_post_that_cannot_be_shown_holds_no_other_back(store: Store, folder: Path, posts: Posts) -> None:
    await posts("bad", "good")
    room = Room(store, folder, Wire(sky=png(), sea=png("blue")), Wall(refuse="bad"))
    with capture_logs() as logs:
        async with room.open():
            await room.wish("bad", "sky")
            await room.wish("good", "sea")
            await room.until(sky="ready", sea="ready")
    assert room.wall.shown == [["good"]]
    assert {entry["event"] for entry in logs} == {"pictures not published"}


async def test_store_that_goes_away_for_a_while_is_outlived(store: Store, folder: Path, posts: Posts) -> None:
    class Flaky(Store):
        away = False

        @asynccontextmanager
        async def read(self) -> AsyncIterator[AsyncSession]:
            if self.away:
                raise OSError("The database is unavailable.")
            async with super().read() as db:
                yield db

    await posts("post")
    flaky = Flaky(store.url.render_as_string(hide_password=False))
    room = Room(store, folder, Wire(sky=png(), sea=png("blue")))
    room.picture_worker = PictureWorker(flaky, room.http, {"album": Album()}, folder, room.wall.republish)
    try:
        with capture_logs() as logs:
            async with room.open():
                flaky.away = True
                await room.wish("post", "sky")
                await eventually(lambda: said(logs, "pictures not leased"))
                flaky.away = False
                await room.wish("post", "sea")
                await room.until(sky="ready", sea="ready")
    finally:
        await flaky.close()


async def test_store_that_goes_away_while_pictures_are_taken_is_outlived(
    store: Store, folder: Path, posts: Posts
) -> None:
    class Torn(Store):
        """A store that loses the first chosen transaction at its commit."""

        losses = 0

        @asynccontextmanager
        async def write(self) -> AsyncIterator[AsyncSession]:
            async with super().write() as db:
                yield db
                self.losses += 1
                if self.losses == 1:
                    raise OSError("The database is unavailable.")

    await posts("post")
    torn = Torn(store.url.render_as_string(hide_password=False))
    room = Room(store, folder, Wire(sky=png()))
    room.picture_worker = PictureWorker(
        torn, room.http, {"album": Album()}, folder, room.wall.republish, refresh_interval=0.05
    )
    try:
        with capture_logs() as logs:
            async with room.open():
                await room.wish("post", "sky")
                await room.until(sky="ready")
    finally:
        await torn.close()
    assert [entry["event"] for entry in logs] == ["pictures not leased"]


async def test_store_that_is_away_when_a_picture_is_done_gets_it_later(
    store: Store, folder: Path, posts: Posts
) -> None:
    await posts("post")
    room = Room(store, folder, Wire(sky=png()))

    class Away(Album):
        async def picture(self, http: Http, url: str) -> bytes:
            flaky.away = not room.ahead
            return await super().picture(http, url)

    class Flaky(Store):
        away = False

        @asynccontextmanager
        async def write(self) -> AsyncIterator[AsyncSession]:
            if self.away:
                raise OSError("The database is unavailable.")
            async with super().write() as db:
                yield db

    flaky = Flaky(store.url.render_as_string(hide_password=False))
    room.picture_worker = PictureWorker(
        flaky, room.http, {"album": Away()}, folder, room.wall.republish, clock=room.clock
    )
    try:
        with capture_logs() as logs:
            async with room.open():
                await room.wish("post", "sky")
                await eventually(lambda: said(logs, "pictures not recorded"))
                flaky.away, room.ahead = False, timedelta(minutes=2)
                room.picture_worker.wake()
                await room.until(sky="ready")
    finally:
        await flaky.close()
    assert room.wall.shown == [["post"]]
