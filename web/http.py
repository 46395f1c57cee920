"""uvicorn's HTTP class with bounds: time and size of a header, a body that must come, replies that must arrive.

Beside `web/websocket.py`, which takes a connection over when it is upgraded.
"""

from __future__ import annotations

from asyncio import TimerHandle, Transport
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from socket import SO_SNDBUF, SOL_SOCKET
from typing import ClassVar, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from web.connections import Connections, Limits
from web.socket import LiveProtocol

RETRY_AFTER = 5
"""Seconds until a client that found no place may try again."""


class Drain:
    """Lets a connection go whose peer takes nothing for so long. `watch` it while something waits to be written."""

    def __init__(self, transport: Transport, seconds: float, later: Callable[..., TimerHandle]) -> None:
        self._transport = transport
        self._seconds = seconds
        self._later = later
        self._size = 0
        self._timer: TimerHandle | None = None

    def watch(self) -> None:
        if self._timer is None and (size := self._transport.get_write_buffer_size()):
            self._size = size
            self._timer = self._later(self._seconds, self._look)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer = None
        size = self._transport.get_write_buffer_size()
        if size and size >= self._size:
            self._transport.abort()
        else:
            self.watch()


class HttpProtocol(HttpToolsProtocol):
    """One connection. `crowd` is this server's; `bounded` makes a class that has it."""

    crowd: ClassVar[Connections] = Connections(Limits())

    _entered = False
    _upgraded = False
    _timer: TimerHandle | None = None
    _head = 0  # bytes of the header that is coming, as long as it is not complete
    _in_head = True
    _refusal: HTTPStatus | None = None
    drain: Drain

    # --- coming and going ---------------------------------------------------------------------------------------

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self.drain = Drain(transport, self.limits.drain, self.loop.call_later)
        with suppress(OSError, AttributeError):
            transport.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_SNDBUF, self.limits.send_buffer)
        self._entered = self.crowd.enter(self, self._address)
        if self._entered:
            self._within(self.limits.head)
        else:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        self.drain.stop()
        self._give_up_place()
        super().connection_lost(exc)

    def let_go(self) -> None:
        """Make room for others: this connection has asked for nothing."""
        self._give_up_place()
        self.transport.abort()

    def shutdown(self) -> None:
        super().shutdown()
        self.drain.watch()

    @property
    def limits(self) -> Limits:
        return self.crowd.limits

    @property
    def _address(self) -> str:
        return self.client[0] if self.client else ""

    def _give_up_place(self) -> None:
        if self._entered:
            self._entered = False
            self.crowd.leave(self, self._address)

    # --- what comes ---------------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """The header is fed as far as its bound allows, so that no more of it is ever held."""
        if self._refusal is not None or self.transport.is_closing():
            return
        if self._in_head and self._timer is None:
            self._within(self.limits.head)
        while data and self._in_head and self._refusal is None and not self._upgraded:
            room = self.limits.header_bytes - self._head
            if room <= 0:
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
                return
            piece, data = data[:room], data[room:]
            self._head += len(piece)
            super().data_received(piece)
            if self.parser is None or self.transport.is_closing():
                return
        if data and self._refusal is None and not self._upgraded:
            super().data_received(data)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        if len(self.headers) > self.limits.headers:
            self._refusal = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            raise ValueError("too many headers")  # which ends the parsing; `send_400_response` answers

    def on_headers_complete(self) -> None:
        self._in_head, self._head = False, 0
        self.crowd.has_asked(self)
        self._within(self.limits.body)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._stop_timer()
        super().on_message_complete()
        self._in_head = True

    def handle_websocket_upgrade(self) -> None:
        """The place goes over to the WebSocket, which gives it back."""
        self._stop_timer()
        self.drain.stop()
        self._upgraded = True
        entered, self._entered = self._entered, False
        super().handle_websocket_upgrade()
        protocol = self.transport.get_protocol()
        if isinstance(protocol, LiveProtocol) and entered:
            protocol.take_place(self.crowd, self, self._address)
        elif entered:
            self.crowd.leave(self, self._address)

    def send_400_response(self, msg: str) -> None:
        if self._refusal is None:
            super().send_400_response(msg)
            self.drain.watch()
        else:
            self._refuse(self._refusal)

    def _refuse(self, status: HTTPStatus) -> None:
        """Say so and go. What the client sends meanwhile is not read."""
        self._refusal = status
        self._stop_timer()
        again = f"Retry-After: {RETRY_AFTER}\r\n" if status == HTTPStatus.SERVICE_UNAVAILABLE else ""
        text = f"{status.phrase}.\n"
        self.transport.write(
            f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: text/plain; charset=utf-8\r\n{again}"
            f"Content-Length: {len(text)}\r\nConnection: close\r\n\r\n{text}".encode()
        )
        self.transport.close()
        self.drain.watch()

    # --- what goes ----------------------------------------------------------------------------------------------

    def pause_writing(self) -> None:
        super().pause_writing()
        self.drain.watch()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self.drain.watch()

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self.drain.watch()

    # --- time ---------------------------------------------------------------------------------------------------

    def _within(self, seconds: float) -> None:
        self._stop_timer()
        self._timer = self.loop.call_later(seconds, self._too_slow)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _too_slow(self) -> None:
        self._timer = None
        if self.cycle is None or self.cycle.response_complete:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)
        else:
            self.transport.abort()


def bounded(crowd: Connections) -> type[HttpProtocol]:
    """The class for one server, whose connections are counted together."""
    return cast("type[HttpProtocol]", type("BoundedHttpProtocol", (HttpProtocol,), {"crowd": crowd}))
