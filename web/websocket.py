"""uvicorn's WebSocket protocol with limits for readers, and a transport for finished frames.

Other servers and test clients have no such transport in the scope: the application then sends plain ASGI messages.
"""

from __future__ import annotations

import asyncio
import logging
from asyncio import TimerHandle, Transport
from asyncio.transports import BaseTransport
from collections.abc import Callable
from typing import Any, cast

from starlette.types import Scope
from uvicorn.config import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.frames import CloseCode
from websockets.http11 import Request
from websockets.server import ServerProtocol

from aggregator.channel.reader import Reader
from web.limits import LIMITS, Limits
from web.stall import StallWatch, bound_send_buffer, reset

EXTENSION = "backchannel.transport"
HIGH_WATER = 256 * 1024
"""Bytes that may wait for one reader before frames for it are skipped."""
TOO_MANY_MESSAGES = 1008
"""The close code “policy violation” (RFC 6455, section 7.4.1)."""

log = logging.getLogger("uvicorn.websocket")
log.addFilter(
    lambda record: not str(record.msg).startswith("Invalid UTF-8")
)  # a client's invalid frame isn't our error
log.setLevel(logging.WARNING)  # uvicorn and websockets log three lines per connection at info; ours is enough


class FrameTransport:
    """A connection's transport for whole frames. Writing never blocks; `reader` is told when it is full and drained."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.write = transport.write
        self.reader: Reader | None = None

    def attach(self) -> Reader:
        """Create the reader of this connection. Its backlog is limited to HIGH_WATER."""
        self._transport.set_write_buffer_limits(high=HIGH_WATER, low=HIGH_WATER // 4)
        self.reader = Reader(self.write)
        return self.reader


class Terse(ServerProtocol):
    """A protocol that closes without the library's own reasons, which describe its internals."""

    def fail(self, code: CloseCode | int, reason: str = "") -> None:
        super().fail(code, reason if code == TOO_MANY_MESSAGES else "")


class LiveProtocol(WebSocketsSansIOProtocol):
    """Gives the application its FrameTransport through the scope, and tells the reader when it drains."""

    frame_transport: FrameTransport

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        limits: Limits = LIMITS,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.logger = log
        self.conn = Terse(max_size=config.ws_max_size, logger=log)
        self.on_lost: Callable[[], None] = lambda: None
        self._limits = limits
        self._frames, self._second = 0, 0.0
        self._drains = self._drains_seen = 0
        self._handshake: TimerHandle | None = None
        self._watch: StallWatch | None = None

    # --- the connection -----------------------------------------------------------------------------------------

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        bound_send_buffer(self.transport, self._limits.send_buffer)
        self.transport.set_write_buffer_limits()  # the defaults, until a reader is attached
        self.frame_transport = FrameTransport(cast("Transport", transport))
        self._handshake = self.loop.call_later(self._limits.handshake_seconds, self._end_handshake)
        self._watch = StallWatch(self.transport, self._limits.write_seconds, self._is_stalled)

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        scope: Scope | None = getattr(self, "scope", None)  # a refused handshake has none
        if scope is not None:
            scope["extensions"][EXTENSION] = self.frame_transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the reader at once: the application learns of it only later and would send frames until then."""
        super().connection_lost(exc)
        if self.frame_transport.reader is not None:
            self.frame_transport.reader.lost()
        if self._handshake is not None:
            self._handshake.cancel()
        if self._watch is not None:
            self._watch.stop()
        self.on_lost()

    def _end_handshake(self) -> None:
        """Reset a connection whose handshake is not complete in time."""
        if not self.handshake_complete:
            reset(self.transport)

    # --- what goes out ------------------------------------------------------------------------------------------

    def pause_writing(self) -> None:
        super().pause_writing()
        if self.frame_transport.reader is not None:
            self.frame_transport.reader.filled()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._drains += 1
        if self.frame_transport.reader is not None:
            self.frame_transport.reader.drained()

    def _is_stalled(self) -> bool:
        """Whether the buffer is full and not drained since the last check, or the transport is closing."""
        drained, self._drains_seen = self._drains != self._drains_seen, self._drains
        return (not self.writable.is_set() and not drained) or self.transport.is_closing()

    def keepalive_timeout(self) -> None:
        """Reset without a close frame: a dead peer wouldn't take it, and closing would wait for that."""
        self.pong_timer = None
        self.pending_ping_payload = None
        reset(self.transport)

    # --- what comes in ------------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Parse in pieces, so that few frames are parsed after a limit is reached."""
        size = self._limits.message_bytes
        for start in range(0, len(data), size):
            super().data_received(data[start : start + size])
            if self.close_sent or self.transport.is_closing():
                return

    def handle_events(self) -> None:
        self._count(len(self.conn.events))
        if self._frames > self._limits.frames_per_second:
            self._dismiss()
        else:
            super().handle_events()

    def _count(self, frames: int) -> None:
        now = self.loop.time()
        if now - self._second >= 1:
            self._second, self._frames = now, 0
        self._frames += frames

    def _dismiss(self) -> None:
        """Close the connection of a reader that sends too many frames."""
        self.conn.events.clear()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": TOO_MANY_MESSAGES})
        self.conn.fail(TOO_MANY_MESSAGES, "Too many messages.")
        self.close_sent = True
        if not self.writable.is_set():
            reset(self.transport)
            return
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.transport.close()

    def handle_ping(self) -> None:
        """Answer pings, except from a stalled reader, whose pongs would fill our memory."""
        if self.writable.is_set():
            super().handle_ping()
        else:
            self.conn.data_to_send()


def transport_of(scope: Scope) -> FrameTransport | None:
    """The FrameTransport of this connection, if our protocol class serves it."""
    found = scope.get("extensions", {}).get(EXTENSION)
    return found if isinstance(found, FrameTransport) else None
