"""uvicorn's WebSocket class, opened by one hand's breadth: the application may write finished frames to the transport.

Where another server (or a test client) runs the application, the wire is simply not in the scope, and the plain ASGI
messages are used instead.
"""

from __future__ import annotations

from asyncio import TimerHandle, Transport
from asyncio.transports import BaseTransport
from typing import cast

from starlette.types import Scope
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.http11 import Request

from aggregator.channel.reader import Reader
from web.connections import Connections, Guest, Limits

EXTENSION = "backchannel.wire"
HIGH_WATER = 256 * 1024
"""What one reader may have waiting here, in bytes, before frames for it are skipped."""


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


class LiveProtocol(WebSocketsSansIOProtocol):
    """Hands its Wire to the application through the scope, and passes on what the transport says of its buffer.

    A peer that takes nothing, answers no ping or sends frames without end is let go at once, not after its buffer has
    drained, which it never would.
    """

    wire: Wire
    limits = Limits()

    _place: tuple[Connections, Guest, str] | None = None
    _stall: TimerHandle | None = None
    _stalled_at = 0
    _frames = 0.0
    _counted_at = 0.0

    def take_place(self, crowd: Connections, guest: Guest, address: str) -> None:
        """From now on this connection is counted here: its HTTP class has handed it over."""
        self._place, self.limits = (crowd, guest, address), crowd.limits

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        self.wire = Wire(cast("Transport", transport))

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        scope: Scope | None = getattr(self, "scope", None)  # a refused handshake never gets one
        if scope is not None:
            scope["extensions"][EXTENSION] = self.wire

    def connection_lost(self, exc: Exception | None) -> None:
        """The application hears of it a moment later, and frames may be on their way until then."""
        super().connection_lost(exc)
        self._stop_stall()
        if self._place is not None:
            (crowd, guest, address), self._place = self._place, None
            crowd.leave(guest, address)
        if self.wire.reader is not None:
            self.wire.reader.lost()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch_stall()
        if self.wire.reader is not None:
            self.wire.reader.filled()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._stop_stall()
        if self.wire.reader is not None:
            self.wire.reader.drained()

    # --- peers that take nothing --------------------------------------------------------------------------------

    def keepalive_timeout(self) -> None:
        """No answer to a ping: a closing handshake would wait for the same peer."""
        self.pong_timer = None
        self.transport.abort()

    def shutdown(self) -> None:
        super().shutdown()
        self._watch_stall()

    def _watch_stall(self) -> None:
        if self._stall is None:
            self._stalled_at = self.transport.get_write_buffer_size()
            self._stall = self.loop.call_later(self.limits.drain, self._look_at_stall)

    def _look_at_stall(self) -> None:
        self._stall = None
        size = self.transport.get_write_buffer_size()
        if size and size >= self._stalled_at:
            self.transport.abort()
        elif size:
            self._watch_stall()

    def _stop_stall(self) -> None:
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None

    # --- peers that send without end ----------------------------------------------------------------------------

    def handle_ping(self) -> None:
        """While the peer takes nothing, its pongs are not written: they would pile up here."""
        if not self._may_send():
            return
        pong = b"".join(self.conn.data_to_send())
        if self.writable.is_set():
            self.transport.write(pong)

    def handle_pong(self, event: Frame) -> None:
        if self._may_send():
            super().handle_pong(event)

    def handle_text(self, event: Frame) -> None:
        if self._may_send():
            super().handle_text(event)

    def handle_bytes(self, event: Frame) -> None:
        if self._may_send():
            super().handle_bytes(event)

    def handle_cont(self, event: Frame) -> None:
        if self._may_send():
            super().handle_cont(event)

    def _may_send(self) -> bool:
        """Count one frame (a leaky bucket). A reader has nothing to say but its pongs: a flood ends the connection."""
        at = self.loop.time()
        self._frames = max(0.0, self._frames - (at - self._counted_at) * self.limits.frames_per_second) + 1
        self._counted_at = at
        if self._frames <= self.limits.frames:
            return True
        self.transport.abort()
        return False


def wire_of(scope: Scope) -> Wire | None:
    """The wire of this connection, if our protocol class carries it."""
    wire = scope.get("extensions", {}).get(EXTENSION)
    return wire if isinstance(wire, Wire) else None
