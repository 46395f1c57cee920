"""Where a rehearsal is, as its cursor remembers it, and how it goes on after a stop: from there, with nothing missed.

It refuses to know the archive. A rehearsal is a performance: nobody wants hours of it at once because a server stood
still, a laptop slept or a clock was set.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

MAX_SILENCE: Final = 60.0
"""Seconds without a poll. What a shorter silence has missed is made up for at once, as it is on a real network."""

Pauses = tuple[tuple[int, float], ...]
"""From which act on everything comes by how many seconds later (or earlier, after a clock was put back)."""


class Cursor(NamedTuple):
    """The opening, the number of the next act, when the rehearsal was last polled, and the pauses that it has had."""

    start: datetime
    number: int
    seen: datetime | None = None
    pauses: Pauses = ()

    def resumed(self, now: datetime) -> Cursor:
        """The same place at this moment, after a pause if nobody has polled for so long or if the clock was put back.

        Waiting for an opening that is still to come is no pause.
        """
        opening = self.start + timedelta(seconds=sum(seconds for _, seconds in self.pauses))
        since = max(self.seen or now, opening)
        gap = (now - since).total_seconds()
        was_put_back = self.seen is not None and now < self.seen == since
        paused = was_put_back or (self.seen is not None and gap > MAX_SILENCE)
        return self._replace(seen=now, pauses=(*self.pauses, (self.number, gap)) if paused else self.pauses)

    def at(self, number: int, lap_length: int) -> Cursor:
        """Further on. Pauses before the lap in which the next act lies are one: nothing there is told again."""
        lap = number // lap_length * lap_length
        before = sum(seconds for first, seconds in self.pauses if first <= lap)
        later = tuple(pause for pause in self.pauses if pause[0] > lap)
        return self._replace(number=number, pauses=((lap, before), *later) if before else later)


def read_cursor(cursor: str, started_at: datetime | None, now: datetime) -> Cursor:
    """The place behind a cursor. An unreadable one, or one of another opening, begins the archive again."""
    place = _read(cursor)
    if place is None or started_at not in (None, place.start):
        place = Cursor((started_at or now).astimezone(UTC), 0)
    return place.resumed(now)


def write_cursor(place: Cursor) -> str:
    """`2009-10-12T09:30:00+00:00 41`, then when it was last polled and the pauses, where there are any."""
    words = [place.start.isoformat(), str(place.number)]
    if place.seen is not None:
        words.append(place.seen.isoformat())
        words += [f"{first}:{seconds!r}" for first, seconds in place.pauses]
    return " ".join(words)


def _read(cursor: str) -> Cursor | None:
    try:
        start, number, *more = cursor.split()
        seen = datetime.fromisoformat(more[0]) if more else None
        pauses = ((int(first), float(seconds)) for first, _, seconds in (word.partition(":") for word in more[1:]))
        return Cursor(datetime.fromisoformat(start).astimezone(UTC), int(number), seen, tuple(pauses))
    except ValueError:
        return None
