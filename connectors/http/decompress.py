"""Decompression: gzip in any number of members, zlib, raw deflate or none, recognised by the bytes themselves.

Content-Encoding is unreliable (RFC 9110, 8.4): it may name a charset, or nothing although the body is gzip. Bytes go in
and pieces of the decompressed body come out, none larger than `PIECE`. No input or output.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any, Final

PIECE: Final = 256 * 1024
LAYERS: Final = 2
"""Layers of compression: some servers compress a compressed file again."""
GZIP: Final = b"\x1f\x8b"
SUPPORTED: Final = frozenset({"gzip", "x-gzip", "deflate"})
CODINGS: Final = SUPPORTED | {"br", "zstd", "compress", "x-compress", "dcb", "dcz", "exi", "pack200-gzip", "aes128gcm"}
"""The registry of content codings (IANA, “HTTP Content Coding Registry”). Any other word means no compression."""


class Unsupported(ValueError):
    """A known coding that we did not offer; `str()` is its name."""


def declared(header: str) -> str:
    """The coding that a Content-Encoding header names, empty for none. Raises Unsupported."""
    codings = [coding.strip().lower() for coding in header.split(",")]
    real = [coding for coding in codings if coding in CODINGS]
    for coding in real:
        if coding not in SUPPORTED:
            raise Unsupported(coding)
    return real[-1] if real else ""


class Unpacker:
    """A decompressor of one body. `coding` is the header's. `feed` and `finish` raise zlib.error for corrupt data."""

    def __init__(self, coding: str = "", layers: int = LAYERS) -> None:
        self._coding = coding
        self._layers = layers
        self._start = b""
        self._decided = False
        self._unpack: Any = None
        self._rest = b""
        self._is_gzip = False
        self._inner: Unpacker | None = None
        self._over = False

    @property
    def complete(self) -> bool:
        """Whether the body is complete; False if it broke off."""
        if self._unpack is None:
            return True
        return bool(self._over or self._unpack.eof) and (self._inner is None or self._inner.complete)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The pieces that these bytes of the body give."""
        if not self._decided:
            data = self._start = self._start + data
            if len(data) < len(GZIP):
                return
            self._decide(data)
        for piece in self._through(data):
            if self._inner is None:
                yield piece
            else:
                yield from self._inner.feed(piece)

    def finish(self) -> Iterator[bytes]:
        """The remaining pieces, after the last bytes."""
        if not self._decided and self._start:
            yield self._start
        elif self._inner is not None:
            yield from self._inner.finish()

    def _decide(self, data: bytes) -> None:
        self._decided = True
        self._is_gzip = data.startswith(GZIP)
        if self._is_gzip and self._layers:
            self._unpack = zlib.decompressobj(wbits=31)
            self._inner = Unpacker(layers=self._layers - 1)
        elif self._coding == "deflate":
            is_zlib = data[0] & 0x0F == zlib.DEFLATED and (data[0] * 256 + data[1]) % 31 == 0  # RFC 1950, 2.2
            self._unpack = zlib.decompressobj(wbits=15 if is_zlib else -15)

    def _through(self, data: bytes) -> Iterator[bytes]:
        if self._unpack is None:
            yield from (data[at : at + PIECE] for at in range(0, len(data), PIECE))
            return
        while data and not self._over:
            if self._unpack.eof:
                data = self._next_member(data)
                continue
            piece = self._unpack.decompress(data, PIECE)
            if piece:
                yield piece
            data = self._unpack.unused_data if self._unpack.eof else self._unpack.unconsumed_tail

    def _next_member(self, data: bytes) -> bytes:
        """Begin the next gzip member (RFC 1952, 2.2); ignore padding and rubbish after the last one."""
        data = (self._rest + data).lstrip(b"\0")
        self._rest = b""
        if not self._is_gzip or (len(data) >= len(GZIP) and not data.startswith(GZIP)):
            self._over = True
            return b""
        if len(data) < len(GZIP):
            self._rest = data
            return b""
        self._unpack = zlib.decompressobj(wbits=31)
        return data
