"""The live WebSocket over real sockets: our protocol class, and the plain fallback."""

import asyncio
import json
import socket
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from aggregator.channel.publish import close_channel
from aggregator.store.store import Store
from tests.web.served import PATH, Served, hear, keys, serving
from web.websocket import HIGH_WATER, LiveProtocol


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
        line = await served.hub.fanout("a/wall")
        assert await hear(phone) == {"reset": True, "epoch": line.epoch, "head": 0}
        await served.say("x")
        assert keys(await hear(phone)) == ["x"]


@pytest.mark.parametrize(
    ("slug", "reason"),
    [("nowhere", "There is no wall “nowhere”."), ("🌊" * 60, f"There is no wall “{'🌊' * 25}")],
)
async def test_live_on_an_unknown_wall_closes_with_a_word(served: Served, slug: str, reason: str) -> None:
    with pytest.raises(ConnectionClosed) as closed:
        async with connect(f"ws://127.0.0.1:{served.port}/api/walls/{quote(slug)}/live") as phone:
            await phone.recv()
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4404, reason)


async def test_live_refuses_a_position_that_is_not_a_number(served: Served) -> None:
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
    async with asyncio.timeout(30):
        while served.hub.readers:
            await asyncio.sleep(0.01)


async def test_reader_is_written_nothing_once_its_connection_is_lost(sqlite_store: Store) -> None:
    written: list[bytes] = []
    async with serving(sqlite_store, LiveProtocol) as served:
        async with served.connect(await served.place()) as phone:
            await hear(phone)
            (reader,) = (await served.hub.fanout("a/wall")).readers
            reader.write = written.append
        async with asyncio.timeout(30):
            while served.hub.readers:
                await asyncio.sleep(0.01)
    reader.write(b"too late")
    assert written == []


async def test_live_closes_with_1012_when_the_server_stops(served: Served) -> None:
    async with served.connect(await served.place()) as phone:
        await hear(phone)
        served.hub.release()
        served.server.should_exit = True
        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(phone.recv(), 30)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1012


async def test_live_closes_permanently_when_the_wall_is_removed(served: Served) -> None:
    async with served.connect(await served.place()) as phone:
        await hear(phone)
        async with served.store.write() as db:
            await close_channel(db, "a/wall")
        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(phone.recv(), 30)
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd_then_sent) == (4404, True)
    async with asyncio.timeout(30), httpx.AsyncClient() as client:
        while served.hub.readers:
            await asyncio.sleep(0.01)
        for end in ("records", "live"):
            assert (await client.get(f"{served.url}/api/walls/a/{end}")).status_code == 404


async def test_reader_that_never_reads_is_bounded_and_costs_the_others_nothing(sqlite_store: Store) -> None:
    async with serving(sqlite_store, LiveProtocol) as served, served.connect(await served.place()) as quick:
        await hear(quick)
        stalled = await stalled_reader(served, await served.place())
        line = await served.hub.fanout("a/wall")
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
    """All messages of the stalled reader once it reads again: it is served from its own position, up to the head."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(30):
        while reader.seq < until or reader.behind:
            await loop.sock_recv(sock, 1 << 20)
    return True
