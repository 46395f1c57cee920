"""The position in a timeline that is stored between two polls."""

from __future__ import annotations

from typing import TypeVar

import msgspec

C = TypeVar("C", bound=msgspec.Struct)


class Cursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """The position of a reader in a timeline.

    `known` are the ids of the newest page, newest first: an id that is missing there later is lost. `digest` is that of
    its body: the same again has nothing new. `account` saves a look-up: the id of a followed account, or
    a path of the server's API. `boosts` are the
    (ref, key) of the posts boosted by known ids. `empty` means that the timeline has become empty. `tries` counts the
    polls that could not close the gap above this position. `wishes` are those of the page's authors, by the server's
    names; empty for those without a wish. They were looked up at `asked_at`.
    """

    known: tuple[str, ...] = ()
    digest: str = ""
    account: str = ""
    boosts: dict[str, tuple[str, str]] = {}
    empty: bool = False
    begun: bool = True
    tries: int = 0
    wishes: dict[str, str] = {}
    asked_at: str = ""


def read_cursor(cursor: str) -> Cursor:
    """The position that a cursor stands for; the very beginning for an empty or unreadable one."""
    return read_position(cursor, Cursor, Cursor(begun=False))


def read_position(cursor: str, shape: type[C], beginning: C) -> C:
    """The position in that shape; the `beginning` for an empty or unreadable cursor."""
    try:
        return msgspec.json.decode(cursor, type=shape)
    except msgspec.DecodeError:
        return beginning


def write_cursor(position: msgspec.Struct) -> str:
    return msgspec.json.encode(position).decode()
