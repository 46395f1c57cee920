"""The position in a timeline that is stored between two polls."""

from __future__ import annotations

import msgspec

from connectors.timeline.cursor import read_position


class Cursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """The position of a reader in the timeline.

    `known` are the ids of the newest page, newest first: an id that is missing there later is lost, and no deletion is
    taken for a gap. `etag` is that page's, read in full at `read_at`. `empty` means that the timeline has become empty.
    `account` and `server` save a look-up: the id of a followed account, and its server's origin if that is not the
    source's. `boosts` are the (ref, key) of the posts boosted by known ids. `unused` means that the server has never
    seen this tag. `tries` counts the polls that could not close the gap above this position. `untagged` are known ids
    whose statuses the server lists although they have never had the source's hashtags; None in a cursor that does not
    know them yet.
    """

    known: tuple[str, ...] = ()
    etag: str = ""
    read_at: str = ""
    account: str = ""
    server: str = ""
    empty: bool = False
    begun: bool = True
    boosts: dict[str, tuple[str, str]] = {}
    unused: bool = False
    tries: int = 0
    untagged: tuple[str, ...] | None = None


def read_cursor(cursor: str) -> Cursor:
    """The position that a cursor stands for; the very beginning for an empty or unreadable one."""
    return read_position(cursor, Cursor, Cursor(begun=False))
