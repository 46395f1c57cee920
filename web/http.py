"""uvicorn's HTTP protocol with limits: on the time and size of a request, and on the time to take a reply.

A request over a limit gets one line and the connection is closed: 408, 413, 414, 431 (RFC 9110, RFC 6585), or 503 for
too many connections.
"""

from __future__ import annotations

import asyncio
from asyncio.events import TimerHandle
from enum import Enum, auto
from http import HTTPStatus
from typing import Any

import httptools
import structlog
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from web.connections import Connections
from web.limits import LIMITS, Limits
from web.stall import Progress, StallWatch, bound_send_buffer
from web.websocket import LiveProtocol

RETRY_AFTER = 5
PIECES = 4
"""Pieces of a header of the permitted size that are parsed one after the other."""
WORDS = {
    HTTPStatus.BAD_REQUEST: "Invalid HTTP request.",
    HTTPStatus.REQUEST_TIMEOUT: "Request timeout: the request did not arrive in time.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The request's body is too large.",
    HTTPStatus.REQUEST_URI_TOO_LONG: "The request's address is too long.",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: "The request's headers are too large, or too many.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Too many connections: try again in a few seconds.",
}

log = structlog.get_logger()


class Part(Enum):
    """The part of a request that is arriving."""

    NONE = auto()
    HEADER = auto()
    BODY = auto()


class _RefusedError(Exception):
    """Raised in the parser's callbacks to end the parsing."""


class HttpProtocol(HttpToolsProtocol):
    """Counts a header's bytes before the parser copies them, and times each part of a request."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        limits: Limits = LIMITS,
        connections: Connections | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._limits = limits
        self._counted = connections
        self._entered = False
        self._part, self._watched_part = Part.NONE, Part.NONE
        self._began = False
        self._header_bytes = self._body_bytes = 0
        self._refused: HTTPStatus | None = None
        self._deadline: TimerHandle | None = None
        self._watch: StallWatch | None = None

    # --- the connection -----------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn says the same
        super().connection_made(transport)
        self._entered = self._counted is None or self._counted.enter(self._address)
        if not self._entered:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE)
            return
        bound_send_buffer(transport, self._limits.send_buffer)
        transport.set_write_buffer_limits(high=0)  # the application pauses while the buffer isn't empty: see Progress
        self._watch = StallWatch(transport, self._limits.write_seconds, Progress(transport).is_stalled)
        self._await(Part.HEADER)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._stop_timers()
        self._leave()

    @property
    def _address(self) -> str:
        return self.client[0] if self.client else ""

    def _leave(self) -> None:
        if self._entered and self._counted is not None:
            self._counted.leave(self._address)
        self._entered = False

    def _stop_timers(self) -> None:
        """Stop the timers of this connection."""
        self._await(Part.NONE)
        if self._watch is not None:
            self._watch.stop()

    def handle_websocket_upgrade(self) -> None:
        self._stop_timers()
        super().handle_websocket_upgrade()
        protocol = self.transport.get_protocol()
        if isinstance(protocol, LiveProtocol):
            protocol.on_lost = self._leave
        else:
            self._leave()

    # --- receiving ----------------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Parse in small pieces, so that little is parsed after a limit is reached.

        The piece with which a request begins is not counted towards its header.
        """
        self._unset_keepalive_if_required()
        size = max(self._limits.header_bytes // PIECES, 1)
        for start in range(0, len(data), size):
            if self._refused is not None or not self._feed(data[start : start + size]):
                return
        self._await(self._awaited())

    def _feed(self, piece: bytes) -> bool:
        """Parse the data. False once the connection is closing or has become a WebSocket."""
        self._began, body_bytes = False, self._body_bytes
        try:
            self.parser.feed_data(piece)
        except httptools.HttpParserUpgrade:
            if self._should_upgrade():
                self.handle_websocket_upgrade()
                return False
        except httptools.HttpParserError:
            self._refuse(self._refused or HTTPStatus.BAD_REQUEST)
            return False
        if self._part != Part.NONE and not self._began and self._body_bytes == body_bytes:  # trailers are headers, too
            self._header_bytes += len(piece)
        if self._header_bytes >= self._limits.header_bytes:
            self._refuse(self._too_large())
        elif len(self.pipeline) > self._limits.pipelined:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE)
        return self._refused is None

    def _too_large(self) -> HTTPStatus:
        long_line = len(self.url or b"") > self._limits.header_bytes // 2
        return HTTPStatus.REQUEST_URI_TOO_LONG if long_line else HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._part, self._began = Part.HEADER, True
        self._header_bytes = self._body_bytes = 0

    def on_header(self, name: bytes, value: bytes) -> None:
        if len(self.headers) >= self._limits.headers:
            self._refused = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            raise _RefusedError
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Refuse requests without exactly one Host (RFC 9112, section 3.2), and targets beyond ASCII."""
        hosts = sum(name == b"host" for name, _ in self.headers)
        if hosts > 1 or (hosts == 0 and self.parser.get_http_version() == "1.1") or not self.url.isascii():
            self._refused = HTTPStatus.BAD_REQUEST
            raise _RefusedError
        super().on_headers_complete()
        self._part, self._header_bytes = Part.BODY, 0

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        self._header_bytes = 0
        if self._body_bytes > self._limits.body_bytes:
            self._refused = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            raise _RefusedError
        super().on_body(body)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._part = Part.NONE

    # --- timeouts -----------------------------------------------------------------------------------------------

    def _awaited(self) -> Part:
        """The part that must arrive next. Any bytes after a reply count as the start of a header."""
        if self._part == Part.NONE and self.cycle is not None and self.cycle.response_complete:
            return Part.HEADER
        return self._part

    def _await(self, part: Part) -> None:
        if part == self._watched_part:
            return
        self._watched_part = part
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        if part != Part.NONE:
            seconds = self._limits.header_seconds if part == Part.HEADER else self._limits.body_seconds
            self._deadline = self.loop.call_later(seconds, self._refuse, HTTPStatus.REQUEST_TIMEOUT)

    # --- refusing -----------------------------------------------------------------------------------------------

    def _refuse(self, status: HTTPStatus) -> None:
        """Close the connection, with a reply if a request has begun (or may have) and no other reply is being sent."""
        self._refused = status
        self._await(Part.NONE)
        log.info("connection refused", status=int(status), address=self._address)
        replying = self.cycle is not None and not self.cycle.response_complete
        silent = status == HTTPStatus.REQUEST_TIMEOUT and self._part != Part.HEADER
        if replying or silent or self._part == Part.BODY:
            self.transport.close()
            return
        self.transport.write(_reply(status))
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            self.transport.close()
            return
        self.flow.pause_reading()
        self.loop.call_later(self._limits.linger_seconds, self.transport.close)


def _reply(status: HTTPStatus) -> bytes:
    words = WORDS[status].encode()
    again = f"Retry-After: {RETRY_AFTER}\r\n" if status == HTTPStatus.SERVICE_UNAVAILABLE else ""
    head = (
        f"HTTP/1.1 {status} {status.phrase}\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(words)}\r\n{again}Cache-Control: no-store\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + words
