"""The live ends over a real server and real sockets: our WebSocket class, the plain fallback, and events."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from aggregator.channel.hub import Hub
from aggregator.channel.publish import Draft, close_channel, open_channel, publish
from aggregator.channel.read import Batch
from aggregator.channel.replies import Replies
from aggregator.outage import Outage
from aggregator.store import Store
from web import live
from web.api import records
from web.socket import HIGH_WATER, LiveProtocol
from web.throttle import Throttle

PATH = "/api/walls/a/live"


@dataclass
class Served:
    """A server with one wall, `a`, and a way to say something there."""

    port: int
    hub: Hub
    store: Store
    server: uvicorn.Server

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def connect(self, query: str = "") -> connect:
        return connect(f"ws://127.0.0.1:{self.port}{PATH}{query}", max_size=None)

    async def say(self, key: str, body: bytes | None = b"{}") -> None:
        async with self.store.write() as session:
            await publish(session, "a/wall", [Draft("post", key, 0, body)])

    async def place(self) -> str:
        line = await self.hub.line("a/wall")
        return f"?epoch={line.epoch}&since={line.head}"


@asynccontextmanager
async def serving(
    store: Store, protocol: type[asyncio.Protocol], throttle: Throttle | None = None
) -> AsyncIterator[Served]:
    async with store.write() as session:
        await open_channel(session, "a/wall")
    hub = Hub(store)
    hub.start()
    app = FastAPI()
    app.include_router(live.router(hub, throttle))
    app.include_router(records.router(Replies(store), throttle))
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, ws=protocol, log_config=None, lifespan="off", ws_per_message_deflate=False, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve([listener]))
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield Served(listener.getsockname()[1], hub, store, server)
    finally:
        hub.release()
        server.should_exit = True
        await task
        await hub.stop()
        listener.close()


@pytest.fixture(params=["wire", "plain"])
async def served(request: pytest.FixtureRequest, sqlite_store: Store) -> AsyncIterator[Served]:
    """With our WebSocket class, and with uvicorn's own, where only plain ASGI messages are to be had."""
    protocol = LiveProtocol if request.param == "wire" else WebSocketsSansIOProtocol
    async with serving(sqlite_store, protocol) as served:
        yield served


@pytest.fixture
async def sqlite_store(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Store]:
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('live')}/live.db")
    await store.open()
    yield store
    await store.close()


async def hear(connection: ClientConnection) -> dict[str, Any]:
    async with asyncio.timeout(5):
        frame: dict[str, Any] = json.loads(await connection.recv())
        return frame


def keys(frame: dict[str, Any]) -> list[str]:
    return [record["key"] for record in frame["records"]]


async def test_live_pushes_each_new_record(served: Served) -> None:
    async with served.connect(await served.place()) as phone:
        assert keys(await hear(phone)) == []
        await served.say("x")
        assert keys(await hear(phone)) == ["x"]
        await served.say("x", None)
        assert (await hear(phone))["records"][0]["body"] is None


async def test_live_resumes_at_a_place(served: Served) -> None:
    place = await served.place()
    await served.say("x")
    await served.say("y")
    async with served.connect(place) as phone:
        seen: list[str] = []
        while seen != ["x", "y"]:
            seen += keys(await hear(phone))


@pytest.mark.parametrize("query", ["", "?epoch=other&since=0", "?epoch=other&since=99"])
async def test_live_resets_a_place_that_it_does_not_know(served: Served, query: str) -> None:
    async with served.connect(query) as phone:
        line = await served.hub.line("a/wall")
        assert await hear(phone) == {"reset": True, "epoch": line.epoch, "head": 0}
        await served.say("x")
        assert keys(await hear(phone)) == ["x"]


async def test_live_on_an_unknown_wall_closes_with_a_word(served: Served) -> None:
    with pytest.raises(ConnectionClosed) as closed:
        async with connect(f"ws://127.0.0.1:{served.port}/api/walls/nowhere/live") as phone:
            await phone.recv()
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4404, "There is no wall “nowhere”.")


async def test_live_refuses_a_place_that_is_no_number(served: Served) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with served.connect("?since=soon"):
            pass
    assert refused.value.response.status_code == 403
    async with httpx.AsyncClient(base_url=served.url) as client:
        asked = [await client.get(path, params={"since": "soon"}) for path in (PATH, "/api/walls/a/records")]
    assert [reply.status_code for reply in asked] == [422, 422]


async def test_live_ignores_what_readers_say(served: Served) -> None:
    async with served.connect(await served.place()) as phone:
        await phone.send("hello")
        await phone.send(b"\0\1")
        await hear(phone)
        await served.say("x")
        assert keys(await hear(phone)) == ["x"]


async def test_live_forgets_a_reader_that_left(served: Served) -> None:
    async with served.connect(await served.place()) as phone:
        await hear(phone)
        assert served.hub.readers == 1
    async with asyncio.timeout(5):
        while served.hub.readers:
            await asyncio.sleep(0.01)


async def test_reader_is_written_nothing_once_its_connection_is_lost(sqlite_store: Store) -> None:
    written: list[bytes] = []
    async with serving(sqlite_store, LiveProtocol) as served:
        async with served.connect(await served.place()) as phone:
            await hear(phone)
            (reader,) = (await served.hub.line("a/wall")).readers
            reader.write = written.append
        async with asyncio.timeout(5):
            while served.hub.readers:
                await asyncio.sleep(0.01)
    reader.write(b"too late")
    assert written == []


async def test_live_sends_readers_away_with_1012_when_the_server_stops(served: Served) -> None:
    async with served.connect(await served.place()) as phone:
        await hear(phone)
        served.hub.release()
        served.server.should_exit = True
        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(phone.recv(), 5)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1012


async def test_live_sends_readers_away_for_good_when_the_wall_is_removed(served: Served) -> None:
    async with served.connect(await served.place()) as phone:
        await hear(phone)
        async with served.store.write() as session:
            await close_channel(session, "a/wall")
        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(phone.recv(), 5)
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd_then_sent) == (4404, True)
    async with asyncio.timeout(5), httpx.AsyncClient() as client:
        while served.hub.readers:
            await asyncio.sleep(0.01)
        for end in ("records", "live"):
            assert (await client.get(f"{served.url}/api/walls/a/{end}")).status_code == 404


async def test_reader_that_never_reads_is_bounded_and_costs_the_others_nothing(sqlite_store: Store) -> None:
    async with serving(sqlite_store, LiveProtocol) as served, served.connect(await served.place()) as quick:
        await hear(quick)
        stalled = await stalled_reader(served, await served.place())
        line = await served.hub.line("a/wall")
        body = json.dumps("x" * 60_000).encode()
        for n in range(100):
            await served.say(str(n), body)
            frame = await hear(quick)
            assert keys(frame) == [str(n)]
        waiting = [reader for reader in line.readers if reader.full]
        assert [reader.behind for reader in waiting] == [True]
        transport = waiting[0].write.__self__  # type: ignore[attr-defined]  # the bound method of its transport
        assert transport.get_write_buffer_size() <= HIGH_WATER + 110_000
        assert await everything(stalled, waiting[0], until=line.head)
        stalled.close()


async def stalled_reader(served: Served, query: str) -> socket.socket:
    """A socket that has asked for the stream, with a small buffer, and reads nothing but the handshake."""
    loop = asyncio.get_running_loop()
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.setblocking(False)
    await loop.sock_connect(sock, ("127.0.0.1", served.port))
    await loop.sock_sendall(
        sock,
        f"GET {PATH}{query} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode(),
    )
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += await loop.sock_recv(sock, 1)
    return sock


async def everything(sock: socket.socket, reader: Any, until: int) -> bool:
    """The stalled reader wakes up and reads: it is served from its own place, up to the head."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(20):
        while reader.seq < until or reader.behind:
            await loop.sock_recv(sock, 1 << 20)
    return True


# --- server-sent events -----------------------------------------------------------------------------------------


async def events(served: Served, query: str, count: int, headers: dict[str, str] | None = None) -> list[Any]:
    """The first events of a stream that say something, as (id, data)."""
    seen: list[tuple[str, dict[str, Any]]] = []
    async with (
        asyncio.timeout(5),
        httpx.AsyncClient(base_url=served.url) as client,
        client.stream("GET", PATH + query, headers={"Accept": "text/event-stream", **(headers or {})}) as reply,
    ):
        assert reply.headers["content-type"].startswith("text/event-stream")
        name = ""
        async for text in reply.aiter_lines():
            if text.startswith("id: "):
                name = text[4:]
            elif text.startswith("data: "):
                seen += [(name, data)] if (data := json.loads(text[6:])) != heartbeat(data) else []
                if len(seen) == count:
                    break
    return seen


def heartbeat(frame: dict[str, Any]) -> dict[str, Any]:
    """The frame that says nothing new at the same place."""
    return {"epoch": frame["epoch"], "from": frame.get("to"), "to": frame.get("to"), "records": []}


async def test_events_carry_the_same_frames(served: Served) -> None:
    place = await served.place()
    await served.say("x")
    ((name, frame),) = await events(served, place, 1)
    line = await served.hub.line("a/wall")
    assert (name, keys(frame)) == (f"{line.epoch}:1", ["x"])


@pytest.mark.parametrize("by", ["header", "query"])
async def test_events_resume_after_the_last_one(served: Served, by: str) -> None:
    for key in "xyz":
        await served.say(key)
    line = await served.hub.line("a/wall")
    last = f"{line.epoch}:2"
    query, headers = ("", {"Last-Event-ID": last}) if by == "header" else (f"?lastEventId={last}", {})
    ((_, frame),) = await events(served, query, 1, headers)
    assert keys(frame) == ["z"]


async def test_who_has_asked_for_too_much_finds_its_way_back(sqlite_store: Store) -> None:
    """A hall behind one address: the reset, the snapshot and the question after it, as the page asks them."""
    throttle = Throttle(at_once=1, per_second=0.001)
    async with serving(sqlite_store, LiveProtocol, throttle) as served:
        place = await served.place()
        for key in "xyz":
            await served.say(key)
        line = await served.hub.line("a/wall")
        while line.head < 3:
            await asyncio.sleep(0.01)
        throttle.take("127.0.0.1")
        ((_, at_hand),) = await events(served, place, 1)
        assert keys(at_hand)[0] == "x"
        line.recent.clear()
        ((_, lost),) = await events(served, place, 1)
        assert lost["reset"] is True
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{served.port}") as client:
            snapshot = await client.get("/api/walls/a/records")
            after = await client.get("/api/walls/a/records", params={"since": snapshot.json()["head"], "limit": 200})
        assert (snapshot.status_code, after.status_code, after.json()["records"]) == (200, 200, [])
        ((_, ahead),) = await events(served, f"?epoch={line.epoch}&since=999999999", 1)
        assert ahead["reset"] is True


async def test_who_has_asked_for_too_much_is_sent_to_the_snapshot_and_then_served(sqlite_store: Store) -> None:
    """Nothing of what they missed is at hand here, as after a restart of the server."""
    throttle = Throttle(at_once=2, per_second=0.001)
    async with serving(sqlite_store, LiveProtocol, throttle) as served:
        place = await served.place()
        for key in "xyz":
            await served.say(key)
        line = await served.hub.line("a/wall")
        while line.head < 3:
            await asyncio.sleep(0.01)
        line.recent.clear()
        ((_, first),) = await events(served, place, 1)
        async with served.connect(place) as phone:
            second = await hear(phone)
        assert [keys(first)[0], keys(second)[0]] == ["x", "x"]
        ((_, third),) = await events(served, place, 1)
        assert third["reset"] is True
        async with served.connect(place) as phone:
            assert (await hear(phone))["reset"] is True
            await served.say("w")
            assert keys(await hear(phone)) == ["w"]
        async with served.connect(await served.place()) as phone:
            assert keys(await hear(phone)) == []  # nothing was missed: that costs nothing, and is never refused


@pytest.mark.parametrize("last", ["nonsense", "E:", ":1", "E:-1", "E:" + "9" * 5000])
async def test_events_with_a_strange_last_id_start_with_a_reset(served: Served, last: str) -> None:
    ((_, frame),) = await events(served, "", 1, {"Last-Event-ID": last})
    assert frame["reset"] is True


async def test_events_of_an_unknown_wall_are_not_found(served: Served) -> None:
    async with httpx.AsyncClient(base_url=served.url) as client:
        reply = await client.get("/api/walls/nowhere/live")
    assert (reply.status_code, reply.json()["detail"]) == (404, "There is no wall “nowhere”.")


async def test_events_that_cannot_begin_because_the_database_is_away_end_without_a_word(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    """A reader that is ahead of the line has it look at the database first."""
    line = await served.hub.line("a/wall")

    async def away(seq: int, limit: int) -> Batch:
        raise Outage("The database is away.", "Wait for it.")

    line._load = away
    async with httpx.AsyncClient(base_url=served.url) as client:
        reply = await client.get(f"{PATH}?epoch={line.epoch}&since=9")
    assert (reply.status_code, reply.text) == (200, "")
    assert caplog.records == []


async def test_events_end_when_the_wall_is_removed(served: Served) -> None:
    async with (
        asyncio.timeout(5),
        httpx.AsyncClient(base_url=served.url) as client,
        client.stream("GET", PATH + await served.place()) as reply,
    ):
        lines = reply.aiter_lines()
        assert (await anext(lines)).startswith("id: ")
        async with served.store.write() as session:
            await close_channel(session, "a/wall")
        assert [line async for line in lines if line.startswith("id: ")] == []
        assert (await client.get(PATH)).status_code == 404


# --- records ----------------------------------------------------------------------------------------------------


async def test_records_are_the_snapshot_or_what_is_new_or_what_is_older(served: Served) -> None:
    for key in "xyz":
        await served.say(key)
    async with httpx.AsyncClient(base_url=served.url) as client:
        base = "/api/walls/a/records"
        newest = (await client.get(base, params={"limit": 2})).json()
        later = (await client.get(base, params={"since": 2})).json()
        older = (await client.get(base, params={"before": "2009-10-12T09:30:00Z"})).json()
        nothing = (await client.get(base, params={"before": "1970-01-01T00:00:00.000000Z"})).json()
        last = newest["records"][-1]
        rest = (await client.get(base, params={"before": last["at"], "key": last["key"]})).json()
    assert (len(newest["records"]), keys(later), len(older["records"]), keys(nothing)) == (2, ["z"], 3, [])
    assert sorted(keys(newest) + keys(rest)) == ["x", "y", "z"]
    assert newest["head"] == later["head"] == 3


async def test_records_have_a_tag_and_may_be_kept_for_a_second(served: Served) -> None:
    async with httpx.AsyncClient(base_url=served.url) as client:
        base = "/api/walls/a/records"
        first = await client.get(base)
        again = await client.get(base, headers={"If-None-Match": f'"x", {first.headers["etag"]}'})
        await served.say("x")
        moved = await client.get(base, headers={"If-None-Match": first.headers["etag"]})
    assert [reply.status_code for reply in (first, again, moved)] == [200, 304, 200]
    assert first.headers["cache-control"] == "public, max-age=1"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("before=yesterday", 422),
        ("before=2009-10-12T09:30:00", 422),
        ("since=-1", 422),
        ("since=9223372036854775808", 422),
        ("limit=0", 422),
        ("limit=201", 422),
        ("before=2009-10-12T09:30:00Z&key=%00", 422),
    ],
)
async def test_records_refuse_what_makes_no_sense(served: Served, query: str, status: int) -> None:
    async with httpx.AsyncClient(base_url=served.url) as client:
        assert (await client.get(f"/api/walls/a/records?{query}")).status_code == status


async def test_records_of_an_unknown_wall_are_not_found(served: Served) -> None:
    async with httpx.AsyncClient(base_url=served.url) as client:
        assert (await client.get("/api/walls/nowhere/records")).status_code == 404
