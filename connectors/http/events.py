"""Server-sent events from bytes (HTML, 9.2.6 “Interpreting an event stream”). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import msgspec

MAX_EVENT: Final = 1024 * 1024
"""Bytes of one event, or of an unfinished line."""

BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"

_LINE_END: Final = re.compile(rb"\r\n|\n|\r")


class ServerEvent(msgspec.Struct, frozen=True):
    """One event. `id` is the server's last one: send it as `Last-Event-ID` to go on from here."""

    data: str
    type: str = "message"
    id: str = ""


class EventTooLarge(ValueError):
    """An event larger than MAX_EVENT."""


class EventParser:
    """A parser, fed with bytes as they come. `retry` is the pause before a new connection, in seconds."""

    def __init__(self, last_id: str = "") -> None:
        self.retry: float | None = None
        self._id = last_id
        self._type = ""
        self._data: list[str] = []
        self._size = 0
        self._line = bytearray()
        self._after_return = False
        self._has_begun = False

    def feed(self, piece: bytes) -> Iterator[ServerEvent]:
        """Yield the events that these bytes complete. Raises EventTooLarge."""
        start = 1 if self._after_return and piece.startswith(b"\n") else 0
        for end in _LINE_END.finditer(piece, start):
            self._line += piece[start : end.start()]
            start, line = end.end(), bytes(self._line)
            self._line.clear()
            event = self._take(line)
            if event is not None:
                yield event
        self._line += piece[start:]
        self._after_return = piece.endswith(b"\r") if piece else self._after_return
        if len(self._line) > MAX_EVENT:
            raise EventTooLarge

    def _take(self, line: bytes) -> ServerEvent | None:
        if not self._has_begun:
            line, self._has_begun = line.removeprefix(BYTE_ORDER_MARK), True
        if not line:
            return self._end()
        self._size += len(line)
        if self._size > MAX_EVENT:
            raise EventTooLarge
        name, _, value = line.decode(errors="replace").partition(":")
        value = value.removeprefix(" ")
        match name:
            case "event":
                self._type = value
            case "data":
                self._data.append(value)
            case "id" if "\0" not in value:
                self._id = value
            case "retry" if value.isascii() and value.isdecimal():
                self.retry = int(value[:9]) / 1000
        return None

    def _end(self) -> ServerEvent | None:
        data, kind = self._data, self._type
        self._data, self._type, self._size = [], "", 0
        return ServerEvent("\n".join(data), kind or "message", self._id) if data else None
