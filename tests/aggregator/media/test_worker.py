"""Pictures from a request to a page."""

from __future__ import annotations

import asyncio
from pathlib import Path

from aggregator.media.images import prepare
from aggregator.media.pictures import Wanted
from aggregator.store.store import Store
from tests.aggregator.media.room import Posts, Room, Wire, png, want_for


async def test_picture_is_fetched_kept_and_its_posts_shown_again(store: Store, folder: Path, posts: Posts) -> None:
    await posts("post", "other")
    room = Room(store, folder, Wire(sky=png("#123456", 30)))
    await room.wish("post", "sky")
    await room.wish("other", "sky")
    async with room.open():
        sky = (await room.until(sky="ready"))["sky"]
    expected = prepare(png("#123456", 30), "picture")
    path = room.picture_worker.blobs.find(sky.file, "l")
    assert path
    assert (path.read_bytes(), sky.color, sky.width, sky.height) == (expected.large, "#123456", 30, 30)
    assert room.wall.shown == [["other", "post"]]


async def test_darkroom_wakes_when_woken(store: Store, folder: Path, posts: Posts) -> None:
    await posts("post")
    room = Room(store, folder, Wire(first=png(), sky=png("blue")), refresh_interval=3600)
    async with room.open():
        await room.wish("post", "first")
        await room.until(first="ready")
        await room.wish("post", "sky")
        await room.until(sky="ready")


async def test_darkroom_looks_by_itself_too(store: Store, folder: Path, posts: Posts) -> None:
    await posts("post")
    room = Room(store, folder, Wire(sky=png()), refresh_interval=0.1)
    async with room.open():
        await asyncio.sleep(0.2)
        async with store.write() as db:
            await want_for(db, "post", Wanted("album", "https://a.example/sky", "avatar"))
        await room.until(sky="ready")


async def test_burst_of_pictures_shows_a_post_again_once(store: Store, folder: Path, posts: Posts) -> None:
    await posts("post")
    colors = ("red", "green", "blue", "white")
    room = Room(store, folder, Wire(**{color: png(color) for color in colors}), gather=2)
    await room.wish("post", *colors)
    async with room.open():
        await room.until(**dict.fromkeys(colors, "ready"))
    assert room.wall.shown == [["post"]]


async def test_more_pictures_than_hands_all_become_ready(store: Store, folder: Path, posts: Posts) -> None:
    await posts("post")
    names = [f"p{number}" for number in range(80)]
    room = Room(
        store, folder, Wire(**{name: png(size=number + 1) for number, name in enumerate(names)}), refresh_interval=3600
    )
    for number, name in enumerate(names):
        await room.wish("post", name, host=f"h{number % 5}.example")
    async with room.open():
        pictures = await room.until(**dict.fromkeys(names, "ready"))
    assert {pictures[name].width for name in names} == set(range(1, 81))
    assert room.wire.most_at_once <= 4
    assert len(room.wire.asked) == 80


async def test_one_host_is_asked_for_two_pictures_at_a_time(store: Store, folder: Path, posts: Posts) -> None:
    await posts(*(f"post {number}" for number in range(8)))
    wire = Wire(**{f"p{number}": png() for number in range(8)})
    wire.pause = 0.05
    room = Room(store, folder, wire)
    for number in range(8):
        await room.wish(f"post {number}", f"p{number}")
    async with room.open():
        await room.until(**dict.fromkeys(wire.replies, "ready"))
    assert wire.most_at_once == 2


async def test_pictures_of_one_post_are_fetched_one_after_the_other(store: Store, folder: Path, posts: Posts) -> None:
    await posts("post")
    wire = Wire(**{f"p{number}": png() for number in range(4)})
    wire.pause = 0.05
    room = Room(store, folder, wire)
    for number in range(4):
        await room.wish("post", f"p{number}", host=f"h{number}.example")
    async with room.open():
        await room.until(**dict.fromkeys(wire.replies, "ready"))
    assert wire.most_at_once == 1
