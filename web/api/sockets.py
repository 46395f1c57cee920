"""A channel's frames over a WebSocket, for one reader (docs/protocol.md)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, Final, NamedTuple, Protocol

from starlette.websockets import WebSocket, WebSocketDisconnect

from aggregator.channel.fanout import Fanout
from aggregator.channel.frames import NO_SUCH_WALL
from aggregator.channel.hub import NoChannel
from web.websocket import transport_of

SERVER_RESTARTS: Final = 1012
MAX_REASON: Final = 123
"""Bytes of a close frame's reason (RFC 6455, 5.5): 125 of a control frame, less two of the code."""


class Channels(Protocol):
    """Where the frames come from: the hub."""

    async def fanout(self, channel_id: str) -> Fanout:
        """Return the fan-out of a channel. Raises NoChannel."""


class Close(NamedTuple):
    """Why a connection is closed: a close code and a few words."""

    code: int
    reason: str = ""


Ended = Callable[[], Awaitable[Close]]
"""Returns once the reader may read no longer."""
Place = Callable[[Fanout], tuple[str, int]]
"""Returns the position, (epoch, seq), at which a reader begins on this channel."""


async def serve(
    websocket: WebSocket, channels: Channels, channel_id: str, place: Place, ended: Ended | None = None
) -> None:
    """Serve a reader of a channel until it disconnects, or until `ended` returns."""
    try:
        fanout = await channels.fanout(channel_id)
    except NoChannel:
        await websocket.accept()
        slug = channel_id.partition("/")[0]
        await websocket.close(NO_SUCH_WALL, cut(f"There is no wall “{slug}”."))
        return
    await websocket.accept()
    close = await _until_closed(websocket, fanout, place, ended)
    if close is not None:
        with suppress(WebSocketDisconnect, RuntimeError):  # it has disconnected by itself meanwhile
            await websocket.close(close.code, cut(close.reason))


def cut(words: str) -> str:
    """Return the words, cut to what fits into a close frame."""
    return words.encode(errors="replace")[:MAX_REASON].decode(errors="ignore")


async def _until_closed(websocket: WebSocket, fanout: Fanout, place: Place, ended: Ended | None) -> Close | None:
    """Feed the reader through its transport if it has one, else through plain ASGI messages."""
    waiting: list[Coroutine[Any, Any, Close | None]] = [_disconnected(websocket)]
    if ended is not None:
        waiting.append(_ended(ended))
    transport = transport_of(websocket.scope)
    if transport is None:
        return await _first([*waiting, _forward(websocket, fanout, *place(fanout))])
    reader = transport.attach()
    try:
        await fanout.join(reader, *place(fanout))
        return await _first(waiting)
    finally:
        fanout.leave(reader)


async def _first(waiting: list[Coroutine[Any, Any, Close | None]]) -> Close | None:
    """Return what the first of them returns, and cancel the others."""
    tasks = [asyncio.create_task(each) for each in waiting]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError):
                await task
    return next((task.result() for task in done if task.exception() is None), None)


async def _disconnected(websocket: WebSocket) -> None:
    """Return once the reader has disconnected; its messages are ignored."""
    with suppress(WebSocketDisconnect):
        while True:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                return


async def _ended(ended: Ended) -> Close:
    return await ended()


async def _forward(websocket: WebSocket, fanout: Fanout, epoch: str, seq: int) -> Close:
    async for frame in fanout.follow(epoch, seq):
        await websocket.send_text(frame.json.decode())
    return Close(NO_SUCH_WALL if fanout.gone else SERVER_RESTARTS)
