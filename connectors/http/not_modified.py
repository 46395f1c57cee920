"""Trust in a 304: some servers and caches go on answering it, whatever has changed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

NOT_MODIFIED_TRUST: Final = timedelta(hours=1)
"""How long a 304 is trusted; then one request is sent without validators."""


def is_trusted(read_at: str, now: datetime) -> bool:
    """Whether a 304 may still stand for the response that was read at that ISO 8601 time."""
    return is_within(NOT_MODIFIED_TRUST, read_at, now)


def is_within(interval: timedelta, before: str, now: datetime) -> bool:
    """Whether less than this has passed since that ISO 8601 time.

    A time to come is that of a clock that was set back: then nothing is known.
    """
    try:
        return timedelta() <= now - datetime.fromisoformat(before) < interval
    except (ValueError, TypeError, OverflowError):
        return False
