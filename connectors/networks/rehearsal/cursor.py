"""The position of a rehearsal, and its continuation after a stop: from there, with no act skipped.

A server that stood still, a laptop that slept or a clock that was set must not bring hours of posts at once.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

MAX_SILENCE: Final = 60.0
"""Seconds without a poll. After a shorter silence the due acts come at once, as on a real network."""

Pauses = tuple[tuple[int, float], ...]
"""(first act, seconds): from this act on, all acts come so much later (or earlier, if the clock was put back)."""


class Cursor(NamedTuple):
    """The opening, the number of the next act, the time of the last poll, and the pauses so far."""

    start: datetime
    number: int
    seen: datetime | None = None
    pauses: Pauses = ()

    def resumed(self, now: datetime) -> Cursor:
        """The same position now, with a pause added if there was no poll for too long or the clock was put back.

        Waiting for a future opening is not a pause.
        """
        opening = self.start + timedelta(seconds=sum(seconds for _, seconds in self.pauses))
        since = max(self.seen or now, opening)
        gap = (now - since).total_seconds()
        was_put_back = self.seen is not None and now < self.seen == since
        paused = was_put_back or (self.seen is not None and gap > MAX_SILENCE)
        return self._replace(seen=now, pauses=(*self.pauses, (self.number, gap)) if paused else self.pauses)

    def at(self, number: int, loop_length: int) -> Cursor:
        """The position at a later act. Pauses before its loop are merged: that loop's acts are not played again."""
        loop = number // loop_length * loop_length
        before = sum(seconds for first, seconds in self.pauses if first <= loop)
        later = tuple(pause for pause in self.pauses if pause[0] > loop)
        return self._replace(number=number, pauses=((loop, before), *later) if before else later)


def read_cursor(cursor: str, started_at: datetime | None, now: datetime) -> Cursor:
    """The position that a cursor stands for; the beginning if it is unreadable or of another opening."""
    position = _read(cursor)
    if position is None or started_at not in (None, position.start):
        position = Cursor((started_at or now).astimezone(UTC), 0)
    return position.resumed(now)


def write_cursor(position: Cursor) -> str:
    """`2009-10-12T09:30:00+00:00 41`, then the last poll and the pauses, if there are any."""
    words = [position.start.isoformat(), str(position.number)]
    if position.seen is not None:
        words.append(position.seen.isoformat())
        words += [f"{first}:{seconds!r}" for first, seconds in position.pauses]
    return " ".join(words)


def _read(cursor: str) -> Cursor | None:
    try:
        start, number, *more = cursor.split()
        seen = datetime.fromisoformat(more[0]) if more else None
        pauses = ((int(first), float(seconds)) for first, _, seconds in (word.partition(":") for word in more[1:]))
        return Cursor(datetime.fromisoformat(start).astimezone(UTC), int(number), seen, tuple(pauses))
    except ValueError:
        return None
