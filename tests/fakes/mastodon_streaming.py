"""The streams of the Mastodon-shaped server: a multiplexed WebSocket, server-sent events, and their bad habits."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import suppress
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

Event = tuple[str, str, str]
"""(hashtag, kind, payload)."""


class Listener:
    """One connection, in the event loop of the server's thread."""

    def __init__(self, tags: Iterable[str] = ()) -> None:
        self.tags = set(tags)
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[Event | None] = asyncio.Queue()

    def tell(self, event: Event | None) -> None:
        """Tell an event, or end with None. May be called from any thread."""
        self._loop.call_soon_threadsafe(self._queue.put_nowait, event)

    async def take(self) -> Event | None:
        return await self._queue.get()


class Streaming:
    """Streams with faults.

    `refuses` is the status of every opening, `websockets` whether there are any; `silent` streams tell nothing, after
    `dies_after` events a connection ends, and each event comes `times` times. `held` are events that wait for
    `release`, which tells them in any order. `opened` has the kind of each connection.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: list[Listener] = []
        self.reset()

    def reset(self) -> None:
        """Take back all faults, and end all connections."""
        self.token = ""
        self.refuses = 0
        self.websockets = True
        self.silent = False
        self.dies_after: int | None = None
        self.times = 1
        self.held: list[Event] | None = None
        self.opened: list[str] = []
        self.end()

    def routes(self) -> list[Route | WebSocketRoute]:
        return [
            WebSocketRoute("/api/v1/streaming", self._socket),
            Route("/api/v1/streaming/hashtag", self._events),
        ]

    # --- what happens -------------------------------------------------------------------------------------------

    @property
    def listening(self) -> set[str]:
        """The hashtags that somebody listens to now."""
        with self._lock:
            return set().union(*(listener.tags for listener in self._listeners))

    def publish(self, kind: str, tags: Iterable[str], payload: str) -> None:
        events = [(tag.lower(), kind, payload) for tag in tags] * self.times
        if self.held is not None:
            self.held += events
        elif not self.silent:
            self._tell(events)

    def release(self, order: Callable[[list[Event]], Iterable[Event]] = reversed) -> None:
        """Tell what was held, by default the last first."""
        events, self.held = self.held or [], None
        self._tell(order(events))

    def end(self) -> None:
        """End all connections, as a restart does."""
        with self._lock:
            for listener in self._listeners:
                listener.tell(None)

    def _tell(self, events: Iterable[Event]) -> None:
        for event in events:
            with self._lock:
                for listener in self._listeners:
                    if event[0] in listener.tags:
                        listener.tell(event)

    # --- connections --------------------------------------------------------------------------------------------

    def _refusal(self, authorization: str | None) -> int:
        wrong = self.token and authorization != f"Bearer {self.token}"
        return self.refuses or (401 if wrong else 0)

    async def _socket(self, socket: WebSocket) -> None:
        status = self._refusal(socket.headers.get("authorization")) or (0 if self.websockets else 400)
        if status:
            await socket.send_denial_response(JSONResponse({"error": "No"}, status_code=status))
            return
        await socket.accept()
        listener = self._join("WebSocket")
        asking = asyncio.create_task(self._follow(socket, listener))
        with suppress(RuntimeError, WebSocketDisconnect):  # the client has left
            try:
                async for tag, kind, payload in self._told(listener):
                    await socket.send_text(json.dumps({"stream": ["hashtag", tag], "event": kind, "payload": payload}))
            finally:
                self._leave(listener)
                asking.cancel()
            await socket.close(1001)

    async def _follow(self, socket: WebSocket, listener: Listener) -> None:
        """Subscribe and unsubscribe as the client asks."""
        try:
            while True:
                asked: dict[str, Any] = await socket.receive_json()
                change = listener.tags.add if asked["type"] == "subscribe" else listener.tags.discard
                change(asked["tag"].lower())
        except WebSocketDisconnect:
            listener.tell(None)

    async def _events(self, request: Request) -> Response:
        if status := self._refusal(request.headers.get("authorization")):
            return JSONResponse({"error": "No"}, status_code=status)
        listener = self._join("events", request.query_params["tag"].lower())

        async def lines() -> AsyncGenerator[str]:
            yield ":)\n"
            try:
                async for _, kind, payload in self._told(listener):
                    yield f"event: {kind}\ndata: {payload}\n\n"
            finally:
                self._leave(listener)

        return StreamingResponse(lines(), media_type="text/event-stream")

    async def _told(self, listener: Listener) -> AsyncGenerator[Event]:
        """What a connection tells until it ends or dies."""
        told = 0
        while (event := await listener.take()) is not None:
            yield event
            told += 1
            if told == self.dies_after:
                return

    def _join(self, how: str, *tags: str) -> Listener:
        self.opened.append(how)
        listener = Listener(tags)
        with self._lock:
            self._listeners.append(listener)
        return listener

    def _leave(self, listener: Listener) -> None:
        with self._lock:
            self._listeners.remove(listener)
