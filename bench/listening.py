"""Listening beside polling: from a post's moment at its network to its arrival in the channel, in the same run.

Two intakes with a store each follow one hashtag of one server on loopback: one listens, the other only polls. Then the
screen of Jetstream's raw messages, beside decoding each of them as JSON.

    python -m bench.listening --posts 60
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import random
import re
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from statistics import median, quantiles

import structlog

from aggregator.audit.actor import UNNAMED
from aggregator.channel.read import since
from aggregator.intake import Intake
from aggregator.migrations import open_store
from aggregator.sources.tables import Source
from aggregator.store.store import Store
from aggregator.walls.following import follow
from aggregator.walls.walls import create_wall
from connectors.contract import Address
from connectors.http.client import Http
from connectors.networks.bluesky.screen import Screen
from connectors.networks.mastodon.connector import Mastodon
from tests.fakes.mastodon_server import MastodonServer

TAG = "socitm09"
NUMBER = re.compile(rb"Number (\d+) ")
BUSY = 3_000
"""Events a second of the whole network at a busy hour."""
WORDS = "the harbour boats tide crane quay light morning panel coffee slides question".split()  # noqa: SIM905
KANA = "みなと ふね しお あさ ひかり コーヒー しつもん".split()  # noqa: SIM905


class Polled(Mastodon):
    """The same network without its streams."""

    def stream_key(self, source: Address) -> str:
        return ""


class Wall:
    """A wall that follows the hashtag; `arrived` has the time at which each post is in the channel, by its number."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.arrived: dict[int, float] = {}
        self._seq = 0
        self._changed = asyncio.Event()
        store.listen(lambda _: self._changed.set())
        self._channel = ""
        self._source = 0

    async def open(self, server: MastodonServer) -> None:
        await open_store(self.store)
        async with self.store.write() as db:
            wall = await create_wall(db, "bench", "Bench", by=UNNAMED)
            address = Address(network="mastodon", kind="hashtag", value=TAG, server=server.url)
            source = await follow(db, wall, address, by=UNNAMED)
            self._channel, self._source = wall.channel, source.id or 0

    async def ready(self) -> None:
        """Wait until the source has been polled for the first time."""
        while not await self._is_polled():  # noqa: ASYNC110  another task writes it to the store
            await asyncio.sleep(0.1)

    async def _is_polled(self) -> bool:
        async with self.store.read() as db:
            return (await db.get_one(Source, self._source)).succeeded_at is not None

    async def watch(self) -> None:
        """Note the arrival of each post, woken by each commit, until cancelled."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            async with self.store.read() as db:
                batch = await since(db, self._channel, self._seq, 1_000)
            now = time.monotonic()
            for record in batch.records:
                self._seq = max(self._seq, record.seq)
                if record.body and (found := NUMBER.search(record.body)):
                    self.arrived.setdefault(int(found[1]), now)


@asynccontextmanager
async def at_work(server: MastodonServer, folder: Path, connector: Mastodon) -> AsyncIterator[Wall]:
    store = Store(f"sqlite:///{folder / type(connector).__name__}.db")
    async with AsyncExitStack() as stack:
        stack.push_async_callback(store.close)
        wall = Wall(store)
        await wall.open(server)
        http = await stack.enter_async_context(Http(allow_hosts=["127.0.0.1"]))
        for work in (Intake(store, {"mastodon": connector}, http).run(), wall.watch()):
            stack.push_async_callback(_stopped, asyncio.create_task(work))
        yield wall


async def _stopped(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])


async def _until(true: Callable[[], bool]) -> None:
    while not true():  # noqa: ASYNC110  the server runs in a thread
        await asyncio.sleep(0.1)


async def measure(posts: int, pause: float) -> dict[str, list[float]]:
    """Seconds from posting to arrival, by the way. Posts come at random moments, on average `pause` seconds apart."""
    chance = random.Random(9)
    with MastodonServer() as server, tempfile.TemporaryDirectory(prefix="bench-listening-") as name:
        folder = Path(name)
        async with at_work(server, folder, Mastodon()) as listening, at_work(server, folder, Polled()) as polling:
            walls = {"listening": listening, "polling": polling}
            await _until(lambda: bool(server.streaming.listening))
            for wall in walls.values():
                await wall.ready()
            posted: dict[int, float] = {}
            for number in range(posts):
                await asyncio.sleep(chance.expovariate(1 / pause))
                posted[number] = time.monotonic()
                server.post(f"Number {number} #{TAG}", tags=[TAG])
            await _until(lambda: all(len(wall.arrived) == posts for wall in walls.values()))
            return {way: [wall.arrived[n] - at for n, at in posted.items()] for way, wall in walls.items()}


# --- the screen -------------------------------------------------------------------------------------------------


def messages(count: int) -> list[bytes]:
    """Invented posts in Jetstream's form: a third in Japanese, a fifth with hashtags, few with the followed one."""
    chance = random.Random(9)
    return [_message(n, chance) for n in range(count)]


def _message(number: int, chance: random.Random) -> bytes:
    words = KANA if number % 3 == 0 else WORDS
    tag = TAG if number % 1_000 == 0 else chance.choice(words) if number % 5 == 0 else ""
    text = f"{' '.join(chance.choices(words, k=chance.randint(4, 40)))} 👋"
    record = {
        "$type": "app.bsky.feed.post",
        "createdAt": "2009-10-12T09:30:00.000Z",
        "langs": ["en"],
        "text": f"{text} #{tag}" if tag else text,
        "facets": [_facet(len(text.encode()) + 1, tag)] if tag else [],
    }
    commit = {
        "rev": f"3k{number:011}",
        "operation": "create",
        "collection": "app.bsky.feed.post",
        "rkey": f"3k{number:011}",
        "record": record,
        "cid": f"bafyrei{number:052}",
    }
    time_us = 1_255_340_000_000_000 + number
    event = {"did": f"did:plc:{number:024}", "time_us": time_us, "kind": "commit", "commit": commit}
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def _facet(start: int, tag: str) -> dict[str, object]:
    feature = {"$type": "app.bsky.richtext.facet#tag", "tag": tag}
    return {"index": {"byteStart": start, "byteEnd": start + len(tag.encode()) + 1}, "features": [feature]}


def rate(work: Callable[[bytes], object], over: Sequence[bytes]) -> float:
    """Messages a second of processor time, the best of three rounds."""
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        for message in over:
            work(message)
        best = min(best, time.process_time() - start)
    return len(over) / best


# --- figures ----------------------------------------------------------------------------------------------------


def print_latencies(took: dict[str, list[float]]) -> None:
    print("Seconds from a post's moment at its network to its arrival in the channel.\n")
    print("| way | posts | median | p95 | longest |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for way, seconds in took.items():
        print(f"| {way} | {len(seconds)} | {median(seconds):.3f} | {_p95(seconds):.3f} | {max(seconds):.3f} |")


def _p95(seconds: Iterable[float]) -> float:
    return quantiles(seconds, n=20, method="inclusive")[-1]


def print_rates(count: int) -> None:
    over = messages(count)
    screen = Screen([TAG, "harbour26"], [f"did:plc:{number:024}" for number in range(100)])
    rates = {"screen": rate(screen.passes, over), "json.loads": rate(json.loads, over)}
    size = sum(map(len, over)) / len(over)
    print(f"\nJetstream's messages a second of one core, {size:.0f} bytes each: two hashtags and 100 accounts.\n")
    print(f"| way | messages a second | core at {BUSY:,} a second |")
    print("| --- | ---: | ---: |")
    for way, found in rates.items():
        print(f"| {way} | {found:,.0f} | {BUSY / found:.1%} |")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--posts", type=int, default=100)
    parser.add_argument("--pause", type=float, default=1.0, help="seconds between two posts, on average")
    parser.add_argument("--messages", type=int, default=50_000, help="messages to screen")
    return parser.parse_args()


if __name__ == "__main__":
    options = arguments()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    print_latencies(asyncio.run(measure(options.posts, options.pause)))
    print_rates(options.messages)
