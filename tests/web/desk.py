"""The desk's routes over a store, with a clock that tests set, and browsers that visit them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any

import httpx
from fastapi import Depends, FastAPI, WebSocket
from starlette.types import Message

from aggregator.accounts.hasher import Hasher
from aggregator.accounts.roles import Permission
from aggregator.store.store import Store
from tests.accounts import AT, PASSWORD, cheap_argon2
from web.api import accounts
from web.auth.context import Auth
from web.auth.signed_in import Access, require
from web.pages import notices

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
    """An application with the routes of accounts alone, and one WebSocket that needs a permission."""

    store: Store
    public_url: str = URL
    clock: Clock = field(default_factory=Clock)
    app: FastAPI = field(default_factory=FastAPI)

    def __post_init__(self) -> None:
        hasher = Hasher(cheap_argon2())
        accounts.install(self.app, Auth(self.store, self.public_url, hasher=hasher, clock=self.clock))
        notices.install(self.app, None)

        @self.app.websocket("/api/walls/{slug}/desk/live")
        async def live(websocket: WebSocket, access: Annotated[Access, Depends(require(Permission.VIEW))]) -> None:
            await websocket.accept()
            await websocket.send_text(access.principal.account.login)
            await websocket.close()

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
    assert sorted(body) == ["code", "detail", "status", "title"]
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.headers["cache-control"] == "no-store"
    assert body["status"] == reply.status_code
    return reply.status_code, body["code"]
