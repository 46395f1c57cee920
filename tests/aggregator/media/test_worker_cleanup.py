"""Unused pictures are deleted, and none that is still in use."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from structlog.testing import capture_logs

from aggregator.items.pictures import release_pictures
from aggregator.media.blob_store import BlobStore
from aggregator.store.store import Store
from tests.aggregator.media.room import Posts, Room, Wire, eventually, png


async def test_darkroom_forgets_what_no_post_shows(store: Store, folder: Path, posts: Posts) -> None:
    await posts("gone")
    blobs = BlobStore(folder)
    room = Room(store, folder, Wire(sky=png()))
    async with room.open():
        await room.wish("gone", "sky")
        file = (await room.until(sky="ready"))["sky"].file
    async with store.write() as db:
        await release_pictures(db, ["gone"])
    again = Room(store, folder, Wire())
    async with again.open():

        async def gone() -> bool:
            return not await again.pictures() and not blobs.find(file, "s")

        await eventually(gone)


async def test_picture_thrown_out_before_it_was_named_is_fetched_again(
    store: Store, folder: Path, posts: Posts
) -> None:
    await posts("post")
    room = Room(store, folder, Wire(sky=png()))

    class Careless(BlobStore):
        careless = True

        def put(self, small: bytes, large: bytes) -> str:
            file = super().put(small, large)
            if self.careless:
                self.discard(file)
            return file

    blobs = room.picture_worker.blobs = Careless(folder)
    async with room.open():
        await room.wish("post", "sky")
        await eventually(room.has_asked)
        await eventually(room.has_nothing_in_hand)
        assert (await room.pictures())["sky"].progress == "waiting"
        blobs.careless, room.ahead = False, timedelta(minutes=1)
        room.picture_worker.wake()
        await room.until(sky="ready")
    assert room.wall.shown == [["post"]]


async def test_forgetting_that_fails_stops_nothing(store: Store, folder: Path, posts: Posts) -> None:
    await posts("post")
    (folder / "unfinished").mkdir(parents=True)
    room = Room(store, folder, Wire(sky=png()))

    class Unwalkable(BlobStore):
        def orphans(self, age: float) -> Iterator[str]:
            raise PermissionError("Not for you.")

    room.picture_worker.blobs = Unwalkable(folder)
    with capture_logs() as logs:
        async with room.open():
            await room.wish("post", "sky")
            await room.until(sky="ready")
    assert [entry["event"] for entry in logs] == ["picture cleanup failed"]
