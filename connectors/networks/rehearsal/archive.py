"""The conference archive: one JSON Lines file and the pictures beside it, as `reading.py` has read it.

The format is described in docs/rehearsal.md.
"""

from __future__ import annotations

from functools import cache
from hashlib import blake2b
from pathlib import Path

import msgspec

from connectors.networks.rehearsal.entities import (
    AnyEvent,
    Header,
    PersonRow,
    PostEvent,
)

BUILT_IN = Path(__file__).parent
FILE = "archive.jsonl"
LARGEST = 64 * 1024 * 1024
IMAGES = frozenset({".webp", ".png", ".jpg", ".jpeg", ".gif", ".avif"})


class Archive(msgspec.Struct, frozen=True, kw_only=True):
    """A whole archive, validated: `acts` in the order of their time, `trail` the numbers of the acts on each post.

    `files` are the pictures that may be shown: named in the archive, inside its folder, and existing.
    """

    value: str
    folder: Path
    header: Header
    people: dict[str, PersonRow]
    acts: tuple[AnyEvent, ...]
    trail: dict[str, tuple[int, ...]]
    quoted_by: dict[str, tuple[str, ...]]
    files: frozenset[str]
    broken: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name in keys and pictures' URLs: never a path, since those are public."""
        if self.value in built_in():
            return self.value
        return "own-" + blake2b(self.value.encode(), digest_size=6).hexdigest()

    def said(self, post: str) -> PostEvent:
        first = self.acts[self.trail[post][0]]
        assert isinstance(first, PostEvent), "the reader allows no act on a post before it is made"  # noqa: S101 (no input leads here)
        return first


@cache
def built_in() -> tuple[str, ...]:
    return tuple(sorted(script.parent.name for script in BUILT_IN.glob(f"*/{FILE}")))
