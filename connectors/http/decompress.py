"""Decompression: gzip in any number of members, zlib, raw deflate or none, recognised by the bytes themselves.

Content-Encoding is unreliable (RFC 9110, 8.4): it may name a charset, or nothing although the body is gzip. Bytes go in
and pieces of the decompressed body come out, none larger than `PIECE`. No input or output.
"""

from __future__ import annotations

import codecs
import zlib
from collections.abc import Iterator
from typing import Any, Final

PIECE: Final = 256 * 1024
LAYERS: Final = 2
"""Layers of compression: some servers compress a compressed file again."""
GZIP: Final = b"\x1f\x8b"
SUPPORTED: Final = frozenset({"gzip", "x-gzip", "deflate"})
SNIFFED: Final = 32
"""Bytes by which a body is known for what it is."""
CODINGS: Final = SUPPORTED | {"br", "zstd", "compress", "x-compress", "dcb", "dcz", "exi", "pack200-gzip", "aes128gcm"}
"""The registry of content codings (IANA, “HTTP Content Coding Registry”). Any other word means no compression."""


class Unsupported(ValueError):
    """A known coding that we did not offer; `str()` is its name."""


def declared(header: str) -> str:
    """The coding that a Content-Encoding header names, one of those that we did not offer first; empty for none."""
    codings = [coding.strip().lower() for coding in header.split(",")]
    real = [coding for coding in codings if coding in CODINGS]
    return next((coding for coding in real if coding not in SUPPORTED), real[-1] if real else "")


class Unpacker:
    """A decompressor of one body. `coding` is the header's.

    `feed` and `finish` raise zlib.error for corrupt data, and Unsupported for data of a coding that we did not offer.
    """

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
            if len(data) < SNIFFED:
                return
            self._decide(data)
        yield from self._pieces(data)

    def _pieces(self, data: bytes) -> Iterator[bytes]:
        for piece in self._through(data):
            if self._inner is None:
                yield piece
            else:
                yield from self._inner.feed(piece)

    def finish(self) -> Iterator[bytes]:
        """The remaining pieces, after the last bytes."""
        if not self._decided and self._start:
            self._decide(self._start)
            yield from self._pieces(self._start)
        if self._inner is not None:
            yield from self._inner.finish()

    def _decide(self, data: bytes) -> None:
        self._decided = True
        self._is_gzip = data.startswith(GZIP)
        if self._is_gzip and self._layers:
            self._unpack = zlib.decompressobj(wbits=31)
            self._inner = Unpacker(layers=self._layers - 1)
        elif self._is_gzip or not self._coding or _is_text(data):
            return
        elif self._coding not in SUPPORTED:
            raise Unsupported(self._coding)
        elif _is_zlib(data):
            self._unpack = zlib.decompressobj(wbits=15)
        elif self._coding == "deflate" or (_printable(data) is None and _is_deflate(data)):
            self._unpack = zlib.decompressobj(wbits=-15)

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


def _is_text(data: bytes) -> bool:
    """Whether the body is a document or JSON as it is, whatever its server says; compressed data is binary."""
    if data.startswith((b"\xff\xfe<\0", b"\xfe\xff\0<")):
        return True
    return (_printable(data) or "")[:1] in {"<", "{", "["}


def _printable(data: bytes) -> str | None:
    """The first words of a text, or None if it is none."""
    try:
        head = codecs.getincrementaldecoder("utf-8-sig")().decode(data[:SNIFFED]).strip()
    except UnicodeDecodeError:
        return None
    return head if all(char.isprintable() or char.isspace() for char in head) else None


def _is_zlib(data: bytes) -> bool:
    """Whether it begins with the header of RFC 1950, 2.2."""
    return len(data) > 1 and data[0] & 0x0F == zlib.DEFLATED and (data[0] * 256 + data[1]) % 31 == 0


def _is_deflate(data: bytes) -> bool:
    """Whether it can be inflated as far as it has come."""
    try:
        return bool(zlib.decompressobj(wbits=-15).decompress(data, PIECE))
    except zlib.error:
        return False
