"""A backup keeps where consumers are; what is restored from it is another epoch to them."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sqlmodel import select

from aggregator.backup.restore import restore_backup
from aggregator.backup.write import write_backup
from aggregator.channel.consumer import Consumer, Delivery
from aggregator.channel.identity import settle_identity
from aggregator.channel.publish import Draft, open_channel, publish
from aggregator.channel.tables import ConsumerCursor
from aggregator.media.blob_store import BlobStore
from aggregator.migrations import open_store
from aggregator.store.store import Store
from tests.aggregator.invented import KIM


async def consume(store: Store, *keys: str) -> list[Delivery]:
    """Run a consumer until it has been given these."""
    given: list[Delivery] = []

    async def handle(delivery: Delivery) -> None:
        given.append(delivery)

    task = asyncio.create_task(Consumer(store, "test", handle, audience="wall").run())
    async with asyncio.timeout(30):
        while [record.key for delivery in given for record in delivery.records] != list(keys):
            await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait([task], timeout=10)
    return given


async def say(store: Store, *keys: str) -> None:
    async with store.write() as db:
        await open_channel(db, "a/wall")
        await publish(db, "a/wall", [Draft("post", key, 0, b"{}") for key in keys])


async def opened(file: Path) -> Store:
    store = Store(f"sqlite:///{file}")
    await open_store(store)
    await settle_identity(store)
    return store


async def test_restored_backup_has_its_cursors_and_begins_their_channels_again(tmp_path: Path) -> None:
    shelf, file, backup = BlobStore(tmp_path / "media"), tmp_path / "backchannel.db", tmp_path / "backup.tar"
    store = await opened(file)
    await say(store, "a")
    [first] = await consume(store, "a")
    await write_backup(store, shelf, backup, by=KIM)
    await say(store, "lost")
    await consume(store, "lost")
    await store.close()
    await restore_backup(backup, store.database, shelf, tmp_path / "secret.key")
    store = await opened(file)
    async with store.read() as db:
        [cursor] = await db.exec(select(ConsumerCursor))
    assert (cursor.name, cursor.channel_id, cursor.epoch, cursor.seq) == ("test", "a/wall", first.epoch, 1)
    await say(store, "b")
    [again] = await consume(store, "a", "b")
    assert again.is_reset
    assert again.epoch != first.epoch
    await store.close()
