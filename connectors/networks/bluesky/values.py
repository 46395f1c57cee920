"""Optional values of Bluesky's records and views, each read by itself."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from connectors.contract import fields
from connectors.contract.fields import MAX_TEXT
from connectors.text.characters import replace_surrogates

LARGEST: Final = 100_000  # pixels; a larger number is not credible


def string(value: object, most: int = MAX_TEXT) -> str:
    """The beginning of a text, which bounds the work on it; empty for anything else."""
    return replace_surrogates(fields.string(value, most))


def moment(value: object) -> datetime | None:
    """A time in UTC, or None: a profile of RFC 3339 (https://atproto.com/specs/lexicon#datetime)."""
    return fields.moment(value, strict=True)


def pixels(value: object) -> int:
    """A side of an aspect ratio, which apps give in pixels; 0 if it is not one."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LARGEST else 0


def language(said: object) -> str:
    """The first of a post's languages; empty if there is none."""
    return fields.language(said[0]) if isinstance(said, list) and said else ""
