"""The short public id of a post, for records, links and the command line; and the numeric id of an author.

Both are one-way digests, because a tombstone must not reveal the author of a deleted post.
"""

from __future__ import annotations

from base64 import b32encode
from functools import lru_cache
from hashlib import blake2b

from connectors.contract import Person

LENGTH = 16
FEDIVERSE = frozenset({"mastodon", "misskey", "lemmy", "peertube"})
"""Networks whose keys are ActivityPub ids: a post with one key is one post, whichever of them has brought it."""
FEDIVERSE_SPACE = "mastodon"
"""Their name in digests: that of the first one, so that ids of stored posts stay as they are."""
MAX_CACHED = 4096
"""Ids in the cache: each post needs its id several times on its way to the walls."""


@lru_cache(MAX_CACHED)
def post_id(network: str, key: str) -> str:
    """Return sixteen lower-case letters and digits: 80 bits, which makes collisions negligible."""
    digest = blake2b(f"{_space(network)}\0{key}".encode(), digest_size=LENGTH * 5 // 8)
    return b32encode(digest.digest()).decode().lower()


def author_id(network: str, author: Person) -> int:
    """Return the author's 64-bit id, from the URL of their profile, or else from their handle."""
    name = f"{_space(network)}\0{author.url or author.handle}".encode("utf-8", "replace")
    return int.from_bytes(blake2b(name, digest_size=8).digest(), signed=True)


def _space(network: str) -> str:
    return FEDIVERSE_SPACE if network in FEDIVERSE else network


def same_author(one: Person, other: Person) -> bool:
    """Whether both have the same URL or handle, whatever their display names."""
    return bool((one.url and one.url == other.url) or one.handle == other.handle)
