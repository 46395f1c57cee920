"""The live client: a wall's records from a server or the database, without gaps or repetition."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import update
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.http11 import Request, Response

from aggregator.audit.actor import UNNAMED
from aggregator.channel.publish import Draft, NoChannel, publish
from aggregator.channel.tables import Channel
from aggregator.store.store import Store
from aggregator.walls.errors import WallError
from aggregator.walls.walls import create_wall
from tests.conftest import ON_BOTH
from web.cli.live_client import Record, from_server, from_store, newest, server_of


def record(seq: int, *, at: int = 0) -> dict[str, Any]:
    return {"seq": seq, "kind": "post", "key": f"k{seq}", "at": f"2026-10-12T09:30:{at or seq:02}.000000Z", "body": {}}


def frame(start: int, *seqs: int, epoch: str = "e") -> dict[str, Any]:
    return {"epoch": epoch, "from": start, "to": max(seqs, default=start), "records": [record(seq) for seq in seqs]}


# --- a scripted server ------------------------------------------------------------------------------------------


@asynccontextmanager
async def server(snapshot: Any, *lines: list[Any], status: int = 200) -> AsyncIterator[tuple[str, list[str]]]:
    """Answers `records` with the snapshot, and each line in turn with its frames, then ends it; the last one stays.

    A number among the frames is a code to close the line with.

    Yields its address and the paths that were asked for.
    """
    asked: list[str] = []
    waiting = list(lines)

    def answer(connection: ServerConnection, request: Request) -> Response | None:
        asked.append(request.path)
        if "/live" in request.path:
            return None
        return connection.respond(status, snapshot if isinstance(snapshot, str) else json.dumps(snapshot))

    async def talk(connection: ServerConnection) -> None:
        for said in waiting.pop(0):
            await (connection.close(said) if isinstance(said, int) else connection.send(json.dumps(said)))
        if not waiting:
            await connection.wait_closed()

    running: Server
    async with serve(talk, "127.0.0.1", 0, process_request=answer) as running:
        port = next(iter(running.sockets)).getsockname()[1]
        yield f"http://127.0.0.1:{port}", asked


async def take(records: AsyncGenerator[Record], number: int) -> list[int]:
    async with asyncio.timeout(30), aclosing(records) as stream:
        return [(await anext(stream)).seq for _ in range(number)]


def snapshot(head: int, *records: dict[str, Any]) -> dict[str, Any]:
    return {"epoch": "e", "head": head, "records": list(records)}


async def test_a_server_s_stream_begins_with_the_newest_posts_and_goes_on() -> None:
    wall = {"seq": 1, "kind": "wall", "key": "wall", "at": "1970-01-01T00:00:00.000000Z", "body": {}}
    notices: list[str] = []
    async with server(snapshot(4, wall, record(4), record(3), record(2)), [frame(4), frame(4, 5, 6)]) as (url, asked):
        assert await take(from_server(url, "hall", 2, notices.append), 4) == [3, 4, 5, 6]
    assert asked == ["/api/walls/hall/records?limit=2", "/api/walls/hall/live?epoch=e&since=4"]
    assert notices == []


async def test_a_lost_line_is_taken_up_where_it_was() -> None:
    notices: list[str] = []
    async with server(snapshot(1), [frame(1, 2)], [frame(2, 3)]) as (url, asked):
        assert await take(from_server(url, "hall", 0, notices.append), 2) == [2, 3]
    assert [path for path in asked if "live" in path] == [f"/api/walls/hall/live?epoch=e&since={seq}" for seq in (1, 2)]
    assert notices == ["connection lost, reconnecting", "reconnected"]


async def test_a_gap_is_asked_for_and_a_record_never_told_twice() -> None:
    async with server(snapshot(1), [frame(1, 2), frame(4, 5)], [frame(1, 2, 3, 4, 5)]) as (url, asked):
        assert await take(from_server(url, "hall", 0, lambda _: None), 4) == [2, 3, 4, 5]
    assert asked[-1] == "/api/walls/hall/live?epoch=e&since=2"


async def test_a_reset_moves_to_the_new_channel() -> None:
    reset = {"reset": True, "epoch": "f", "head": 9}
    async with server(snapshot(1), [reset, frame(9, 10, epoch="f")]) as (url, _):
        assert await take(from_server(url, "hall", 0, lambda _: None), 1) == [10]


async def test_another_epoch_without_a_reset_is_not_believed() -> None:
    async with server(snapshot(1), [frame(1, 2, epoch="x")], [frame(1, 2)]) as (url, asked):
        assert await take(from_server(url, "hall", 0, lambda _: None), 1) == [2]
    assert asked[-1] == "/api/walls/hall/live?epoch=e&since=1"


@pytest.mark.parametrize(
    ("reply", "status", "sentence"),
    [
        ("{}", 404, "There is no wall “hall” at {url}."),
        ("<html>", 200, "{url} isn't a Backchannel server (status 200)."),
        ("{}", 500, "{url} isn't a Backchannel server (status 500)."),
    ],
)
async def test_a_server_that_cannot_be_followed_is_one_sentence(reply: str, status: int, sentence: str) -> None:
    async with server(reply, [], status=status) as (url, _):
        with pytest.raises(WallError) as refusal:
            await take(from_server(url, "hall", 5, lambda _: None), 1)
    assert str(refusal.value) == sentence.format(url=url)


async def test_an_unreachable_server_is_one_sentence() -> None:
    with pytest.raises(WallError) as refusal:
        await take(from_server("http://127.0.0.1:1", "hall", 5, lambda _: None), 1)
    sentence = "Connection refused: no server listens at http://127.0.0.1:1. Is `backchannel serve` running there?"
    assert str(refusal.value) == sentence


async def test_a_wall_that_is_removed_meanwhile_ends_the_stream_with_a_sentence() -> None:
    async with server(snapshot(1), [frame(1, 2), 4404]) as (url, _):
        stream = from_server(url, "hall", 0, lambda _: None)
        assert (await anext(stream)).seq == 2
        with pytest.raises(WallError) as refusal:
            await anext(stream)
    assert str(refusal.value) == f"The wall “hall” at {url} has been removed."


# --- the store --------------------------------------------------------------------------------------------------


async def say(store: Store, *keys: str) -> None:
    async with store.write() as db:
        drafts = [Draft("post", key, at, b'{"said":"%s"}' % key.encode()) for at, key in enumerate(keys, 1)]
        await publish(db, "hall/wall", drafts)


@ON_BOTH
async def test_the_store_s_stream_begins_with_the_newest_posts_and_goes_on(store: Store) -> None:
    async with store.write() as db:
        await create_wall(db, "hall", "The hall", by=UNNAMED)
    await say(store, "a", "b", "c")
    async with asyncio.timeout(30), aclosing(from_store(store, "hall/wall", 2)) as stream:
        begun = [await anext(stream), await anext(stream)]
        await say(store, "d")
        new = await anext(stream)
    assert [(each.seq, each.key) for each in begun] == [(3, "b"), (4, "c")]
    assert (new.seq, new.kind, new.key, new.body) == (5, "post", "d", {"said": "d"})
    assert new.at == "1970-01-01T00:00:00.000001Z"


@ON_BOTH
async def test_the_store_s_stream_moves_to_a_new_epoch(store: Store) -> None:
    async with store.write() as db:
        await create_wall(db, "hall", "The hall", by=UNNAMED)
    await say(store, "a", "b")
    async with asyncio.timeout(30), aclosing(from_store(store, "hall/wall", 1)) as stream:
        assert (await anext(stream)).key == "b"
        upcoming = asyncio.create_task(anext(stream))
        await asyncio.sleep(0)
        async with store.write() as db:
            await db.exec(update(Channel).values(epoch="restored"))
        await asyncio.sleep(1)
        await say(store, "c")
        assert (await upcoming).key == "c"


@ON_BOTH
async def test_the_store_s_stream_needs_its_channel(store: Store) -> None:
    with pytest.raises(NoChannel):
        await take(from_store(store, "nowhere/wall", 1), 1)


# --- small parts ------------------------------------------------------------------------------------------------


def test_newest_are_the_last_by_their_moment_oldest_first() -> None:
    posts = [Record(seq, "post", str(seq), f"2026-10-12T09:30:{at}", {}) for seq, at in ((1, 30), (2, 10), (3, 20))]
    assert [each.seq for each in newest(posts, 2)] == [3, 1]
    assert newest(posts, 0) == []


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("localhost:8000", ("http://localhost:8000", "")),
        ("http://[::1]:8000/", ("http://[::1]:8000", "")),
        ("localhost", ("http://localhost", "")),
        ("HTTP://Quay/about", ("http://quay", "")),
        ("https://wall.example/w/hall", ("https://wall.example", "hall")),
        ("https://wall.example/w/hall/?x=1", ("https://wall.example", "hall")),
    ],
)
def test_server_of_reads_a_server_s_address_or_a_wall_s_page(url: str, parts: tuple[str, str]) -> None:
    assert server_of(url) == parts


@pytest.mark.parametrize(
    "url", ["ftp://wall.example", "http://", "nonsense", "not a server", "http://[", "http://a:99999", "http://a:b"]
)
def test_server_of_refuses_other_texts(url: str) -> None:
    with pytest.raises(WallError, match="isn't a server's URL"):
        server_of(url)
