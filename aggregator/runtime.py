"""One process put together: each part built once, from the settings, and started and stopped in the right order.

Which parts start, the role decides: `web` serves readers, `intake` fills the walls, `all` does both.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog

from aggregator.channel.hub import Hub
from aggregator.channel.identity import keep_identity, settle_identity
from aggregator.channel.queries import RecordQueries
from aggregator.intake import Intake
from aggregator.items.pictures import republish_numbers
from aggregator.media.worker import PictureWorker
from aggregator.migrations import backfills, open_store
from aggregator.retention.pictures import picture_cleanup
from aggregator.settings import Settings
from aggregator.sources.credentials import Vault, settle_all
from aggregator.sources.hosts import SourceHosts
from aggregator.store.store import Store
from aggregator.walls.announcing import announce_all
from connectors.http.client import Http
from connectors.registry import connectors

PICTURES_PER_SECOND = 20.0
"""From one host, two at a time: they are files, and no server counts them as it counts what is asked of its API."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Worker:
    """A part that works until it is cancelled."""

    name: str
    run: Callable[[], Coroutine[Any, Any, None]]


class Runtime:
    """Everything that one process of Backchannel needs. `open()` for the store alone, `start()` for its role's part."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = Store(settings.store_url)
        hosts = SourceHosts(self.store)  # posts, pages and pictures name others, and those are strangers' addresses
        self.http = Http(contact=settings.contact, allow_hosts=settings.allow_hosts, permit=hosts.has)
        self.files = Http(  # a client of its own, so that a wall's first hundred pictures hold up no poll
            contact=settings.contact,
            allow_hosts=settings.allow_hosts,
            per_second=PICTURES_PER_SECOND,
            permit=hosts.has,
        )
        self.connectors = connectors()
        self.vault = Vault(settings.secret_path)
        self.hub = Hub(self.store)
        self.records = RecordQueries(self.store)
        self.picture_worker = PictureWorker(
            self.store, self.files, self.connectors, settings.media_dir, republish_numbers
        )
        self.intake = Intake(
            self.store,
            self.connectors,
            self.http,
            vault=self.vault,
            concurrency=settings.poll_concurrency,
            on_pictures=self.picture_worker.wake,
        )
        self.cleanup = picture_cleanup(self.store, self.picture_worker.blobs)
        self._work: list[asyncio.Task[None]] = []

    @property
    def workers(self) -> tuple[Worker, ...]:
        """The workers of this process's role. The hub is not one: it runs a fan-out for each channel with readers."""
        if not self.settings.role.polls:
            return ()
        return (
            Worker("intake", self.intake.run),
            Worker("picture worker", self.picture_worker.run),
            Worker(self.cleanup.name, self.cleanup.run),
            Worker("identity", partial(keep_identity, self.store)),
            Worker("backfills", partial(backfills.run, self.store)),
        )

    @property
    def failed_workers(self) -> list[str]:
        """The names of workers that have ended with an unexpected error."""
        return [task.get_name() for task in self._work if task.done() and not task.cancelled() and task.exception()]

    async def open(self) -> None:
        """Open the store alone, as commands do."""
        self.settings.make_data_dir()
        await open_store(self.store)
        for sentence in await settle_all(self.store, self.vault, self.connectors):
            log.info("credentials not usable", reason=sentence)
        await settle_identity(self.store)

    async def start(self) -> None:
        """Start the hub and the workers of this role."""
        await self.open()
        if self.settings.role.polls:
            await announce_all(self.store)
        if self.settings.role.serves:
            self.hub.start()
        self._work = [asyncio.create_task(worker.run(), name=worker.name) for worker in self.workers]

    async def stop(self) -> None:
        """Finish the transaction under way, then close. Safe to call whatever has been started."""
        async with AsyncExitStack() as closing:
            closing.push_async_callback(self.store.close)
            closing.push_async_callback(self.http.aclose)
            closing.push_async_callback(self.files.aclose)
            closing.push_async_callback(self.hub.stop)
            for task in self._work:
                task.cancel()
            for outcome in await asyncio.gather(*self._work, return_exceptions=True):
                if isinstance(outcome, Exception):
                    log.error("a worker had failed", exc_info=outcome)
