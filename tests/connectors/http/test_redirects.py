"""Misleading redirects and statuses: which server speaks, and whether the response is whole."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx
import pytest

from connectors.errors import ConnectorError, InvalidResponse, NotFound, Unavailable
from connectors.http.client import Http
from tests.connectors.http.test_client import always, get, trouble


def moved(*statuses: int, to: str = "http://a.example") -> Callable[[httpx.Request], httpx.Response]:
    """A chain of redirects with these statuses, ending in a 410."""

    def answer(request: httpx.Request) -> httpx.Response:
        at = 0 if request.url.path == "/x" else int(request.url.path[1:])
        if at < len(statuses):
            return httpx.Response(statuses[at], headers={"Location": f"{to}/{at + 1}"})
        return httpx.Response(410)

    return answer


@pytest.mark.parametrize("to", ["http://a.example", "http://b.example"])
@pytest.mark.parametrize(
    ("statuses", "gone"),
    [
        ((), True),
        ((301,), True),
        ((308, 301), True),
        ((302,), False),
        ((303,), False),
        ((307,), False),
        ((301, 307), False),
        ((302, 301), False),
    ],
)
async def test_only_the_address_itself_or_where_it_moved_can_say_gone(
    statuses: tuple[int, ...], gone: object, to: str
) -> None:
    found = await trouble(moved(*statuses, to=to))
    assert isinstance(found, NotFound)
    assert found.gone is gone


@pytest.mark.parametrize("status", [205, 206, 226, 304])
async def test_part_of_an_answer_is_not_taken_for_the_whole(status: int) -> None:
    found = await trouble(always(status))
    assert (type(found), str(found)) == (
        InvalidResponse,
        f"Unexpected status ({status}) from a.example: the request was neither partial nor conditional.",
    )


@pytest.mark.parametrize(("second", "kind"), [("/y", None), ("/z", InvalidResponse)])
async def test_redirect_to_several_addresses_leads_nowhere(second: str, kind: type[ConnectorError] | None) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/x":
            return httpx.Response(302, headers=[("Location", "/y"), ("Location", second)])
        return httpx.Response(200, content=b"here")

    if kind is None:
        assert (await get(answer)).url == "http://a.example/y"
    else:
        assert type(await trouble(answer)) is kind


@pytest.mark.parametrize(
    "sent", [b"Content-Length: 100\r\n\r\nshort", b"Transfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n"]
)
async def test_body_that_breaks_off_is_no_answer(sent: bytes) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n" + sent)
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server, Http(allow_hosts=["127.0.0.1"]) as http:
        with pytest.raises(Unavailable):
            await http.get(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
