"""Intake: posts per second stored and published in batches, near an empty store and at a million items.

A batch takes the whole path of a poll's page: `admit`, in one transaction with the source's cursor, onto both channels.
The baseline puts the same JSON into one table of the same database with `executemany`. Each size has a database of its
own, filled beforehand without our code; then all take turns, batch by batch, so that other load on the machine affects
them alike. `slower` is the median, over the rounds, of a batch's time divided by the first size's in that round.
`python -m bench.intake --help` has the sizes.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import mean, median
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    delete,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from aggregator.audit.actor import UNNAMED
from aggregator.channel.tables import Channel, Record
from aggregator.intake.admit import admit
from aggregator.items.ids import post_id
from aggregator.items.render import build
from aggregator.items.tables import Item, State, StoredPost
from aggregator.media.pictures import picture_id
from aggregator.media.tables import PictureUse
from aggregator.migrations import open_store
from aggregator.sources.tables import Sighting, Source
from aggregator.store.store import Store
from aggregator.timestamps import to_micros
from aggregator.walls.following import follow
from aggregator.walls.tables import Wall
from aggregator.walls.walls import create_wall
from connectors.contract import Address, Page, Person, Post
from tests.postgres import Postgres

START = datetime(2009, 10, 12, 9, 30, tzinfo=UTC)
WORDS = ("council", "hall", "network", "keynote", "budget", "open", "data", "cloud", "tea", "queue", "slides", "thanks")
PEOPLE = 500
TABLES = MetaData()
BARE = Table("bare", TABLES, Column("id", String, primary_key=True), Column("body", LargeBinary))
ALREADY = 2
"""Records of a new wall in its channel: its creation, and its first hashtag."""
FILLING = Table(
    "filling",
    TABLES,
    Column("n", Integer, primary_key=True),
    *(Column(name, String) for name in ("id", "key", "avatar")),
    Column("at", BigInteger),
)
AT_ONCE = 50_000


def posts(first: int, count: int) -> tuple[Post, ...]:
    """Posts of 500 people, some 40 words each, one a second."""
    chance = random.Random(first)
    return tuple(_post(n, chance) for n in range(first, first + count))


def _post(n: int, chance: random.Random) -> Post:
    name = f"guest{n % PEOPLE}"
    url = f"https://social.example/@{name}"
    words = " ".join(chance.choices(WORDS, k=40))
    return Post(
        network="bench",
        key=_key(n),
        url=f"{url}/{n}",
        author=Person(name=name.title(), handle=f"@{name}@social.example", url=url, avatar=_avatar(n)),
        created_at=START + timedelta(seconds=n),
        html=f"<p>{words}</p>",
        lang="en",
        tags=("socitm09",),
    )


def _key(n: int) -> str:
    return f"https://social.example/users/guest{n % PEOPLE}/statuses/{n}"


def _avatar(n: int) -> str:
    return f"https://social.example/@guest{n % PEOPLE}/avatar.png"


class Bench:
    """One database, one wall, one source; `size` counts the items on the wall."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.size = 0
        self.took: dict[str, list[float]] = {"ours": [], "bare": []}
        self.wall: Wall
        self.source: Source

    async def open(self, size: int) -> None:
        """Prepare it at `size` items, of which the first thousand come through our own code."""
        await open_store(self.store)
        async with self.store.write() as db:
            await (await db.connection()).run_sync(TABLES.create_all)
            self.wall = await create_wall(db, "bench", "Bench", by=UNNAMED)
            self.source = await follow(
                db, self.wall, Address(network="bench", kind="hashtag", value="socitm09"), by=UNNAMED
            )
        await self.ours(posts(0, 2 * PEOPLE))
        while self.size < size:
            count = min(AT_ONCE, size - self.size)
            async with self.store.write() as db:
                await self._fill(await db.connection(), count)
            self.size += count
        if self.store.dialect == "postgresql":
            await self._settle()

    async def ours(self, said: tuple[Post, ...]) -> None:
        async with self.store.write() as db:
            source = await db.get_one(Source, self.source.id)
            wall = await db.get_one(Wall, self.wall.id)
            refs = {post.key: post.url for post in said}
            await admit(db, source, wall, Page(posts=said, refs=refs), START + timedelta(days=400))
            source.cursor = said[-1].key
        self.size += len(said)

    async def bare(self, said: tuple[Post, ...]) -> None:
        rows = [{"id": post_id(post.network, post.key), "body": msgspec.json.encode(post)} for post in said]
        async with self.store.write() as db:
            await (await db.connection()).execute(insert(BARE), rows)

    async def measure(self, batch: int) -> None:
        """One batch either way; checkpoints and other hiccups count."""
        said = posts(self.size, batch)
        self.took["bare"].append(await _timed(self.bare, said))
        self.took["ours"].append(await _timed(self.ours, said))

    def rate(self, way: str, batch: int) -> float:
        """Posts a second."""
        return batch / mean(self.took[way])

    def slower(self, first: Bench) -> float:
        """How many times as long a batch takes here as in the other one, round for round."""
        return median(here / there for here, there in zip(self.took["ours"], first.took["ours"], strict=True))

    # --- filling ------------------------------------------------------------------------------------------------

    async def _fill(self, connection: AsyncConnection, count: int) -> None:
        """Insert the rows that `admit` would have made: with ids of their own, and one post's text for all."""
        await connection.execute(insert(FILLING), list(_names(self.size, count)))
        for table, names, values in self._rows():
            await connection.execute(insert(table).from_select(names, select(*values).order_by(FILLING.c.n)))
        await connection.execute(delete(FILLING))
        heads = update(Channel).where(col(Channel.id).in_([self.wall.channel, self.wall.desk]))
        await connection.execute(heads.values(head=self.size + count + ALREADY))

    def _rows(self) -> Iterator[tuple[Any, list[str], list[Any]]]:
        """The columns and rows, table by table."""
        post = posts(self.size, 1)[0]
        body, card = msgspec.json.encode(post), msgspec.json.encode(build(post, {}))
        on_desk = b'{"state":"live","why":"","post":%s}' % card
        each, live = FILLING.c, literal(str(State.LIVE))
        said = [each.n, each.id, literal("bench"), _bytes(body), each.at, each.at]
        yield StoredPost, ["n", "id", "network", "body", "at", "first_seen_at"], said
        yield Item, ["wall_id", "post_n", "state", "why"], [literal(self.wall.id), each.n, live, literal("")]
        seen = [literal(self.source.id), each.n, each.key, each.key, each.at]
        yield Sighting, ["source_id", "post_n", "key", "ref", "checked_at"], seen
        yield PictureUse, ["post_n", "picture_id"], [each.n, each.avatar]
        for channel, shown in ((self.wall.channel, card), (self.wall.desk, on_desk)):
            record = [literal(channel), literal("post"), each.id, each.n + ALREADY, each.at, _bytes(shown)]
            yield Record, ["channel_id", "kind", "key", "seq", "at", "body"], record

    async def _settle(self) -> None:
        """Set the sequences and statistics of a PostgreSQL that has grown to this size."""
        async with self.store.write() as db:
            connection = await db.connection()
            await connection.exec_driver_sql("SELECT setval(pg_get_serial_sequence('post', 'n'), max(n)) FROM post")
            await connection.exec_driver_sql("ANALYZE")


def _names(size: int, count: int) -> Iterator[dict[str, Any]]:
    for n in range(size, size + count):
        key, at = _key(n), to_micros(START + timedelta(seconds=n))
        avatar = picture_id("bench", _avatar(n), "avatar")
        yield {"n": n + 1, "id": post_id("bench", key), "key": key, "avatar": avatar, "at": at}


def _bytes(body: bytes) -> Any:
    return literal(body, LargeBinary)


async def _timed(work: Callable[[tuple[Post, ...]], Awaitable[None]], said: tuple[Post, ...]) -> float:
    start = time.perf_counter()
    await work(said)
    return time.perf_counter() - start


async def run(label: str, urls: list[str], options: argparse.Namespace) -> None:
    async with AsyncExitStack() as stack:
        benches = [Bench(Store(url)) for url in urls]
        for bench, size in zip(benches, options.sizes, strict=True):
            stack.push_async_callback(bench.store.close)
            await bench.open(size)
        await _take_turns(benches, options.batch, options.seconds / 10)
        for bench in benches:  # the first batches have warmed caches and compiled statements
            bench.took = {"ours": [], "bare": []}
        await _take_turns(benches, options.batch, options.seconds)
    for bench, size in zip(benches, options.sizes, strict=True):
        ours, bare = bench.rate("ours", options.batch), bench.rate("bare", options.batch)
        slower = bench.slower(benches[0])
        print(f"| {label} | {size:>9,} | {ours:>6,.0f} | {bare:>6,.0f} | {bare / ours:.1f} | {slower:.2f} |")


async def _take_turns(benches: list[Bench], batch: int, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end or len(benches[0].took["ours"]) < 3:
        for bench in benches:
            await bench.measure(batch)
        benches = [*benches[1:], benches[0]]  # no database always comes first


async def main(options: argparse.Namespace) -> None:
    print(f"Posts a second, in batches of {options.batch}; `slower` is beside the first row of the same database.\n")
    print("| database | items before | stored and published | bare insert | bare / ours | slower |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    if "sqlite" in options.databases:
        with tempfile.TemporaryDirectory(prefix="bench-intake-") as folder:
            await run("SQLite", [f"sqlite:///{Path(folder) / f'{size}.db'}" for size in options.sizes], options)
    if "postgresql" in options.databases:
        with Postgres(settings={}) as server:  # as installed: a commit reaches the disk
            await run("PostgreSQL", [server.url(await server.create()) for _ in options.sizes], options)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch", type=int, default=200, help="posts in one transaction")
    parser.add_argument("--seconds", type=float, default=30, help="time to measure each database")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 1_000_000], help="items on the wall, from 1000")
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"], choices=["sqlite", "postgresql"])
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main(arguments()))
