"""The readers of the fan-out, and their parser of WebSocket frames."""

from __future__ import annotations

import selectors
import socket
import struct
import time
import zlib
from typing import Any

from bench._load import STAMP


class Crowd:
    """Many readers in one process, with one selector: they count the records that come and time each."""

    def __init__(self, port: int, path: str, readers: int, *, stalled: int = 0, deflate: bool = False) -> None:
        self.selector = selectors.DefaultSelector()
        self.offer = "Sec-WebSocket-Extensions: permessage-deflate\r\n" if deflate else ""
        self.stalled = [self._connect(port, path, small=True) for _ in range(stalled)]
        self.sockets = [self._connect(port, path) for _ in range(readers)]
        self.inflaters = {sock: zlib.decompressobj(-15) for sock in self.sockets} if deflate else {}
        self.buffers = dict.fromkeys(self.sockets, b"")
        for sock in self.sockets:
            sock.setblocking(False)
            self.selector.register(sock, selectors.EVENT_READ)
        self.delays: list[float] = []
        self.records = 0

    def _connect(self, port: int, path: str, *, small: bool = False) -> socket.socket:
        sock = socket.socket()
        if small:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.connect(("127.0.0.1", port))
        if path:
            sock.sendall(
                f"GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                f"{self.offer}\r\n".encode()
            )
            answer = b""
            while b"\r\n\r\n" not in answer:
                answer += sock.recv(1)
        return sock

    def read(self, expected: int, deadline: float) -> None:
        """Read until all have `expected` records, or the deadline has passed."""
        while self.records < expected and time.monotonic() < deadline:
            for key, _ in self.selector.select(0.2):
                sock: Any = key.fileobj
                self.take(sock, sock.recv(1 << 18))

    def take(self, sock: socket.socket, data: bytes) -> None:
        buffer = self.buffers[sock] + data
        now = time.monotonic_ns()
        while (size := frame_size(buffer)) and len(buffer) >= size:
            self.note(self.opened(sock, buffer[:size]), now)
            buffer = buffer[size:]
        self.buffers[sock] = buffer

    def opened(self, sock: socket.socket, wire: bytes) -> bytes:
        """The frame, inflated if it came compressed (RFC 7692)."""
        if not wire[0] & 0x40:
            return wire
        head = {126: 4, 127: 10}.get(wire[1] & 127, 2)
        return self.inflaters[sock].decompress(wire[head:] + b"\x00\x00\xff\xff")

    def note(self, wire: bytes, now: int) -> None:
        start = 0
        while (found := wire.find(STAMP, start)) >= 0:
            start = found + len(STAMP)
            digits = wire[start : start + 20]
            self.delays.append((now - int(digits[: min(digits.find(b","), 20)])) / 1e6)
            self.records += 1

    def close(self) -> None:
        for sock in (*self.sockets, *self.stalled):
            sock.close()


def frame_size(buffer: bytes) -> int:
    """Bytes of the first WebSocket frame; 0 while its head is incomplete."""
    if len(buffer) < 2:
        return 0
    size = buffer[1] & 127
    if size == 126:
        return 4 + struct.unpack("!H", buffer[2:4])[0] if len(buffer) >= 4 else 0
    if size == 127:
        return 10 + struct.unpack("!Q", buffer[2:10])[0] if len(buffer) >= 10 else 0
    return 2 + size
