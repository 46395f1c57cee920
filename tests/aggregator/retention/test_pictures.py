"""Pictures go with their posts, whichever process takes those away, and nothing goes that a post still shows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select
from structlog.testing import capture_logs

from aggregator.channel.publish import renew_channels
from aggregator.channel.tables import Channel, ConsumerCursor
from aggregator.media.blob_store import BlobStore
from aggregator.media.pictures import release
from aggregator.media.tables import PictureUse, Progress, StoredPicture
from aggregator.moderation.decisions import hide, withdraw
from aggregator.retention.pictures import picture_cleanup
from aggregator.sources.tables import Source
from aggregator.store.store import Store
from aggregator.walls.tables import Wall
from connectors.contract import Attachment, Page, Post
from tests.aggregator.invented import KIM, ONE, START, TWO, a_source, a_wall, bring, said


@pytest.fixture
async def wall(store: Store) -> Wall:
    return await a_wall(store)


@pytest.fixture
async def source(store: Store, wall: Wall) -> Source:
    return await a_source(store, wall)


@pytest.fixture
def shelf(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "media")


def with_picture(key: str, picture: str = "", **fields: Any) -> Post:
    url = f"https://invented.example/{picture or key}.png"
    return said(key, media=(Attachment(kind="image", url=url),), **fields)


async def fetched(store: Store, shelf: BlobStore) -> dict[str, str]:
    """Put a file on the blob store for each picture that waits: its name → the file."""
    files = {}
    async with store.write() as db:
        for picture in await db.exec(select(StoredPicture)):
            name = picture.url.rpartition("/")[2].removesuffix(".png")
            picture.file = files[name] = shelf.put(b"small " + name.encode(), b"large")
            picture.progress = Progress.READY
    return files


@asynccontextmanager
async def cleaning(store: Store, shelf: BlobStore) -> AsyncIterator[None]:
    """The consumer at work, once it has noted where it begins."""
    task = asyncio.create_task(picture_cleanup(store, shelf, gather=0.01).run())
    try:
        await until(lambda: has_come_to(store, "hall/desk"))
        yield
    finally:
        task.cancel()
        await asyncio.wait([task], timeout=10)


async def has_come_to(store: Store, channel: str) -> bool:
    async with store.read() as db:
        return (await db.exec(select(ConsumerCursor).where(ConsumerCursor.channel_id == channel))).first() is not None


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(30):
        while not await true():
            await asyncio.sleep(0.02)


def is_gone(shelf: BlobStore, file: str) -> Callable[[], Awaitable[bool]]:
    async def gone() -> bool:
        return shelf.find(file, "s") is None and shelf.find(file, "l") is None

    return gone


async def test_picture_goes_with_a_post_that_another_process_withdraws(
    store: Store, shelf: BlobStore, wall: Wall, source: Source
) -> None:
    await bring(store, source, Page(posts=(with_picture("1"), with_picture("2"))))
    files = await fetched(store, shelf)
    async with cleaning(store, shelf):
        other = Store(store.url.render_as_string(hide_password=False))
        async with other.write() as db:
            await withdraw(db, wall, ONE, by=KIM)
        await other.close()
        await until(is_gone(shelf, files["1"]))
    assert shelf.find(files["2"], "s")


async def test_picture_goes_with_a_post_that_its_author_deletes(store: Store, shelf: BlobStore, source: Source) -> None:
    await bring(store, source, Page(posts=(with_picture("1"), with_picture("2", "1"), with_picture("3"))))
    files = await fetched(store, shelf)
    async with cleaning(store, shelf):
        await bring(store, source, Page(gone=("1", "3")))
        await until(is_gone(shelf, files["3"]))
    assert shelf.find(files["1"], "s"), "another post shows it"


async def test_picture_that_an_edit_takes_out_goes(store: Store, shelf: BlobStore, source: Source) -> None:
    await bring(store, source, Page(posts=(with_picture("1"),)))
    files = await fetched(store, shelf)
    async with cleaning(store, shelf):
        await bring(store, source, Page(posts=(said("1", edited_at=START + timedelta(minutes=2)),)))
        await until(is_gone(shelf, files["1"]))


async def test_new_and_hidden_posts_cost_no_cleanup(store: Store, shelf: BlobStore, wall: Wall, source: Source) -> None:
    await bring(store, source, Page(posts=(with_picture("1"),)))
    files = await fetched(store, shelf)
    async with store.write() as db:  # what a cleanup would delete
        await release(db, list(await db.exec(select(PictureUse.post_n))))
    async with cleaning(store, shelf):
        await bring(store, source, Page(posts=(with_picture("2"),)))
        async with store.write() as db:
            await hide(db, wall, TWO, by=KIM)
        await asyncio.sleep(0.5)
        assert shelf.find(files["1"], "s")
        async with store.write() as db:
            await renew_channels(db)
        await until(is_gone(shelf, files["1"]))


async def test_cleanup_that_fails_is_tried_again(store: Store, shelf: BlobStore, wall: Wall, source: Source) -> None:
    class Stuck(BlobStore):
        failures = 1

        def discard(self, file: str) -> None:
            if self.failures:
                self.failures -= 1
                raise PermissionError("not now")
            super().discard(file)

    stuck = Stuck(shelf.folder)
    await bring(store, source, Page(posts=(with_picture("1"),)))
    await fetched(store, stuck)
    with capture_logs() as logs:
        async with cleaning(store, stuck):
            async with store.write() as db:
                await withdraw(db, wall, ONE, by=KIM)
            await until(lambda: has_caught_up(store))
    assert [entry["event"] for entry in logs] == ["consumer failed"]


async def has_caught_up(store: Store) -> bool:
    async with store.read() as db:
        query = select(Channel.head, ConsumerCursor.seq).join(ConsumerCursor).where(Channel.id == "hall/desk")
        head, seq = (await db.exec(query)).one()
        return head == seq
