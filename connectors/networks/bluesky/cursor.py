"""The position in a listing that is stored between two polls."""

from __future__ import annotations

import msgspec

from connectors.timeline.cursor import read_position


class Cursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """The position of a reader.

    `known` are the ids of the newest page, newest first, each with the end of its post's `cid`: an id that is missing
    there later is lost, and another `cid` is an edit. `boosts` are the URIs of the posts that known reposts are of.
    `since` is the newest time on that page. `etag` is that page's, read in full at `read_at`. `did` saves a look-up:
    the account that is followed, or that owns the list or feed. `tries` counts the polls that could not close the gap
    above this position.
    """

    known: dict[str, str] = {}
    boosts: dict[str, str] = {}
    since: str = ""
    etag: str = ""
    read_at: str = ""
    did: str = ""
    begun: bool = True
    tries: int = 0


def read_cursor(cursor: str) -> Cursor:
    """The position that a cursor stands for; the very beginning for an empty or unreadable one."""
    return read_position(cursor, Cursor, Cursor(begun=False))
