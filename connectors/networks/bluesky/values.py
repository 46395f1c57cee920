"""Optional values of Bluesky's records and views, each read by itself."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

import msgspec

from connectors.contract.bounds import MIN_DATE
from connectors.text.characters import normalise, replace_surrogates

MAX_TEXT: Final = 10_000
"""Characters of a name, a description or an alt text that are read: twice the longest that is kept."""
LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
LARGEST: Final = 100_000  # pixels; a larger number is not credible


def string(value: object, most: int = MAX_TEXT) -> str:
    """The beginning of a text, which bounds the work on it; empty for anything else."""
    return replace_surrogates(value[:most]) if isinstance(value, str) else ""


def words_of(value: object) -> str:
    """The text as people may read it: without overrides of direction and towers of marks."""
    return normalise(string(value)).strip()


def moment(value: object) -> datetime | None:
    """A time in UTC, or None if it is not a time, lies outside the calendar in UTC, or is some program's zero.

    The syntax is a profile of RFC 3339: https://atproto.com/specs/lexicon#datetime.
    """
    if not isinstance(value, str):
        return None
    try:
        said = msgspec.convert(value, datetime)
        found = said.astimezone(UTC) if said.tzinfo else said.replace(tzinfo=UTC)
    except (msgspec.ValidationError, ValueError, OverflowError):
        return None
    return found if found >= MIN_DATE else None


def pixels(value: object) -> int:
    """A side of an aspect ratio, which apps give in pixels; 0 if it is not one."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LARGEST else 0


def language(said: object) -> str:
    """The first of a post's languages; empty if there is none."""
    first = said[0] if isinstance(said, list) and said else ""
    return first if isinstance(first, str) and LANGUAGE.fullmatch(first) else ""
