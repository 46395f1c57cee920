"""Intake: posts per second stored and published in batches, beside bare inserts of the same, up to a million items.

A batch goes the whole way of a poll's page: `admit`, in one transaction with the source's cursor, onto both channels.
The reference, round about in the same run on the same database, puts the same JSON into one table with `executemany`.
Between the measured sizes the store is filled quickly: the same rows in the same tables, past our own code.
`python -m bench.intake --help` has the sizes.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import mean
from typing import Any

import msgspec
from sqlalchemy import Column, LargeBinary, MetaData, String, Table, insert, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from aggregator.channel.tables import Channel, Record
from aggregator.intake.admit import admit
from aggregator.items.bodies import build
from aggregator.items.names import post_id
from aggregator.items.tables import Item, Sighting, State, StoredPost
from aggregator.moment import to_micros
from aggregator.store import Store
from aggregator.walls.tables import Source, Wall
from aggregator.walls.verbs import create_wall, follow
from connectors._base import Address, Page, Person, Post
from tests.postgres import Postgres

START = datetime(2009, 10, 12, 9, 30, tzinfo=UTC)
WORDS = ("council", "hall", "network", "keynote", "budget", "open", "data", "cloud", "tea", "queue", "slides", "thanks")
BARE = Table("bare", MetaData(), Column("id", String, primary_key=True), Column("body", LargeBinary))
FILL = 20_000


def posts(first: int, count: int) -> tuple[Post, ...]:
    """Posts of 500 people, some 40 words each, one a second."""
    chance = random.Random(first)
    return tuple(_post(n, chance) for n in range(first, first + count))


def _post(n: int, chance: random.Random) -> Post:
    name = f"guest{n % 500}"
    url = f"https://social.example/@{name}"
    words = " ".join(chance.choices(WORDS, k=40))
    return Post(
        network="bench",
        key=f"https://social.example/users/{name}/statuses/{n}",
        url=f"{url}/{n}",
        author=Person(name=name.title(), handle=f"@{name}@social.example", url=url, avatar=f"{url}/avatar.png"),
        created_at=START + timedelta(seconds=n),
        html=f"<p>{words}</p>",
        lang="en",
        tags=("socitm09",),
    )


class Bench:
    """One database, one wall, one source; `size` counts the items on the wall."""

    def __init__(self, store: Store, batch: int) -> None:
        self.store = store
        self.batch = batch
        self.size = 0
        self.wall: Wall
        self.source: Source

    async def open(self) -> None:
        await self.store.open()
        async with self.store.write() as session:
            await (await session.connection()).run_sync(BARE.create)
            self.wall = await create_wall(session, "bench", "Bench")
            self.source = await follow(session, self.wall, Address(network="bench", kind="hashtag", value="socitm09"))

    async def ours(self, said: tuple[Post, ...]) -> None:
        async with self.store.write() as session:
            source = await session.get_one(Source, self.source.id)
            wall = await session.get_one(Wall, self.wall.id)
            refs = {post.key: post.url for post in said}
            await admit(session, source, wall, Page(posts=said, refs=refs), START + timedelta(days=400))
            source.cursor = said[-1].key
        self.size += len(said)

    async def bare(self, said: tuple[Post, ...]) -> None:
        rows = [{"id": post_id(post.network, post.key), "body": msgspec.json.encode(post)} for post in said]
        async with self.store.write() as session:
            await (await session.connection()).execute(insert(BARE), rows)

    async def measure(self, seconds: float) -> tuple[float, float]:
        """(ours, bare) in posts a second, over batches that take turns; checkpoints and all other hiccups count."""
        took: dict[str, list[float]] = {"ours": [], "bare": []}
        end = time.monotonic() + seconds
        while time.monotonic() < end or len(took["ours"]) < 5:
            said = posts(self.size, self.batch)
            took["bare"].append(await _timed(self.bare, said))
            took["ours"].append(await _timed(self.ours, said))
        return self.batch / mean(took["ours"]), self.batch / mean(took["bare"])

    async def fill(self, size: int) -> None:
        """Bring the wall to `size` items, every table with the rows that `admit` would have put there."""
        while self.size < size:
            said = posts(self.size, min(FILL, size - self.size))
            async with self.store.write() as session:
                await self._fill(await session.connection(), said)
            self.size += len(said)
        if self.store.dialect == "postgresql":  # autovacuum does this by itself, but the tests' server has none
            async with self.store.write() as session:
                await (await session.connection()).exec_driver_sql("ANALYZE")

    async def _fill(self, connection: AsyncConnection, said: tuple[Post, ...]) -> None:
        for table, rows in _rows(self.wall, self.source, said):
            if table is Record:
                for seq, row in enumerate(rows, self.size + 2):  # 1 is the wall's own record
                    row["seq"] = seq
            await connection.execute(insert(table), rows)
        heads = update(Channel).where(col(Channel.id).in_([self.wall.channel, self.wall.desk]))
        await connection.execute(heads.values(head=self.size + len(said) + 1))


def _rows(wall: Wall, source: Source, said: tuple[Post, ...]) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
    """Table by table. The posts' avatars are left out: five hundred rows that every run has after its first posts."""
    ids = [post_id(post.network, post.key) for post in said]
    bodies = [msgspec.json.encode(build(post, {})) for post in said]
    ats = [to_micros(post.created_at) for post in said]
    yield (
        StoredPost,
        [
            {"id": id_, "network": "bench", "body": msgspec.json.encode(post), "at": at, "first_seen_at": START}
            for id_, post, at in zip(ids, said, ats, strict=True)
        ],
    )
    yield Item, [{"wall_id": wall.id, "post_id": id_, "state": State.LIVE, "why": ""} for id_ in ids]
    yield (
        Sighting,
        [
            {"source_id": source.id, "post_id": id_, "key": post.key, "ref": post.url, "checked_at": at}
            for id_, post, at in zip(ids, said, ats, strict=True)
        ],
    )
    for channel in (wall.channel, wall.desk):
        desk = channel == wall.desk
        yield (
            Record,
            [
                {
                    "channel_id": channel,
                    "kind": "post",
                    "key": id_,
                    "at": at,
                    "body": b'{"state":"live","why":"","post":%s}' % body if desk else body,
                }
                for id_, at, body in zip(ids, ats, bodies, strict=True)
            ],
        )


async def _timed(work: Callable[[tuple[Post, ...]], Awaitable[None]], said: tuple[Post, ...]) -> float:
    start = time.perf_counter()
    await work(said)
    return time.perf_counter() - start


async def run(url: str, label: str, options: argparse.Namespace) -> None:
    store = Store(url)
    bench = Bench(store, options.batch)
    try:
        await bench.open()
        await bench.ours(posts(0, 1000))  # the first batch compiles statements
        await bench.measure(options.seconds / 4)
        first = 0.0
        for size in options.sizes:
            await bench.fill(size)
            ours, bare = await bench.measure(options.seconds)
            first = first or ours
            print(f"| {label} | {size:>9,} | {ours:>6,.0f} | {bare:>6,.0f} | {bare / ours:.1f} | {first / ours:.2f} |")
    finally:
        await store.close()


async def main(options: argparse.Namespace) -> None:
    print(f"Posts a second, in batches of {options.batch}; `slower` is beside the first row of the same database.\n")
    print("| database | items before | stored and published | bare insert | bare / ours | slower |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    if "sqlite" in options.databases:
        with tempfile.TemporaryDirectory(prefix="bench-intake-") as folder:
            await run(f"sqlite:///{Path(folder) / 'bench.db'}", "SQLite", options)
    if "postgresql" in options.databases:
        with Postgres() as server:
            await run(server.url(await server.create()), "PostgreSQL", options)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch", type=int, default=200, help="posts in one transaction")
    parser.add_argument("--seconds", type=float, default=10, help="time to measure at each size")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 100_000, 1_000_000], help="items on the wall")
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"], choices=["sqlite", "postgresql"])
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main(arguments()))
