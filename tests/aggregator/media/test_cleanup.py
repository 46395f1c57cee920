"""Unused pictures are deleted, and no others."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator import timestamps
from aggregator.items.pictures import release_pictures
from aggregator.items.tables import StoredPost, numbers
from aggregator.media.blob_store import BlobStore
from aggregator.media.cleanup import delete_orphans, delete_unused, lock_blobs
from aggregator.media.pictures import StoredFile, Wanted, finished, picture_id, want
from aggregator.media.tables import PictureUse, StoredPicture
from aggregator.store.store import Store
from tests.aggregator.media.room import Posts, want_for


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "media")


class Interrupted(AsyncSession):
    """A session that starts `another` task after each of its queries, and lets it work for a moment."""

    def __init__(self, bind: Any, another: Callable[[], object]) -> None:
        super().__init__(bind)
        self.another = another

    async def exec(self, *query: Any, **options: Any) -> Any:
        found = await super().exec(*query, **options)
        self.another()
        await asyncio.sleep(0.2)
        return found


async def show(store: Store, blobs: BlobStore, post: str, url: str, content: bytes) -> str:
    """Make a post show a picture that is ready; returns the file."""
    file = blobs.put(content, content)
    async with store.write() as db:
        await want_for(db, post, Wanted("feeds", url, "picture"))
        await finished(db, [StoredFile(picture_id("feeds", url, "picture"), file, "#123456", 9, 9)])
    return file


async def urls(store: Store) -> list[str]:
    async with store.read() as db:
        return sorted(await db.exec(select(StoredPicture.url)))


async def test_picture_of_a_released_post_is_gone_with_its_files(store: Store, blobs: BlobStore, posts: Posts) -> None:
    await posts("gone", "stays")
    gone = await show(store, blobs, "gone", "u:1", b"1")
    stays = await show(store, blobs, "stays", "u:2", b"2")
    async with store.write() as db:
        await release_pictures(db, ["gone"])
    assert await delete_unused(store, blobs) == 1
    assert await urls(store) == ["u:2"]
    assert (blobs.find(gone, "s"), blobs.find(stays, "s") is None) == (None, False)
    assert await delete_unused(store, blobs) == 0


async def test_picture_of_a_deleted_post_is_gone_too(store: Store, blobs: BlobStore, posts: Posts) -> None:
    await posts("gone")
    file = await show(store, blobs, "gone", "u:1", b"1")
    async with store.write() as db:
        await db.exec(delete(StoredPost).where(col(StoredPost.id) == "gone"))
    assert await delete_unused(store, blobs) == 1
    assert (await urls(store), blobs.find(file, "l")) == ([], None)


async def test_picture_stays_while_another_post_shows_it(store: Store, blobs: BlobStore, posts: Posts) -> None:
    await posts("gone", "stays")
    await show(store, blobs, "gone", "u:1", b"1")
    file = await show(store, blobs, "stays", "u:1", b"1")
    async with store.write() as db:
        await release_pictures(db, ["gone"])
    assert await delete_unused(store, blobs) == 0
    assert (await urls(store), blobs.find(file, "s") is None) == (["u:1"], False)


async def test_file_stays_while_another_picture_has_it(store: Store, blobs: BlobStore, posts: Posts) -> None:
    await posts("gone", "stays")
    await show(store, blobs, "gone", "u:1", b"same")
    file = await show(store, blobs, "stays", "u:2", b"same")
    async with store.write() as db:
        await release_pictures(db, ["gone"])
    assert await delete_unused(store, blobs) == 1
    assert (await urls(store), blobs.find(file, "s") is None) == (["u:2"], False)


async def test_picture_that_never_came_is_forgotten_without_a_file(
    store: Store, blobs: BlobStore, posts: Posts
) -> None:
    await posts("gone")
    async with store.write() as db:
        await want_for(db, "gone", Wanted("feeds", "u:1", "picture"))
        await release_pictures(db, ["gone"])
    assert await delete_unused(store, blobs) == 1
    assert await urls(store) == []


async def test_many_pictures_are_forgotten_in_several_steps(store: Store, blobs: BlobStore, posts: Posts) -> None:
    await posts("gone")
    async with store.write() as db:
        await want_for(db, "gone", *(Wanted("feeds", f"u:{n}", "picture") for n in range(1200)))
        await release_pictures(db, ["gone"])
    assert await delete_unused(store, blobs) == 1200
    assert await urls(store) == []


async def test_picture_wanted_again_meanwhile_is_not_forgotten(store: Store, blobs: BlobStore, posts: Posts) -> None:
    """Posts come and go during a cleanup: in the end, every post that shows a picture has its row."""
    await posts(*map(str, range(6)))
    async with store.write() as db:
        await want_for(db, "0", Wanted("feeds", "u:0", "picture"))
        await release_pictures(db, ["0"])

    async def come(post: int) -> None:
        async with store.write() as db:
            await want_for(db, str(post), Wanted("feeds", f"u:{post % 2}", "picture"))
            await asyncio.sleep(0.01)

    async def forget() -> None:
        await delete_unused(store, blobs)

    await asyncio.gather(*(task for post in range(6) for task in (forget(), come(post), forget())))
    assert await urls(store) == ["u:0", "u:1"]
    async with store.read() as db:
        assert len((await db.exec(select(PictureUse))).all()) == 6


async def test_old_file_that_no_picture_has_is_thrown_out(store: Store, blobs: BlobStore, posts: Posts) -> None:
    await posts("post")
    kept = await show(store, blobs, "post", "u:1", b"1")
    old, new = blobs.put(b"old", b""), blobs.put(b"new", b"")
    then = timestamps.now().timestamp() - 7200
    for file in (kept, old):
        os.utime(blobs.folder / file[:2] / file, (then, then))
    await delete_orphans(store, blobs)
    assert [blobs.find(file, "s") is None for file in (kept, old, new)] == [False, True, False]


async def test_picture_about_to_be_shown_is_left_alone(store: Store, blobs: BlobStore, posts: Posts) -> None:
    await posts("gone", "new")
    file = await show(store, blobs, "gone", "u:1", b"1")
    async with store.write() as db:
        await release_pictures(db, ["gone"])
    async with store.write() as db:
        [number] = await db.exec(numbers(["new"]))
        writer = db.bind
    forgetting: list[asyncio.Task[int]] = []
    async with Interrupted(writer, lambda: forgetting.append(asyncio.create_task(delete_unused(store, blobs)))) as db:
        await want(db, [(number, Wanted("feeds", "u:1", "picture"))])
        await db.commit()
    assert await asyncio.gather(*forgetting) == [0]
    async with store.read() as db:
        assert list(await db.exec(select(StoredPicture.file))) == [file]
    assert blobs.find(file, "s")


async def test_file_about_to_be_named_is_left_alone(store: Store, blobs: BlobStore, posts: Posts) -> None:
    await posts("post")
    file = blobs.put(b"1", b"1")
    async with store.write() as db:
        await want_for(db, "post", Wanted("feeds", "u:1", "picture"))
    async with store.write() as db:
        await lock_blobs(db)
        forgetting = asyncio.create_task(delete_orphans(store, blobs, age=-1))
        await asyncio.sleep(0.2)
        assert blobs.find(file, "s")
        await finished(db, [StoredFile(picture_id("feeds", "u:1", "picture"), file, "#123456", 1, 1)])
    await forgetting
    assert blobs.find(file, "s")
