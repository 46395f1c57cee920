"""Optional values of Mastodon's entities, each read by itself, in any of the servers' spellings."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Final

import msgspec

from connectors.contract.bounds import MIN_DATE

MAX_TEXT: Final = 10_000
"""Characters of a name, a description or a warning that are read: twice the longest that is kept."""
NO: Final = frozenset({"", "0", "false", "no", "off", "null"})


def string(value: object, most: int = MAX_TEXT) -> str:
    """The beginning of a text, which bounds the work on it; empty for anything else."""
    return value[:most] if isinstance(value, str) else ""


def flag(value: object) -> bool:
    """Whether it is true in any of the servers' spellings: `true`, 1, "true" or "1"."""
    return value is True or value == 1 or (isinstance(value, str) and value.lower() in {"true", "1"})


def perhaps(value: object) -> bool:
    """Whether it may mean a restriction: all but a clear no, so that an unreadable value restricts too."""
    return not (value in (None, False, 0, [], {}) or (isinstance(value, str) and value.strip().lower() in NO))


def count(value: object) -> int | None:
    """A count, or None if it is not one."""
    if isinstance(value, str) and len(value) <= 20 and value.isascii() and value.isdecimal():  # noqa: PLR2004  digits of a 64-bit number
        return int(value)
    if isinstance(value, float):
        return max(0, int(value)) if math.isfinite(value) else None
    return max(0, value) if isinstance(value, int) and not isinstance(value, bool) else None


def moment(value: object) -> datetime | None:
    """A time in UTC, or None if it is not a time, lies outside the calendar in UTC, or is some program's zero."""
    try:
        said = msgspec.convert(value, datetime, strict=False)
        found = said.astimezone(UTC) if said.tzinfo else said.replace(tzinfo=UTC)
    except (msgspec.ValidationError, ValueError, OverflowError, TypeError):
        return None
    return found if found >= MIN_DATE else None
