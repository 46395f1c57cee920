"""The picture worker: fetch, prepare and store the pictures that posts show, and have their posts published again.

It owns the pace and what becomes of each failure; it refuses to know what a post looks like. A picture that fails
holds nothing back, and a kill at any moment only means that a picture is fetched once more.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from datetime import datetime
from pathlib import Path
from weakref import WeakValueDictionary

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator import timestamps
from aggregator.media.blob_store import BlobStore
from aggregator.media.circuit_breaker import CircuitBreaker, Host
from aggregator.media.cleanup import delete_orphans, delete_unused, lock_blobs
from aggregator.media.images import Prepared
from aggregator.media.pictures import StoredFile, are_due, failed, finished, hold, newest_posts, shown_by, take
from aggregator.media.retries import DEFER_FOR, Failure, failure
from aggregator.media.sandbox import Sandbox
from aggregator.media.tables import StoredPicture
from aggregator.store.store import Store
from connectors.contract import Connector
from connectors.errors import ConnectorError, Forbidden, Unavailable
from connectors.http.client import Http

LOOK_INTERVAL = 2.0
"""Seconds between two looks at what is due while nobody nudges: other processes want pictures too."""
COLLECT_WINDOW = 0.1
"""Seconds for which finished pictures gather, so that a burst does not show a post again for each of its pictures."""
MAX_IN_HAND = 64
"""Pictures that one picture worker has taken; those of a slow host wait for their lanes while others pass."""
FETCH_TIMEOUT = 60.0
"""Seconds for one fetch altogether, whatever a connector does."""
CLEANUP_INTERVAL = 300.0
"""Seconds between two looks for pictures that no post shows any more; most are gone by then."""
ORPHANS_INTERVAL = 3600.0
"""Seconds between two walks along the blobs, for what a kill has left there."""

Republish = Callable[[AsyncSession, Collection[int]], Awaitable[None]]
log = structlog.get_logger()


class PictureWorker:
    """`republish(db, numbers)` shows posts again inside the transaction that made their pictures ready."""

    def __init__(
        self,
        store: Store,
        http: Http,
        connectors: Mapping[str, Connector],
        folder: Path,
        republish: Republish,
        *,
        workers: int = 4,
        look_every: float = LOOK_INTERVAL,
        gather: float = COLLECT_WINDOW,
        clock: Callable[[], datetime] = timestamps.now,
    ) -> None:
        self.blobs = BlobStore(folder)
        self._store = store
        self._http = http
        self._connectors = connectors
        self._republish = republish
        self._look_every = look_every
        self._gather = gather
        self._clock = clock
        self._workers = asyncio.Semaphore(workers)  # bounds the bytes in memory, too
        self._hosts = CircuitBreaker()
        self._sandboxes: asyncio.Queue[Sandbox] = asyncio.Queue()
        self._done: asyncio.Queue[StoredFile | Failure] = asyncio.Queue()
        self._in_hand: set[str] = set()
        self._posts: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._are_more = False
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Look at once at what is due: somebody has just wanted pictures."""
        self._woken.set()

    async def run(self) -> None:
        """Work until cancelled."""
        self._sandboxes, self._done, self._in_hand = asyncio.Queue(), asyncio.Queue(), set()
        async with AsyncExitStack() as stack:
            for _ in range(max(1, (os.cpu_count() or 1) // 2)):  # the other half is the wall's
                self._sandboxes.put_nowait(await stack.enter_async_context(Sandbox()))
            async with asyncio.TaskGroup() as group:
                group.create_task(self._settle_what_is_done())
                group.create_task(self._every(CLEANUP_INTERVAL, delete_unused))
                group.create_task(self._every(ORPHANS_INTERVAL, delete_orphans))
                while True:
                    await self._take(group)
                    with suppress(TimeoutError):
                        async with asyncio.timeout(self._look_every):  # wait_for may swallow our own end
                            await self._woken.wait()
                    self._woken.clear()

    # --- one picture --------------------------------------------------------------------------------------------

    async def _take(self, group: asyncio.TaskGroup) -> None:
        """Start on what is due, as far as there are hands."""
        room, at = MAX_IN_HAND - len(self._in_hand), self._clock()
        pictures: list[StoredPicture] = []
        posts: dict[str, int] = {}
        try:
            async with self._store.read() as db:
                due = room > 0 and await are_due(db, at)
            if due:
                async with self._store.write() as db:
                    pictures = await take(db, at, room)
                    posts = await newest_posts(db, [picture.id for picture in pictures])
        except Exception:
            log.exception("pictures cannot be taken now")
            pictures = []  # where the commit failed, they are nobody's
        self._are_more = len(pictures) == room
        for picture in pictures:
            if picture.id not in self._in_hand:
                self._in_hand.add(picture.id)
                group.create_task(self._work(picture, posts.get(picture.id, 0)))

    async def _work(self, picture: StoredPicture, post: int = 0) -> None:
        """One picture of a post at a time: twelve slow hosts of one post hold up no other's."""
        turn = self._posts.setdefault(post, asyncio.Lock())
        host = self._hosts.of(picture.network, picture.url)
        host.callers += 1
        try:
            async with turn, host.slots, self._workers:
                outcome = await self._develop(picture, host)
        except Exception as trouble:  # noqa: BLE001 (`failure` logs what nobody foresaw)
            outcome = failure(picture, trouble)
        finally:
            host.callers -= 1
        self._done.put_nowait(outcome)

    async def _develop(self, picture: StoredPicture, host: Host) -> StoredFile | Failure:
        """Fetch, prepare, keep. Raises whatever goes wrong."""
        if host.is_silent(self._clock()):
            return Failure(picture.id, "The server with this picture does not answer.", wait=DEFER_FOR)
        data = await self._fetch(picture, host)
        prepared = await self._prepare(data, picture.purpose)
        file = await asyncio.to_thread(self.blobs.put, prepared.small, prepared.large)
        return StoredFile(picture.id, file, prepared.color, prepared.width, prepared.height)

    async def _fetch(self, picture: StoredPicture, host: Host) -> bytes:
        connector = self._connectors.get(picture.network)
        if connector is None:
            raise Forbidden(f"No connector here knows the network “{picture.network}”.")
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

    # --- what is done -------------------------------------------------------------------------------------------

    async def _settle_what_is_done(self) -> None:
        while True:
            batch = [await self._done.get()]
            await asyncio.sleep(self._gather)
            while not self._done.empty():
                batch.append(self._done.get_nowait())
            await self._settle(batch)
            self._in_hand.difference_update(one.id for one in batch)
            if self._are_more:
                self.wake()

    async def _settle(self, batch: Sequence[StoredFile | Failure]) -> None:
        """All in one transaction; if that fails, each in its own, so that one cannot hold back the others."""
        try:
            await self._record(batch, self._republish)
        except Exception:
            log.exception("pictures cannot be shown", pictures=[one.id for one in batch])
            if len(batch) > 1:
                for one in batch:
                    await self._settle([one])
            else:
                await self._settle_unseen(batch)

    async def _settle_unseen(self, batch: Sequence[StoredFile | Failure]) -> None:
        """It is its posts that cannot be shown: note the picture nonetheless, or we would fetch it for ever."""
        try:
            await self._record(batch, _nothing)
        except Exception:  # the store is away: once its lease has ended, the picture is due again
            log.exception("pictures cannot be noted now", pictures=[one.id for one in batch])

    async def _record(self, batch: Sequence[StoredFile | Failure], republish: Republish) -> None:
        at = self._clock()
        async with self._store.write() as db:
            await lock_blobs(db)
            await hold(db, [one.id for one in batch])
            # What was thrown out between keeping and now is fetched again once its lease has ended.
            kept = [one for one in batch if isinstance(one, StoredFile) and self.blobs.find(one.file, "s")]
            await finished(db, kept)
            over = [
                one.id
                for one in batch
                if isinstance(one, Failure)
                and await failed(db, one.id, one.trouble, at, final=one.final, wait=one.wait)
            ]
            posts = await shown_by(db, [one.id for one in kept] + over)
            if posts:
                await republish(db, posts)

    async def _every(self, seconds: float, forget: Callable[[Store, BlobStore], Awaitable[object]]) -> None:
        while True:
            try:
                await forget(self._store, self.blobs)
            except Exception:
                log.exception("pictures cannot be forgotten now")
            await asyncio.sleep(seconds)


async def _nothing(_session: AsyncSession, _numbers: Collection[int]) -> None:
    pass
