"""Moments as people type them: how long ago or ahead, a time of today, or a date."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from aggregator.timestamps import now
from aggregator.walls.errors import WallError

SPAN: Final = re.compile(r"(\d{1,4})\s*(s|min|m|h|d)")
SECONDS: Final = {"s": 1, "min": 60, "m": 60, "h": 3_600, "d": 86_400}
BEFORE, AHEAD = -1, 1
"""The direction of a span of time."""


def read_moment(text: str, time_zone: str, direction: int) -> datetime:
    """Return the moment, in UTC: `15min` before or ahead of now, `10:05` today, `2026-06-09` or `2026-06-09T10:05`.

    Times are in the time zone of a wall unless they have an offset. Raises WallError.
    """
    text, zone = text.strip(), ZoneInfo(time_zone)
    if span := SPAN.fullmatch(text):
        return now() + direction * timedelta(seconds=int(span[1]) * SECONDS[span[2]])
    try:
        if re.fullmatch(r"\d{1,2}:\d{2}(:\d{2})?", text):
            today = datetime.now(zone).date()
            return datetime.combine(today, time.fromisoformat(text.zfill(5)), zone).astimezone(UTC)
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):  # the latter for the first and the last day of all
        raise WallError(f"“{text}” isn't a moment: write it as 15min, 10:05, 2026-06-09 or 2026-06-09T10:05.") from None
