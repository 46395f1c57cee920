"""What no post shows any more is really gone, and nothing else is."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from sqlmodel import col, delete, select

from aggregator import timestamps
from aggregator.items.pictures import release_pictures
from aggregator.items.tables import StoredPost
from aggregator.media.blob_store import Shelf
from aggregator.media.cleanup import forget_strays, forget_unused, hold_shelf
from aggregator.media.pictures import Kept, Wanted, _hold, finished, picture_id
from aggregator.media.tables import PictureUse, StoredPicture
from aggregator.store.store import Store
from tests.aggregator.media.room import Posts, want_for


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "media")


async def show(store: Store, shelf: Shelf, post: str, url: str, content: bytes) -> str:
    """A post shows a picture, which is ready. Returns the file."""
    file = shelf.put(content, content)
    async with store.write() as session:
        await want_for(session, post, Wanted("feeds", url, "picture"))
        await finished(session, [Kept(picture_id("feeds", url, "picture"), file, "#123456", 9, 9)])
    return file


async def urls(store: Store) -> list[str]:
    async with store.read() as session:
        return sorted(await session.exec(select(StoredPicture.url)))


async def test_picture_of_a_released_post_is_gone_with_its_files(store: Store, shelf: Shelf, posts: Posts) -> None:
    await posts("gone", "stays")
    gone = await show(store, shelf, "gone", "u:1", b"1")
    stays = await show(store, shelf, "stays", "u:2", b"2")
    async with store.write() as session:
        await release_pictures(session, ["gone"])
    assert await forget_unused(store, shelf) == 1
    assert await urls(store) == ["u:2"]
    assert (shelf.find(gone, "s"), shelf.find(stays, "s") is None) == (None, False)
    assert await forget_unused(store, shelf) == 0


async def test_picture_of_a_deleted_post_is_gone_too(store: Store, shelf: Shelf, posts: Posts) -> None:
    await posts("gone")
    file = await show(store, shelf, "gone", "u:1", b"1")
    async with store.write() as session:
        await session.exec(delete(StoredPost).where(col(StoredPost.id) == "gone"))
    assert await forget_unused(store, shelf) == 1
    assert (await urls(store), shelf.find(file, "l")) == ([], None)


async def test_picture_stays_while_another_post_shows_it(store: Store, shelf: Shelf, posts: Posts) -> None:
    await posts("gone", "stays")
    await show(store, shelf, "gone", "u:1", b"1")
    file = await show(store, shelf, "stays", "u:1", b"1")
    async with store.write() as session:
        await release_pictures(session, ["gone"])
    assert await forget_unused(store, shelf) == 0
    assert (await urls(store), shelf.find(file, "s") is None) == (["u:1"], False)


async def test_file_stays_while_another_picture_has_it(store: Store, shelf: Shelf, posts: Posts) -> None:
    await posts("gone", "stays")
    await show(store, shelf, "gone", "u:1", b"same")
    file = await show(store, shelf, "stays", "u:2", b"same")
    async with store.write() as session:
        await release_pictures(session, ["gone"])
    assert await forget_unused(store, shelf) == 1
    assert (await urls(store), shelf.find(file, "s") is None) == (["u:2"], False)


async def test_picture_that_never_came_is_forgotten_without_a_file(store: Store, shelf: Shelf, posts: Posts) -> None:
    await posts("gone")
    async with store.write() as session:
        await want_for(session, "gone", Wanted("feeds", "u:1", "picture"))
        await release_pictures(session, ["gone"])
    assert await forget_unused(store, shelf) == 1
    assert await urls(store) == []


async def test_many_pictures_are_forgotten_in_several_steps(store: Store, shelf: Shelf, posts: Posts) -> None:
    await posts("gone")
    async with store.write() as session:
        await want_for(session, "gone", *(Wanted("feeds", f"u:{n}", "picture") for n in range(1200)))
        await release_pictures(session, ["gone"])
    assert await forget_unused(store, shelf) == 1200
    assert await urls(store) == []


async def test_picture_wanted_again_meanwhile_is_not_forgotten(store: Store, shelf: Shelf, posts: Posts) -> None:
    """Posts come and go while others forget: every post that shows a picture has its row in the end."""
    await posts(*map(str, range(6)))
    async with store.write() as session:
        await want_for(session, "0", Wanted("feeds", "u:0", "picture"))
        await release_pictures(session, ["0"])

    async def come(post: int) -> None:
        async with store.write() as session:
            await want_for(session, str(post), Wanted("feeds", f"u:{post % 2}", "picture"))
            await asyncio.sleep(0.01)

    async def forget() -> None:
        await forget_unused(store, shelf)

    await asyncio.gather(*(task for post in range(6) for task in (forget(), come(post), forget())))
    assert await urls(store) == ["u:0", "u:1"]
    async with store.read() as session:
        assert len((await session.exec(select(PictureUse))).all()) == 6


async def test_old_file_that_no_picture_has_is_thrown_out(store: Store, shelf: Shelf, posts: Posts) -> None:
    await posts("post")
    kept = await show(store, shelf, "post", "u:1", b"1")
    old, new = shelf.put(b"old", b""), shelf.put(b"new", b"")
    then = timestamps.now().timestamp() - 7200
    for file in (kept, old):
        os.utime(shelf.folder / file[:2] / file, (then, then))
    await forget_strays(store, shelf)
    assert [shelf.find(file, "s") is None for file in (kept, old, new)] == [False, True, False]


async def test_picture_about_to_be_shown_is_left_alone(store: Store, shelf: Shelf, posts: Posts) -> None:
    await posts("gone", "new")
    file = await show(store, shelf, "gone", "u:1", b"1")
    async with store.write() as session:
        await release_pictures(session, ["gone"])
    async with store.write() as session:
        await _hold(session, [picture_id("feeds", "u:1", "picture")])
        forgetting = asyncio.create_task(forget_unused(store, shelf))
        await asyncio.sleep(0.2)
        await want_for(session, "new", Wanted("feeds", "u:1", "picture"))
    await forgetting
    async with store.read() as session:
        assert list(await session.exec(select(StoredPicture.file))) == [file]
    assert shelf.find(file, "s")


async def test_file_about_to_be_named_is_left_alone(store: Store, shelf: Shelf, posts: Posts) -> None:
    await posts("post")
    file = shelf.put(b"1", b"1")
    async with store.write() as session:
        await want_for(session, "post", Wanted("feeds", "u:1", "picture"))
    async with store.write() as session:
        await hold_shelf(session)
        forgetting = asyncio.create_task(forget_strays(store, shelf, age=-1))
        await asyncio.sleep(0.2)
        assert shelf.find(file, "s")
        await finished(session, [Kept(picture_id("feeds", "u:1", "picture"), file, "#123456", 1, 1)])
    await forgetting
    assert shelf.find(file, "s")
