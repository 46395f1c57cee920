"""The picture worker: it fetches, prepares and stores the pictures of posts, and republishes these posts.

A failing picture delays no other, and after a crash a picture is at most fetched once more.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from weakref import WeakValueDictionary

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator import timestamps
from aggregator.media.blob_store import BlobStore
from aggregator.media.circuit_breaker import CircuitBreaker, Host
from aggregator.media.cleanup import delete_orphans, delete_unused, lock_blobs
from aggregator.media.images import Prepared
from aggregator.media.lanes import QUICK_SECONDS, SLOW_PLACES, Lanes
from aggregator.media.pictures import StoredFile, are_due, failed, finished, lock_pictures, newest_posts, shown_by, take
from aggregator.media.retries import DEFER_FOR, Failure, failure
from aggregator.media.sandbox import Sandbox
from aggregator.media.tables import StoredPicture
from aggregator.store.store import Store
from connectors.contract import Connector
from connectors.errors import ConnectorError, Forbidden, Unavailable
from connectors.http.client import Http

REFRESH_INTERVAL = 2.0
"""Seconds between two reads of the due pictures, unless `wake` is called: other processes request pictures, too."""
COLLECT_WINDOW = 0.1
"""Seconds for which finished pictures are collected, so that posts with one avatar are republished once."""
MAX_IN_HAND = 64
"""Pictures that one worker takes at once; those of a slow host wait for a slot while others pass."""
FETCH_TIMEOUT = 60.0
"""Seconds for one fetch in total."""
CLEANUP_INTERVAL = 300.0
"""Seconds between two cleanups of unused pictures; a consumer deletes most of them earlier."""
ORPHANS_INTERVAL = 3600.0
"""Seconds between two searches for orphans in the blob store."""

Republish = Callable[[AsyncSession, Collection[int]], Awaitable[None]]
log = structlog.get_logger()


class PictureWorker:
    """`republish(db, numbers)` republishes posts inside the transaction that marks their pictures as ready."""

    def __init__(
        self,
        store: Store,
        http: Http,
        connectors: Mapping[str, Connector],
        folder: Path,
        republish: Republish,
        *,
        workers: int = 4,
        refresh_interval: float = REFRESH_INTERVAL,
        gather: float = COLLECT_WINDOW,
        quick_seconds: float = QUICK_SECONDS,
        clock: Callable[[], datetime] = timestamps.now,
    ) -> None:
        self.blobs = BlobStore(folder)
        self._store = store
        self._http = http
        self._connectors = connectors
        self._republish = republish
        self._refresh_interval = refresh_interval
        self._gather = gather
        self._clock = clock
        self._lanes = Lanes(workers, quick_seconds=quick_seconds)
        self._in_memory = asyncio.Semaphore(workers + SLOW_PLACES)  # pictures whose bytes are held
        self._hosts = CircuitBreaker()
        self._sandboxes: asyncio.Queue[Sandbox] = asyncio.Queue()
        self._done: asyncio.Queue[StoredFile | Failure] = asyncio.Queue()
        self._in_hand: set[str] = set()
        self._posts: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._has_more = False
        self._woken = asyncio.Event()

    @property
    def in_hand(self) -> int:
        """The number of pictures taken and not yet recorded."""
        return len(self._in_hand)

    def wake(self) -> None:
        """Read the due pictures at once: some have just been requested."""
        self._woken.set()

    async def run(self) -> None:
        """Work until cancelled."""
        self._sandboxes, self._done, self._in_hand = asyncio.Queue(), asyncio.Queue(), set()
        async with AsyncExitStack() as stack:
            for _ in range(max(1, (os.cpu_count() or 1) // 2)):  # the other half of the cores serves the wall
                self._sandboxes.put_nowait(await stack.enter_async_context(Sandbox()))
            async with asyncio.TaskGroup() as group:
                group.create_task(self._record_finished())
                group.create_task(self._every(CLEANUP_INTERVAL, delete_unused))
                group.create_task(self._every(ORPHANS_INTERVAL, delete_orphans))
                while True:
                    await self._take(group)
                    with suppress(TimeoutError):
                        async with asyncio.timeout(self._refresh_interval):  # wait_for may swallow a cancellation
                            await self._woken.wait()
                    self._woken.clear()

    # --- one picture --------------------------------------------------------------------------------------------

    async def _take(self, group: asyncio.TaskGroup) -> None:
        """Take and start as many due pictures as there is capacity for."""
        capacity, at = MAX_IN_HAND - self.in_hand, self._clock()
        pictures: list[StoredPicture] = []
        posts: dict[str, int] = {}
        try:
            async with self._store.read() as db:
                due = capacity > 0 and await are_due(db, at)
            if due:
                async with self._store.write() as db:
                    pictures = await take(db, at, capacity)
                    posts = await newest_posts(db, [picture.id for picture in pictures])
        except Exception:
            log.exception("pictures not leased")
            pictures = []  # a failed commit leases nothing
        self._has_more = len(pictures) == capacity
        for picture in pictures:
            if picture.id not in self._in_hand:
                self._in_hand.add(picture.id)
                group.create_task(self._work(picture, posts.get(picture.id, 0)))

    async def _work(self, picture: StoredPicture, post: int = 0) -> None:
        """Process one picture of a post at a time, so that a post with slow hosts does not delay other posts."""
        turn = self._posts.setdefault(post, asyncio.Lock())
        host = self._hosts.of(picture.network, picture.url)
        host.callers += 1
        try:
            async with turn, host.slots:
                outcome = await self._process(picture, host)
        except Exception as error:  # noqa: BLE001 (`failure` logs unexpected errors)
            outcome = failure(picture, error)
        finally:
            host.callers -= 1
        self._done.put_nowait(outcome)

    async def _process(self, picture: StoredPicture, host: Host) -> StoredFile | Failure:
        """Fetch, prepare and store a picture. Raises any error."""
        if host.is_silent(self._clock()):
            return Failure(picture.id, "No response from the server of this picture.", wait=DEFER_FOR)
        async with self._in_memory:
            prepared = await self._prepare(await self._lanes.run(partial(self._fetch, picture, host)), picture.purpose)
        file = await asyncio.to_thread(self.blobs.put, prepared.small, prepared.large)
        return StoredFile(picture.id, file, prepared.color, prepared.width, prepared.height)

    async def _fetch(self, picture: StoredPicture, host: Host) -> bytes:
        connector = self._connectors.get(picture.network)
        if connector is None:
            raise Forbidden(f"No connector for the network “{picture.network}”.")
        try:
            async with asyncio.timeout(FETCH_TIMEOUT):
                data = await connector.picture(self._http, picture.url)
        except (Unavailable, TimeoutError):
            host.missed(self._clock())
            raise
        except ConnectorError:
            host.answered()
            raise
        host.answered()
        return data

    async def _prepare(self, data: bytes, purpose: str) -> Prepared:
        sandbox = await self._sandboxes.get()
        try:
            return await sandbox.prepare(data, purpose)
        finally:
            self._sandboxes.put_nowait(sandbox)

    # --- finished pictures --------------------------------------------------------------------------------------

    async def _record_finished(self) -> None:
        while True:
            batch = [await self._done.get()]
            await asyncio.sleep(self._gather)
            while not self._done.empty():
                batch.append(self._done.get_nowait())
            await self._record_batch(batch)
            self._in_hand.difference_update(one.id for one in batch)
            if self._has_more:
                self.wake()

    async def _record_batch(self, batch: Sequence[StoredFile | Failure]) -> None:
        """Record all in one transaction; if that fails, each in its own, so that one failure does not affect others."""
        try:
            await self._record(batch, self._republish)
        except Exception:
            log.exception("pictures not published", pictures=[one.id for one in batch])
            if len(batch) > 1:
                for one in batch:
                    await self._record_batch([one])
            else:
                await self._record_unpublished(batch)

    async def _record_unpublished(self, batch: Sequence[StoredFile | Failure]) -> None:
        """Record a picture whose posts cannot be published; else it would be fetched forever."""
        try:
            await self._record(batch, _nothing)
        except Exception:  # the store is unavailable: the picture is due again when its lease ends
            log.exception("pictures not recorded", pictures=[one.id for one in batch])

    async def _record(self, batch: Sequence[StoredFile | Failure], republish: Republish) -> None:
        at = self._clock()
        async with self._store.write() as db:
            await lock_blobs(db)
            await lock_pictures(db, [one.id for one in batch])
            # A file that was deleted meanwhile is fetched again when its lease ends.
            stored = [one for one in batch if isinstance(one, StoredFile) and self.blobs.find(one.file, "s")]
            await finished(db, stored)
            over = [
                one.id
                for one in batch
                if isinstance(one, Failure) and await failed(db, one.id, one.error, at, final=one.final, wait=one.wait)
            ]
            posts = await shown_by(db, [one.id for one in stored] + over)
            if posts:
                await republish(db, posts)

    async def _every(self, seconds: float, clean: Callable[[Store, BlobStore], Awaitable[object]]) -> None:
        while True:
            try:
                await clean(self._store, self.blobs)
            except Exception:
                log.exception("picture cleanup failed")
            await asyncio.sleep(seconds)


async def _nothing(_session: AsyncSession, _numbers: Collection[int]) -> None:
    pass
