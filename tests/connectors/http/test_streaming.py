"""What a client sends and listens to besides asking: one body, server-sent events, WebSockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import closing, suppress

import httpx
import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from connectors.errors import ConnectorError, Forbidden, InvalidResponse, NotFound, RateLimited, Rejected, Unavailable
from connectors.http.client import Http
from connectors.http.events import ServerEvent

Answer = Callable[[httpx.Request], httpx.Response]
STREAM = {"Content-Type": "text/event-stream; charset=utf-8"}


def client(answer: Answer) -> Http:
    return Http(transport=httpx.MockTransport(answer), per_second=1000)


class Pieces(httpx.AsyncByteStream):
    def __init__(self, *pieces: bytes | Exception) -> None:
        self.pieces = pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            if isinstance(piece, Exception):
                raise piece
            yield piece


async def events(answer: Answer, last_id: str = "") -> list[ServerEvent]:
    async with client(answer) as http:
        return [event async for event in http.events("https://a.example/stream", last_id=last_id)]


# --- a body -----------------------------------------------------------------------------------------------------


async def test_body_is_sent_once_with_its_type() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(201, json={"id": 7})

    async with client(answer) as http:
        reply = await http.post("https://a.example/x", b'{"a":1}', headers={"Authorization": "Bearer t"})
    assert (reply.status, reply.json()) == (201, {"id": 7})
    [request] = seen
    assert (request.method, request.content) == ("POST", b'{"a":1}')
    assert request.headers["content-type"] == "application/json"
    assert request.headers["authorization"] == "Bearer t"


async def test_body_is_given_to_no_other_server() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        return httpx.Response(307, headers={"Location": "https://b.example/x"})

    async with client(answer) as http:
        with pytest.raises(Rejected, match=r"redirect \(307\) from a\.example") as refused:
            await http.post("https://a.example/x", b"{}")
    assert (asked, refused.value.status) == (["a.example"], 307)


@pytest.mark.parametrize(
    ("status", "kind"), [(403, Rejected), (404, NotFound), (422, Rejected), (429, RateLimited), (500, Unavailable)]
)
async def test_body_that_is_refused_is_told(status: int, kind: type[ConnectorError]) -> None:
    async with client(lambda _: httpx.Response(status)) as http:
        with pytest.raises(kind):
            await http.post("https://a.example/x", b"{}")


# --- server-sent events -----------------------------------------------------------------------------------------


async def test_events_come_as_they_are_sent_and_go_on_from_the_last_id() -> None:
    seen: list[httpx.Headers] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers)
        return httpx.Response(200, headers=STREAM, stream=Pieces(b"id: 8\ndata: o", b"ne\n\n: beat\n\ndata: two\n\n"))

    assert await events(answer, last_id="7") == [ServerEvent("one", "message", "8"), ServerEvent("two", "message", "8")]
    assert (seen[0]["last-event-id"], seen[0]["accept"]) == ("7", "text/event-stream")


@pytest.mark.parametrize(
    ("reply", "kind", "said"),
    [
        (httpx.Response(200, text="<html>"), InvalidResponse, "not an event stream"),
        (httpx.Response(200, headers=STREAM | {"Content-Encoding": "br"}), InvalidResponse, "Content-Encoding"),
        (httpx.Response(404), NotFound, "404"),
        (httpx.Response(401), Rejected, "401"),
        (httpx.Response(302, headers={"Location": "/y"}), Unavailable, "302"),
        (
            httpx.Response(503, headers={"Retry-After": "9"}),
            RateLimited,
            r"^Rate limited \(503\) by a\.example: next request ",
        ),
        (httpx.Response(200, headers=STREAM, stream=Pieces(b"data: x" * 300_000)), InvalidResponse, "1024 kB"),
        (httpx.Response(200, headers=STREAM, stream=Pieces(httpx.ReadTimeout(""))), Unavailable, "sent nothing for 45"),
        (httpx.Response(200, headers=STREAM, stream=Pieces(httpx.ReadError("x"))), Unavailable, "can't be reached"),
    ],
    ids=["a page", "compressed", "missing", "refused", "moved", "busy", "too large", "silent", "broken"],
)
async def test_stream_that_fails_is_told(reply: httpx.Response, kind: type[ConnectorError], said: str) -> None:
    with pytest.raises(kind, match=said):
        await events(lambda _: reply)


async def test_server_that_takes_forever_to_begin_a_stream_is_given_up() -> None:
    """It sends a header byte by byte: the time without a byte never ends."""

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer), suppress(ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nX: ")
            while True:
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.05)

    async with await asyncio.start_server(drip, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with Http(allow_hosts=["127.0.0.1"], deadline=0.3) as http, asyncio.timeout(30):
            with pytest.raises(Unavailable, match="took too long to answer"):
                await anext(http.events(f"http://127.0.0.1:{port}/stream"))


async def test_open_streams_leave_a_host_free_for_other_requests() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/x":
            return httpx.Response(200, text="here")
        return httpx.Response(200, headers=STREAM, stream=Pieces(b"data: 1\n\n", b"data: 2\n\n"))

    async with client(answer) as http:
        streams = [http.events("https://a.example/stream") for _ in range(10)]
        for stream in streams:
            assert (await anext(stream)).data == "1"
        assert (await http.get("https://a.example/x")).text == "here"
        for stream in streams:
            await stream.aclose()


# --- WebSockets -------------------------------------------------------------------------------------------------


async def test_messages_of_a_websocket_come_with_our_name() -> None:
    names: list[str] = []

    async def handle(connection: ServerConnection) -> None:
        assert connection.request
        names.append(connection.request.headers["User-Agent"])
        await connection.send("one")

    async with serve(handle, "127.0.0.1", 0) as server, Http(allow_hosts=["127.0.0.1"]) as http:
        port = next(iter(server.sockets)).getsockname()[1]
        async with http.websocket(f"ws://127.0.0.1:{port}/") as socket:
            assert [message async for message in socket.messages()] == ["one"]
        with pytest.raises(Forbidden, match="ws:// or wss://"):
            await http.websocket(f"http://127.0.0.1:{port}/").__aenter__()
    assert names[0].startswith("Backchannel/")


@pytest.mark.parametrize(("status", "kind"), [(404, NotFound), (429, RateLimited)])
async def test_websocket_that_is_refused_is_told_as_any_other_request(status: int, kind: type[ConnectorError]) -> None:
    def refuse(connection: ServerConnection, _: Request) -> Response:
        return connection.respond(status, "")

    async def handle(_: ServerConnection) -> None:
        raise AssertionError("it was opened")

    async with (
        serve(handle, "127.0.0.1", 0, process_request=refuse) as server,
        Http(allow_hosts=["127.0.0.1"]) as http,
    ):
        port = next(iter(server.sockets)).getsockname()[1]
        with pytest.raises(kind):
            await http.websocket(f"ws://127.0.0.1:{port}/").__aenter__()
