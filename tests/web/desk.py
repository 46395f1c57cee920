"""The desk's routes over a store, with a clock that tests set, and browsers that visit them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx
from fastapi import FastAPI
from starlette.types import Message

from aggregator.accounts.hasher import Hasher
from aggregator.accounts.openid_provider import OpenIdProvider
from aggregator.channel.hub import Hub
from aggregator.channel.queries import RecordQueries
from aggregator.intake.candidates import Candidates
from aggregator.sources.credentials import Vault
from aggregator.store.store import Store
from connectors.contract import Connector
from connectors.http.client import Http
from tests.accounts import AT, PASSWORD, cheap_argon2
from web.api import accounts
from web.api.desk.routers import DeskParts, routers
from web.auth.context import Auth
from web.auth.recheck import RECHECK_INTERVAL
from web.pages import notices
from web.throttle import Throttle

URL = "https://wall.example"
HERE = "203.0.113.5"


@dataclass
class Clock:
    """A clock that stands still unless a test moves it."""

    at: datetime = AT

    def __call__(self) -> datetime:
        return self.at


@dataclass
class Desk:
    """An application with the routes of accounts and of the desk."""

    store: Store
    public_url: str = URL
    clock: Clock = field(default_factory=Clock)
    app: FastAPI = field(default_factory=FastAPI)
    recheck_interval: float = RECHECK_INTERVAL
    connectors: Mapping[str, Connector] = field(default_factory=dict)
    vault: Vault = field(default_factory=Vault)
    provider: OpenIdProvider | None = None
    http: Http = field(default_factory=lambda: Http(transport=httpx.MockTransport(lambda _: httpx.Response(503))))

    def __post_init__(self) -> None:
        hasher = Hasher(cheap_argon2())
        accounts.install(
            self.app, Auth(self.store, self.public_url, provider=self.provider, hasher=hasher, clock=self.clock)
        )
        self.hub = Hub(self.store)
        candidates = Candidates(self.store, self.connectors, self.http, self.vault)
        parts = DeskParts(RecordQueries(self.store), self.hub, candidates, Throttle(), self.recheck_interval)
        self.routers = routers(parts)
        for each in self.routers:
            self.app.include_router(each)
        notices.install(self.app, None)

    def browser(self, address: str = HERE, url: str = "", **headers: str) -> httpx.AsyncClient:
        """A browser without cookies at this address."""
        transport = httpx.ASGITransport(self.app, client=(address, 1))
        return httpx.AsyncClient(transport=transport, base_url=url or self.public_url or URL, headers=headers)

    def later(self, by: timedelta) -> None:
        self.clock.at += by


async def shake_hands(app: FastAPI, path: str, headers: dict[str, str]) -> list[Message]:
    """What the application sends to a client that opens a WebSocket and says nothing."""
    coming: list[Message] = [{"type": "websocket.connect"}]
    sent: list[Message] = []

    async def receive() -> Message:
        return coming.pop() if coming else {"type": "websocket.disconnect", "code": 1005}

    async def send(message: Message) -> None:
        sent.append(message)

    raw = [(name.lower().encode(), value.encode()) for name, value in {"Host": "wall.example", **headers}.items()]
    scope = {"type": "websocket", "path": path, "raw_path": path.encode(), "query_string": b"", "headers": raw}
    await app({**scope, "scheme": "wss", "client": (HERE, 1), "subprotocols": []}, receive, send)
    return sent


async def log_in(client: httpx.AsyncClient, login: str = "kim", password: str = PASSWORD) -> httpx.Response:
    return await client.post("/api/session", json={"login": login, "password": password})


def problem(reply: httpx.Response) -> tuple[int, str]:
    """The status and the code of a refusal, whose shape is checked."""
    body: dict[str, Any] = reply.json()
    assert sorted(body.keys() - {"field"}) == ["code", "detail", "status", "title"]
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.headers["cache-control"] == "no-store"
    assert body["status"] == reply.status_code
    return reply.status_code, body["code"]
