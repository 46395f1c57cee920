"""One picture and several workers: two at once, a killed one, and a slow one."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from aggregator.store.store import Store
from tests.aggregator.media.room import Posts, Room, Wire, eventually, png


async def test_two_darkrooms_fetch_a_picture_once(store: Store, folder: Path, posts: Posts) -> None:
    await posts("post")
    wire = Wire(**{f"p{number}": png(size=number + 1) for number in range(20)})
    wire.pause = 0.05
    one, other = Room(store, folder, wire), Room(store, folder, wire)
    await one.wish("post", *wire.replies)
    async with one.open(), other.open():
        await one.until(**dict.fromkeys(wire.replies, "ready"))
    assert sorted(wire.asked) == sorted(f"https://a.example/{name}" for name in wire.replies)


async def test_two_darkrooms_with_the_same_picture_do_no_harm(store: Store, folder: Path, posts: Posts) -> None:
    """As when the first is so slow that its lease ends."""
    await posts("post")
    wire = Wire(sky=png())
    wire.gate.clear()
    one, other = Room(store, folder, wire), Room(store, folder, wire)
    other.ahead = timedelta(minutes=2)

    async def both_have_asked() -> bool:
        return wire.at_once == 2

    await one.wish("post", "sky")
    async with one.open():
        await eventually(one.has_asked)
        async with other.open():
            await eventually(both_have_asked)
            wire.gate.set()
            for room in (one, other):
                await eventually(room.has_nothing_in_hand)
    sky = (await one.pictures())["sky"]
    assert sky.progress == "ready"
    assert [room.wall.shown for room in (one, other)] == [[["post"]]] * 2
    assert one.picture_worker.blobs.find(sky.file, "s")


async def test_darkroom_that_is_killed_leaves_the_picture_to_the_next(store: Store, folder: Path, posts: Posts) -> None:
    await posts("post")
    wire = Wire(sky=png())
    wire.pause = 30
    killed = Room(store, folder, wire)
    await killed.wish("post", "sky")
    async with killed.open():
        await eventually(killed.has_asked)
    assert (await killed.pictures())["sky"].progress == "waiting"
    wire.pause = 0
    after = Room(store, folder, wire)
    after.ahead = timedelta(minutes=1)
    async with after.open():
        await after.until(sky="ready")
    assert after.wall.shown == [["post"]]


async def test_picture_in_hand_is_not_begun_twice_when_its_lease_ends(store: Store, folder: Path, posts: Posts) -> None:
    await posts("post")
    wire = Wire(sky=png())
    wire.pause = 0.5
    room = Room(store, folder, wire)
    async with room.open():
        await room.wish("post", "sky")
        await eventually(room.has_asked)
        room.ahead = timedelta(minutes=2)
        room.picture_worker.wake()
        await room.until(sky="ready")
    assert wire.asked == ["https://a.example/sky"]
