"""The short public name of a post: what records, links and the command line call it.

It is a one-way digest of (network, key), because a tombstone must not tell who said what was deleted.
"""

from __future__ import annotations

from base64 import b32encode
from hashlib import blake2b

LENGTH = 16


def post_id(network: str, key: str) -> str:
    """Sixteen lower-case letters and digits; 80 bits, so that two posts never share one by accident."""
    digest = blake2b(f"{network}\0{key}".encode(), digest_size=LENGTH * 5 // 8)
    return b32encode(digest.digest()).decode().lower()
