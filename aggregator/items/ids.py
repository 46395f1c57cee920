"""The short public name of a post: what records, links and the command line call it. And the mark of an author.

Both are one-way digests, because a tombstone must not tell who said what was deleted.
"""

from __future__ import annotations

from base64 import b32encode
from functools import lru_cache
from hashlib import blake2b

from connectors.contract import Person

LENGTH = 16
REMEMBERED = 4096
"""Names kept at hand: a post on its way to the walls is named several times."""


@lru_cache(REMEMBERED)
def post_id(network: str, key: str) -> str:
    """Sixteen lower-case letters and digits; 80 bits, so that two posts never share one by accident."""
    digest = blake2b(f"{network}\0{key}".encode(), digest_size=LENGTH * 5 // 8)
    return b32encode(digest.digest()).decode().lower()


def author_id(network: str, author: Person) -> int:
    """The author as a number that fits into 64 bits: by their profile's address, or else by their handle."""
    name = f"{network}\0{author.url or author.handle}".encode("utf-8", "replace")
    return int.from_bytes(blake2b(name, digest_size=8).digest(), signed=True)


def same_author(one: Person, other: Person) -> bool:
    """Whether both are the same person by address or handle, whatever they call themselves."""
    return bool((one.url and one.url == other.url) or one.handle == other.handle)
