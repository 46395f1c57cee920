"""A picture worker for tests, which control its transport, its wall and its clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

import httpx
from PIL import Image
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator import timestamps
from aggregator.items.tables import StoredPost, numbers
from aggregator.media.lanes import QUICK_SECONDS
from aggregator.media.pictures import Wanted, want
from aggregator.media.tables import StoredPicture
from aggregator.media.worker import PictureWorker
from aggregator.store.store import Store
from connectors.contract import Address, Connector, Kind, Page
from connectors.http.client import Http

Posts = Callable[..., Awaitable[None]]
"""Put posts with these ids into the store: the fixture `posts`."""


def png(color: str = "red", size: int = 40) -> bytes:
    file = BytesIO()
    Image.new("RGB", (size, size), color).save(file, "PNG")
    return file.getvalue()


class Album(Connector):
    """A network whose pictures come from a dictionary, over a fake transport."""

    name, label, kinds, min_interval, quiet_after = "album", "Album", (Kind(name="a", label="a", example="a"),), 1, 1

    def recognise(self, text: str, on: str = "") -> Address | None:
        raise NotImplementedError

    async def poll(self, http: Http, source: Address, cursor: str) -> Page:
        raise NotImplementedError


class Wire(httpx.AsyncBaseTransport):
    """A transport with `replies` by path: bytes, a status or an exception; else a 404. `gate` holds all replies up."""

    def __init__(self, **replies: bytes | int | Exception) -> None:
        self.replies = replies
        self.asked: list[str] = []
        self.at_once = self.most_at_once = 0
        self.pause = 0.0
        self.gate = asyncio.Event()
        self.gate.set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        try:
            await asyncio.sleep(self.pause)
            await self.gate.wait()
        finally:
            self.at_once -= 1
        reply = self.replies.get(request.url.path[1:], 404)
        if isinstance(reply, Exception):
            raise reply
        if isinstance(reply, int):
            return httpx.Response(reply)
        return httpx.Response(200, content=reply, headers={"Content-Type": "text/html"})


class Wall:
    """The posts that the picture worker republishes, call by call."""

    def __init__(self, *, refuse: str = "") -> None:
        self.shown: list[list[str]] = []
        self.refuse = refuse

    async def republish(self, db: AsyncSession, posts: Collection[int]) -> None:
        post_ids = list(await db.exec(select(StoredPost.id).where(col(StoredPost.n).in_(posts))))
        if self.refuse in post_ids:
            raise RuntimeError("This post cannot be shown.")
        self.shown.append(sorted(post_ids))


class Room:
    """A picture worker with a fake transport, a fake wall and a clock that can be moved."""

    def __init__(
        self,
        store: Store,
        folder: Path,
        wire: Wire,
        wall: Wall | None = None,
        *,
        refresh_interval: float = 2,
        gather: float = 0.1,
        connector: Connector | None = None,
        quick_seconds: float = QUICK_SECONDS,
    ) -> None:
        self.store, self.wire, self.wall = store, wire, wall or Wall()
        self.ahead = timedelta()
        self.http = Http(transport=wire, per_second=1e6)
        self.picture_worker = PictureWorker(
            store,
            self.http,
            {"album": connector or Album()},
            folder,
            self.wall.republish,
            refresh_interval=refresh_interval,
            gather=gather,
            quick_seconds=quick_seconds,
            clock=self.clock,
        )

    def clock(self) -> datetime:
        return timestamps.now() + self.ahead

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        running = asyncio.create_task(self.picture_worker.run())
        try:
            yield
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
            await self.http.aclose()

    async def wish(self, post: str, *names: str, host: str = "a.example", network: str = "album") -> None:
        async with self.store.write() as db:
            await want_for(db, post, *(Wanted(network, f"https://{host}/{name}", "picture") for name in names))
        self.picture_worker.wake()

    async def has_asked(self) -> bool:
        return bool(self.wire.asked)

    async def has_nothing_in_hand(self) -> bool:
        return self.picture_worker.in_hand == 0

    async def pictures(self) -> dict[str, StoredPicture]:
        async with self.store.read() as db:
            return {picture.url.rpartition("/")[2]: picture for picture in await db.exec(select(StoredPicture))}

    async def until(self, **progress: str) -> dict[str, StoredPicture]:
        """Wait until these pictures have the given progress."""

        async def there() -> bool:
            pictures = await self.pictures()
            return {name: pictures[name].progress for name in progress} == progress

        await eventually(there)
        return await self.pictures()

    async def until_trouble(self, *names: str) -> dict[str, StoredPicture]:
        """Wait until each of these pictures has failed."""

        async def there() -> bool:
            pictures = await self.pictures()
            return all(pictures[name].trouble for name in names)

        await eventually(there)
        return await self.pictures()


async def want_for(db: AsyncSession, post: str, *pictures: Wanted) -> None:
    """Request these pictures for the post with this id."""
    [number] = await db.exec(numbers([post]))
    await want(db, [(number, picture) for picture in pictures])


async def eventually(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await condition():
            await asyncio.sleep(0.02)


async def said(logs: Sequence[Mapping[str, object]], event: str) -> bool:
    return event in {entry["event"] for entry in logs}
