"""Asking the polite client, with prepared answers in place of the network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from connectors.errors import ConnectorError
from connectors.http.client import Http, Reply
from connectors.sandbox import Inline

NOON = datetime(2009, 10, 12, 12, 0, tzinfo=UTC)
Answer = Callable[[httpx.Request], httpx.Response]


def client(answer: Answer, **how: Any) -> Http:
    return Http(
        transport=httpx.MockTransport(answer),
        sandbox=Inline,
        contact="https://wall.example/about",
        now=lambda: NOON,
        **how,
    )


def always(status: int, **how: Any) -> Answer:
    return lambda _: httpx.Response(status, **how)


async def get(answer: Answer, url: str = "http://a.example/x", **how: Any) -> Reply:
    async with client(answer) as http:
        return await http.get(url, **how)


async def trouble(answer: Answer, url: str = "http://a.example/x", **how: Any) -> ConnectorError:
    with pytest.raises(ConnectorError) as caught:
        await get(answer, url, **how)
    return caught.value


class Drip(httpx.AsyncByteStream):
    """A body that comes in pieces and counts how many were taken."""

    def __init__(self, *pieces: bytes, pause: float = 0) -> None:
        self.taken = 0
        self._pieces = pieces
        self._pause = pause

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            self.taken += 1
            await asyncio.sleep(self._pause)
            yield piece
