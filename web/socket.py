"""uvicorn's WebSocket class, opened by one hand's breadth: the application may write finished frames to the transport.

Where another server (or a test client) runs the application, the wire is simply not in the scope, and the plain ASGI
messages are used instead.
"""

from __future__ import annotations

from asyncio import Transport
from asyncio.transports import BaseTransport
from typing import cast

from starlette.types import Scope
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from aggregator.channel.reader import Reader

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
    """Hands its Wire to the application through the scope, and passes on what the transport says of its buffer."""

    wire: Wire

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
        if self.wire.reader is not None:
            self.wire.reader.lost()

    def pause_writing(self) -> None:
        super().pause_writing()
        if self.wire.reader is not None:
            self.wire.reader.filled()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.wire.reader is not None:
            self.wire.reader.drained()


def wire_of(scope: Scope) -> Wire | None:
    """The wire of this connection, if our protocol class carries it."""
    wire = scope.get("extensions", {}).get(EXTENSION)
    return wire if isinstance(wire, Wire) else None
