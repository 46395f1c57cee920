"""Content negotiation of compressions, and compression itself."""

from __future__ import annotations

import gzip

import brotli

ENDINGS = {"br": ".br", "gzip": ".gz"}
"""The compressions on offer, the better one first, with their file endings."""


def accepted(header: str) -> tuple[str, ...]:
    """The compressions that an Accept-Encoding header (RFC 9110, section 12.5.3) allows, the better one first."""
    wishes = {}
    for part in header.lower().split(","):
        name, _, quality = part.partition(";")
        wishes[name.strip()] = quality.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return tuple(name for name in ENDINGS if wishes.get(name, wishes.get("*", False)))


def compressed(content: bytes) -> dict[str, bytes]:
    """`content` in each compression, at a level that takes a few milliseconds for a page."""
    return {"br": brotli.compress(content, quality=5), "gzip": gzip.compress(content, compresslevel=6, mtime=0)}
