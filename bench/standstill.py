"""Standstill: how long a page of forty hostile statuses blocks the event loop, on which every visitor's page depends.

Each kind of hostile status is polled on the whole path (connector, store, channel) while a ticker on the same loop
reads the clock at every turn: the longest pause between two of its turns is a visitor's wait.
The baseline is the same path with forty honest statuses, in turns with the hostile ones in the same run.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import logging
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import structlog
from sqlmodel import col, select

from aggregator.audit.actor import UNNAMED
from aggregator.channel.tables import Record
from aggregator.intake import Intake
from aggregator.migrations import open_store
from aggregator.sources.tables import Source
from aggregator.store.store import Store
from aggregator.walls.following import follow
from aggregator.walls.walls import create_wall
from connectors.http.client import Http
from connectors.registry import connectors
from tests.fakes.mastodon_entities import new_account, new_status

SERVER = "https://peer.example"
TAG = "standstill"
MARKS = "e\u0301\u0302\u0303\u0304\u0305\u0306"


def honest(n: int) -> dict[str, Any]:
    return {"content": f"<p>Post {n} from the hall, where the doors are open and the tea is hot.</p>"}


KINDS: dict[str, Callable[[int], dict[str, Any]]] = {
    "honest": honest,
    "marks": lambda _: {"content": "<p>" + MARKS * 9_000 + "</p>"},
    "names": lambda _: {"display_name": MARKS * 5_000},
    "lists": lambda _: {"content": "<p>x</p>" + "<ul><li>" * 2_000, "note": "#x" + "<ul><li>" * 2_000},
    "bold": lambda _: {"content": "<p>" + "<b>🐈</b> " * 8_000 + "</p>"},
    "codes": lambda _: {
        "content": "<p>" + ":a0: " * 4_000 + "</p>",
        "emojis": [{"shortcode": f"a{k}", "url": f"{SERVER}/{k}.png"} for k in range(400)],
    },
    "answers": lambda _: {"poll": {"id": "1", "options": [{"title": "🐈" * 300} for _ in range(80)], "votes_count": 1}},
    "media": lambda _: {
        "media_attachments": [
            {"id": str(k), "type": "image", "url": f"{SERVER}/{k}.png", "description": "🐈" * 1_500} for k in range(15)
        ]
    },
}


def page(kind: str, first: int, count: int) -> bytes:
    """A timeline of such statuses, newest first."""
    rows = []
    for n in range(first + count - 1, first - 1, -1):
        fields = honest(n) | KINDS[kind](n)
        account = new_account(SERVER, f"u{n}", n) | {k: fields.pop(k) for k in ("display_name", "note") if k in fields}
        status = new_status(SERVER, f"{10**17 + n}", f"u{n}") | {"tags": [{"name": TAG}], "account": account}
        rows.append(status | fields)
    return json.dumps(rows, ensure_ascii=False).encode()


@contextmanager
def longest_turn() -> Iterator[list[float]]:
    """Milliseconds of the longest turn of the running loop within this context, once it is over."""
    found: list[float] = []
    longest, last, going = 0.0, time.perf_counter(), True
    loop = asyncio.get_running_loop()

    def tick() -> None:
        nonlocal longest, last
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
        if going:
            loop.call_soon(tick)

    loop.call_soon(tick)
    try:
        yield found
    finally:
        going = False
        found.append(longest * 1000)


async def one(kind: str, first: int, statuses: int) -> tuple[float, float, int]:
    """(ms of the longest turn at the first poll, at the second of the same page, records published)."""
    body = page(kind, first, statuses)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith(f"/tag/{TAG}") and "max_id" not in request.url.params:
            return httpx.Response(200, content=body, headers={"Content-Type": "application/json"})
        return httpx.Response(200 if "timelines" in request.url.path else 404, content=b"[]")

    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{Path(folder) / 'backchannel.db'}")
        await open_store(store)
        async with Http(transport=httpx.MockTransport(answer), per_second=1_000) as http:
            mastodon = connectors()["mastodon"]
            intake = Intake(store, {"mastodon": mastodon}, http)
            address = mastodon.recognise(f"#{TAG}", SERVER)
            assert address is not None
            async with store.write() as db:
                wall = await create_wall(db, "hall", "The hall", by=UNNAMED)
                source_id = (await follow(db, wall, address, by=UNNAMED)).id
            turns = []
            for _ in range(2):
                gc.collect()
                with longest_turn() as found:
                    await intake.poll_due()
                turns += found
                async with store.write() as db:
                    source = await db.get_one(Source, source_id)
                    source.next_poll_at, source.leased_until = source.created_at, None
                    db.add(source)
            async with store.read() as db:
                query = select(Record.seq).where(Record.channel_id == wall.channel, col(Record.kind) == "post")
                published = len((await db.exec(query)).all())
        await store.close()
    return turns[0], turns[1], published


async def measure(kinds: list[str], statuses: int, rounds: int) -> None:
    found: dict[str, list[tuple[float, float, int]]] = {kind: [] for kind in kinds}
    await one("honest", 1, statuses)  # load all modules before measuring
    for number in range(rounds):
        for kind in kinds:
            found[kind].append(await one(kind, 1 + number * statuses, statuses))
    print(f"longest turn of the loop in ms, median (maximum) of {rounds} rounds, {statuses} statuses a page")
    for kind, rows in found.items():
        first, again = ([row[at] for row in rows] for at in (0, 1))
        size = len(page(kind, 1, statuses)) // 1024
        figures = (
            f"first poll {median(first):7.1f} ({max(first):7.1f})   again {median(again):7.1f} ({max(again):7.1f})"
        )
        print(f"{kind:8} {size:6} kB   {figures}   {rows[-1][2]} records")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", default=list(KINDS), help=f"some of {', '.join(KINDS)}")
    parser.add_argument("--statuses", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    asyncio.run(measure(["honest", *(k for k in chosen.kinds if k != "honest")], chosen.statuses, chosen.rounds))


if __name__ == "__main__":
    main()
