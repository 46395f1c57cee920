"""uvicorn's WebSocket class: the application may write finished frames to the transport, and readers have bounds.

Where another server (or a test client) runs the application, the wire is simply not in the scope, and the plain ASGI
messages are used instead.
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

EXTENSION = "backchannel.wire"
HIGH_WATER = 256 * 1024
"""What one reader may have waiting here, in bytes, before frames for it are skipped."""
TOO_MANY_MESSAGES = 1008
"""The close code for a breach of policy (RFC 6455, section 7.4.1)."""

log = logging.getLogger("uvicorn.websocket")
log.addFilter(lambda record: not str(record.msg).startswith("Invalid UTF-8"))  # a stranger's frame is no fault of ours
log.setLevel(logging.WARNING)  # uvicorn and websockets say three lines of each connection at info: ours is enough


class Wire:
    """A connection's transport, for whole frames. Writing never waits; `reader` hears when it is full and drained."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.write = transport.write
        self.reader: Reader | None = None

    def attach(self) -> Reader:
        """The reader at the end of this wire, whose lag is bounded by HIGH_WATER."""
        self._transport.set_write_buffer_limits(high=HIGH_WATER, low=HIGH_WATER // 4)
        self.reader = Reader(self.write)
        return self.reader


class Terse(ServerProtocol):
    """Closes without the library's own reasons, which speak of its insides; the code says enough."""

    def fail(self, code: CloseCode | int, reason: str = "") -> None:
        super().fail(code, reason if code == TOO_MANY_MESSAGES else "")


class LiveProtocol(WebSocketsSansIOProtocol):
    """Hands its Wire to the application through the scope, and passes on what the transport says of its buffer."""

    wire: Wire

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
        self.transport.set_write_buffer_limits()  # the usual ones, until a reader is attached
        self.wire = Wire(cast("Transport", transport))
        self._handshake = self.loop.call_later(self._limits.handshake_seconds, self._end_handshake)
        self._watch = StallWatch(self.transport, self._limits.write_seconds, self._is_stalled)

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        scope: Scope | None = getattr(self, "scope", None)  # a refused handshake never gets one
        if scope is not None:
            scope["extensions"][EXTENSION] = self.wire

    def connection_lost(self, exc: Exception | None) -> None:
        """The application hears of it a moment later, and frames may be on their way until then."""
        super().connection_lost(exc)
        if self.wire.reader is not None:
            self.wire.reader.lost()
        if self._handshake is not None:
            self._handshake.cancel()
        if self._watch is not None:
            self._watch.stop()
        self.on_lost()

    def _end_handshake(self) -> None:
        """Where the application is slow, or the handshake was none and websockets waits for its end."""
        if not self.handshake_complete:
            reset(self.transport)

    # --- what goes out ------------------------------------------------------------------------------------------

    def pause_writing(self) -> None:
        super().pause_writing()
        if self.wire.reader is not None:
            self.wire.reader.filled()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._drains += 1
        if self.wire.reader is not None:
            self.wire.reader.drained()

    def _is_stalled(self) -> bool:
        """Full, or closing, and not drained since the last look."""
        drained, self._drains_seen = self._drains != self._drains_seen, self._drains
        return (not self.writable.is_set() and not drained) or self.transport.is_closing()

    def keepalive_timeout(self) -> None:
        """No close frame: nobody is there to take it, and closing would wait until it is taken."""
        self.pong_timer = None
        self.pending_ping_payload = None
        reset(self.transport)

    # --- what comes in ------------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """In pieces, so that few frames are parsed after the bound is reached."""
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
        """A reader has nothing to say but pongs: this one costs the others."""
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
        """A reader that takes nothing gets no pong either: its pings would fill our memory."""
        if self.writable.is_set():
            super().handle_ping()
        else:
            self.conn.data_to_send()


def wire_of(scope: Scope) -> Wire | None:
    """The wire of this connection, if our protocol class carries it."""
    wire = scope.get("extensions", {}).get(EXTENSION)
    return wire if isinstance(wire, Wire) else None
