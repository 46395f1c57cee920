"""Which compression a browser takes, and bytes in it. It refuses to know what the bytes say."""

from __future__ import annotations

import gzip

import brotli

ENDINGS = {"br": ".br", "gzip": ".gz"}
"""The compressions that we offer, the better one first, and how the files in them end."""


def accepted(header: str) -> tuple[str, ...]:
    """Those of ENDINGS that an Accept-Encoding header (RFC 9110, section 12.5.3) allows, the better one first."""
    wishes = {}
    for part in header.lower().split(","):
        name, _, quality = part.partition(";")
        wishes[name.strip()] = quality.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return tuple(name for name in ENDINGS if wishes.get(name, wishes.get("*", False)))


def compressed(content: bytes) -> dict[str, bytes]:
    """`content` in each compression, at a level that costs a page a few milliseconds."""
    return {"br": brotli.compress(content, quality=5), "gzip": gzip.compress(content, compresslevel=6, mtime=0)}
