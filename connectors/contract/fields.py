"""Fields of foreign objects, each read by itself, in any of the servers' spellings: a broken one affects no other."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

import msgspec

from connectors.contract.bounds import MIN_DATE
from connectors.text.characters import normalise
from connectors.text.lenient_json import as_list

MAX_TEXT: Final = 10_000
"""Characters of a name, a description or a warning that are read: twice the longest that is kept."""
NO: Final = frozenset({"", "0", "false", "no", "off", "null"})
LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
MAX_ID_LENGTH: Final = 200
"""Characters of a server's own id: numbers, ULIDs and flake ids are all below 30."""


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """A foreign object. Unknown fields are ignored."""


S = TypeVar("S", bound=Shape)


def read(data: object, shape: type[S]) -> S:
    """`data` in that shape. Raises msgspec.ValidationError with the path to the fault."""
    return msgspec.convert(data, shape, strict=False)


def part(data: object, shape: type[S]) -> S | None:
    """An optional part: None if it is missing or unreadable."""
    try:
        return read(data, shape)
    except (msgspec.ValidationError, ValueError, OverflowError):
        return None


def parts(data: object, shape: type[S], most: int) -> list[S]:
    """The readable ones among the first `most` of a list of such parts."""
    return [found for entry in (as_list(data) or ())[:most] if (found := part(entry, shape))]


def id_of(entity: object) -> str:
    """The server's own id of a post or an account; empty if it has none, or an invalid one.

    A blank is invalid: a ref is an id, or a server, a blank and an id.
    """
    found = entity.get("id") if isinstance(entity, dict) else None
    name = str(found) if isinstance(found, str | int) and not isinstance(found, bool) else ""
    return name if len(name) <= MAX_ID_LENGTH and name.isprintable() and " " not in name else ""


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


def moment(value: object, *, strict: bool = False) -> datetime | None:
    """A time in UTC, or None if it is not a time, lies outside the calendar in UTC, or is some program's zero.

    A number counts the seconds since 1970, unless only text is a time (`strict`: RFC 3339).
    """
    try:
        said = msgspec.convert(value, datetime, strict=strict)
        found = said.astimezone(UTC) if said.tzinfo else said.replace(tzinfo=UTC)
    except (msgspec.ValidationError, ValueError, OverflowError, TypeError):
        return None
    return found if found >= MIN_DATE else None


def language(value: object) -> str:
    """A language's code (RFC 5646), or empty."""
    return value if isinstance(value, str) and LANGUAGE.fullmatch(value) else ""


def words_of(text: Any) -> str:
    return normalise(string(text)).strip()
