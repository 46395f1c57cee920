"""One entry of a timeline, read by itself: a broken one affects no other. `read_some` runs in the sandbox."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any, Final

import msgspec

from connectors.contract import Person, Post, Value
from connectors.contract.bounds import bounded
from connectors.contract.fields import id_of
from connectors.http.client import Http
from connectors.text.characters import is_visible
from connectors.text.html import plain
from connectors.text.lenient_json import decode
from connectors.timeline.portions import MAX_ENTRIES, UNREADABLE, ReadSome, read_portions

MAX_ENCODED: Final = 200_000
"""Bytes of one entry once read; a larger one keeps only its text."""
UNSEEN_WARNING: Final = "…"  # in place of a warning without a visible character
STRANGE: Final = "its address, author or visibility is missing or invalid"


class Entry(Value, frozen=True):
    """One entry of a timeline.

    For a boost, `id` is the boost's own id; `ref` (the server's id) and `key` (the global id) are those of the post.
    `post` is None if no wall may show it, or if it could not be read (`broken` says so); `ended` means that the post
    itself is deleted or not public. `matches` is False if an edit has taken the followed hashtag away. A `pinned` entry
    stands above newer ones. `author`, `quoted` and `booster_name` are the server's names of people, by which their
    profiles are looked up.
    """

    id: str
    ref: str = ""
    key: str = ""
    post: Post | None = None
    booster: Person | None = None
    is_boost: bool = False
    ended: bool = False
    matches: bool = True
    pinned: bool = False
    author: str = ""
    quoted: str = ""
    booster_name: str = ""
    broken: str = ""


class StrangeEntry(ValueError):
    """An entry that is not shown; `str()` says why, to follow a colon."""


async def read_entries(http: Http, network: str, read: ReadSome, body: bytes, *arguments: object) -> list[Entry]:
    """The entries of a response. `read(body, *arguments, at, start, most, seconds)` runs in the sandbox.

    `at` replaces a time that can't be read. Raises InvalidResponse and SandboxCrashed.
    """
    encoded = await read_portions(http, network, read, body, *arguments, http.now().isoformat())
    return [
        Entry(id="", broken=UNREADABLE.format(number)) if each is None else msgspec.msgpack.decode(each, type=Entry)
        for number, each in enumerate(encoded, 1)
    ]


# --- in the sandbox ---------------------------------------------------------------------------------------------


def read_some(
    raw: Sequence[Any],
    read_one: Callable[[Any], Entry],
    start: int,
    most: int,
    seconds: float,
    *,
    name: Callable[[Any], str] = id_of,
) -> tuple[int, list[bytes]]:
    """Return (number of entries, up to `most` of them from `start` on); read no further one after `seconds`.

    Entries are JSON, or decoded already. `name` returns an entry's id, which a broken one keeps.
    """
    raw, until = raw[:MAX_ENTRIES], time.monotonic() + seconds
    found: list[bytes] = []
    for each in islice(raw, start, None):
        if found and (len(found) >= most or time.monotonic() >= until):
            break
        found.append(_encoded(_read(each, read_one, name)))
    return len(raw), found


def _read(raw: Any, read_one: Callable[[Any], Entry], name: Callable[[Any], str]) -> Entry:
    id_ = ""
    try:
        data = decode(raw) if isinstance(raw, bytes) else raw
        id_ = name(data)
        found = read_one(data)
        post = bounded(found.post) if found.post else None
        if post is not None and _says_nothing(post):
            return _broken(id_, "it has no words, pictures or poll")
        return msgspec.structs.replace(found, post=post)
    except msgspec.ValidationError:
        return _broken(id_, STRANGE)
    except StrangeEntry as strange:
        return _broken(id_, str(strange))
    except Exception:  # noqa: BLE001  a library may raise anything over foreign bytes
        return _broken(id_, "it holds an invalid value")


def _broken(id_: str, why: str) -> Entry:
    return Entry(id=id_, broken=f"Unreadable post ({id_ or 'without an id'}): {why}.")


def _says_nothing(post: Post) -> bool:
    """Whether its card would show only an author, or a warning about nothing."""
    if post.media or post.card or post.quote or post.warning not in ("", UNSEEN_WARNING):
        return False
    answers = [choice.title for choice in post.poll.choices] if post.poll else []
    return not any(map(is_visible, [*answers, post.title, plain(post.html)]))


def _encoded(found: Entry) -> bytes:
    encoded = msgspec.msgpack.encode(found)
    if len(encoded) <= MAX_ENCODED or found.post is None:
        return encoded
    post = msgspec.structs.replace(found.post, media=(), emojis={}, mentions=(), quote=None, card=None)
    return msgspec.msgpack.encode(msgspec.structs.replace(found, post=post))
