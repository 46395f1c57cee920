"""Trust in a 304: some servers and caches go on answering it, whatever has changed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

NOT_MODIFIED_TRUST: Final = timedelta(hours=1)
"""How long a 304 is trusted; then one request is sent without validators."""


def is_trusted(read_at: str, now: datetime) -> bool:
    """Whether a 304 may still stand for the response that was read at that ISO 8601 time.

    A time to come is that of a clock that was set back: then nothing is known.
    """
    try:
        return datetime.fromisoformat(read_at) <= now < datetime.fromisoformat(read_at) + NOT_MODIFIED_TRUST
    except (ValueError, TypeError, OverflowError):
        return False
