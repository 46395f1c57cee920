"""How often we may ask one host: spacing, bounded concurrency, and the budget that the host itself announces.

It owns patience. It refuses to know what is asked or what came back, beyond the headers that speak of limits.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from connectors.errors import RateLimited

Sleep = Callable[[float], Awaitable[None]]

PREFIXES: Final = ("x-ratelimit-", "ratelimit-", "x-rate-limit-")  # Mastodon's, the IETF draft's, X's
LONGEST: Final = 24 * 3600.0  # no host closes itself to us for longer than a day, whatever it says
PLENTY: Final = 0.5  # of a budget: as long as so much is left we don't hurry less
RESERVE: Final = 0.25  # of a budget: for whoever else asks from our address
UNSTATED: Final = 60.0  # the pause after a 429 that names none
HOSTS: Final = 1_000  # how many hosts we remember before idle ones are forgotten
MARGIN: Final = 1.5  # seconds after an announced reset, which servers give in whole seconds
EPOCH_FROM: Final = 1_000_000_000.0  # a larger number is a moment since 1970, a smaller one a pause


def wall_clock() -> datetime:
    return datetime.now(UTC)


class _Lane:
    """What we know of one host. `due` is when the next request is due if they come evenly, `interval` apart (GCRA)."""

    __slots__ = ("closed_until", "due", "interval", "places")

    def __init__(self, at_once: int, interval: float) -> None:
        self.places = asyncio.Semaphore(at_once)
        self.interval = interval
        self.due = 0.0
        self.closed_until = 0.0


class RateLimiter:
    """Spacing per host: bursts of `burst`, `per_second` in the long run, `at_once` open at a time.

    Once half of the budget that a host announces is used up, requests come so slowly that a quarter is left when it
    begins anew, though never more than `patience` seconds apart. A host that is closed (its budget is used up, or it
    said 429) is waited for when that takes at most `patience` seconds, else the request fails with RateLimited. `clock`
    is monotonic seconds, `now` the time of day.
    """

    def __init__(
        self,
        *,
        per_second: float = 4.0,
        burst: int = 8,
        at_once: int = 4,
        patience: float = 2.0,
        clock: Callable[[], float],
        sleep: Sleep = asyncio.sleep,
        now: Callable[[], datetime] = wall_clock,
    ) -> None:
        self._interval = 1.0 / per_second
        self._slack = (burst - 1) * self._interval
        self._at_once = at_once
        self._patience = patience
        self._clock = clock
        self._sleep = sleep
        self._now = now
        self._lanes: dict[str, _Lane] = {}

    @asynccontextmanager
    async def turn(self, host: str) -> AsyncIterator[None]:
        """Wait for a turn at `host` and hold it. Raises RateLimited when the host is closed for longer than we wait."""
        lane = self._lane(host)
        async with lane.places:
            while (shut := lane.closed_until - self._clock()) > 0:
                if shut > self._patience:
                    raise RateLimited(f"{host} asked for patience: next request in {shut:.0f} s.", shut)
                await self._sleep(shut)
            lane.due = max(lane.due, self._clock())
            early = lane.due - self._slack - self._clock()
            lane.due += lane.interval
            if early > 0:
                await self._sleep(early)
            yield

    def heed(self, host: str, headers: Mapping[str, str], *, refused: bool = False) -> float:
        """Read what a reply says about limits and close the host if it must be. How long it is closed, in seconds.

        `refused` says that the host answered 429 or 503: then a pause holds even when no header names one.
        """
        now = _moment(headers.get("date", "")) or self._now()  # its clock against its own, so that skew cancels out
        pause, lane = self._asked_for(headers, now, refused=refused), self._lane(host)
        lane.interval = max((_spread(headers, prefix, now) for prefix in PREFIXES), default=0.0)
        lane.interval = max(self._interval, min(lane.interval, self._patience))
        if pause > 0:
            lane.closed_until = max(lane.closed_until, self._clock() + pause)
        return pause

    def _asked_for(self, headers: Mapping[str, str], now: datetime, *, refused: bool) -> float:
        if refused and (after := headers.get("retry-after")):
            pause = _seconds(after, now)
        else:
            pause = max((_budget(headers, prefix, now, spent=refused) for prefix in PREFIXES), default=0.0)
            pause += MARGIN if pause else 0.0
        return min(pause or (UNSTATED if refused else 0.0), LONGEST)

    def _lane(self, host: str) -> _Lane:
        if host not in self._lanes:
            if len(self._lanes) >= HOSTS:
                self._forget_idle()
            self._lanes[host] = _Lane(self._at_once, self._interval)
        return self._lanes[host]

    def _forget_idle(self) -> None:
        now = self._clock()
        for host, lane in list(self._lanes.items()):
            if lane.due <= now and lane.closed_until <= now and not lane.places.locked():
                del self._lanes[host]


def _budget(headers: Mapping[str, str], prefix: str, now: datetime, *, spent: bool) -> float:
    remaining = headers.get(f"{prefix}remaining", "").strip()
    return _seconds(headers.get(f"{prefix}reset", ""), now) if spent or remaining == "0" else 0.0


def _spread(headers: Mapping[str, str], prefix: str, now: datetime) -> float:
    """How far apart requests should come, so that what is left of the budget lasts; 0 where nothing is scarce."""
    try:
        limit, remaining = (float(headers[f"{prefix}{name}"]) for name in ("limit", "remaining"))
    except (KeyError, ValueError):
        return 0.0
    if not (0 < limit < math.inf and remaining < limit * PLENTY):  # nan is neither
        return 0.0
    return _seconds(headers.get(f"{prefix}reset", ""), now) / max(1.0, remaining - limit * RESERVE)


def _seconds(text: str, now: datetime) -> float:
    """How long until what `text` says: seconds, an epoch time, an ISO time or an HTTP date. 0 if past or unreadable."""
    try:
        number = float(text)
    except ValueError:
        moment = _moment(text)
        return max(0.0, (moment - now).total_seconds()) if moment else 0.0
    return max(0.0, number - now.timestamp() if number >= EPOCH_FROM else number)


def _moment(text: str) -> datetime | None:
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(text.strip())
        except (ValueError, TypeError, IndexError):
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None
