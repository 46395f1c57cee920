"""Fixtures of the connectors' tests: a Mastodon server on a real socket, and a client that may ask it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from connectors.http.client import Http
from connectors.sandbox import Inline
from tests.fakes.mastodon_server import MastodonServer


@pytest.fixture(scope="module")
def running() -> Iterator[MastodonServer]:
    with MastodonServer() as server:
        yield server


@pytest.fixture
def server(running: MastodonServer) -> MastodonServer:
    running.reset()
    return running


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    async with Http(allow_hosts=["127.0.0.1"], per_second=10_000, sandbox=Inline) as client:
        yield client
