"""Rate limits per host: spacing, bounded concurrency, and the budget that the host itself announces.

Of a reply it reads only the headers that announce limits.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from connectors.errors import RateLimited

Sleep = Callable[[float], Awaitable[None]]

PREFIXES: Final = ("x-ratelimit-", "ratelimit-", "x-rate-limit-")  # Mastodon's, the IETF draft's, X's
MAX_PAUSE: Final = 24 * 3600.0  # seconds after a refusal, whatever the host says
MAX_CLOSED: Final = 900.0  # seconds that one refusal closes the host for all other requests
PLENTY: Final = 0.5  # share of a budget above which requests are not slowed
RESERVE: Final = 0.25  # share of a budget for other programs at our address
UNSTATED: Final = 60.0  # seconds of pause after a 429 that names none
HOSTS: Final = 1_000  # hosts remembered before idle ones are dropped
MARGIN: Final = 1.5  # seconds after an announced reset, which servers give in whole seconds
EPOCH_FROM: Final = 1_000_000_000.0  # a larger number is seconds since 1970, a smaller one a pause


def wall_clock() -> datetime:
    return datetime.now(UTC)


def next_request(now: datetime, pause: float) -> str:
    """`next request at 14:05 UTC`: a time, which stays true while the sentence is stored."""
    at = (now + timedelta(seconds=pause)).astimezone(UTC)
    is_today = at.date() == now.astimezone(UTC).date()
    return f"next request at {at:%H:%M} UTC" if is_today else f"next request on {at:%-d %b at %H:%M} UTC"


class _HostLimit:
    """The state of one host. `due` is when the next request is due if they come evenly, `interval` apart (GCRA)."""

    __slots__ = ("closed_until", "due", "interval", "slots")

    def __init__(self, at_once: int, interval: float) -> None:
        self.slots = asyncio.Semaphore(at_once)
        self.interval = interval
        self.due = 0.0
        self.closed_until = 0.0


class RateLimiter:
    """Rate limits per host: bursts of `burst`, `per_second` in the long run, `at_once` open at a time.

    Once half of an announced budget is used up, requests are spread so that a quarter is left at its reset, though
    never more than `max_wait` seconds apart. A closed host (its budget is used up, or it said 429) is waited for if
    that takes at most `max_wait` seconds, else the request fails with RateLimited. `clock` is monotonic seconds,
    `now` the time of day.
    """

    def __init__(
        self,
        *,
        per_second: float = 4.0,
        burst: int = 8,
        at_once: int = 4,
        max_wait: float = 2.0,
        clock: Callable[[], float],
        sleep: Sleep = asyncio.sleep,
        now: Callable[[], datetime] = wall_clock,
    ) -> None:
        self._interval = 1.0 / per_second
        self._slack = (burst - 1) * self._interval
        self._at_once = at_once
        self._max_wait = max_wait
        self._clock = clock
        self._sleep = sleep
        self._now = now
        self._hosts: dict[str, _HostLimit] = {}

    @asynccontextmanager
    async def acquire(self, host: str) -> AsyncIterator[None]:
        """Wait for a slot at `host` and hold it. Raises RateLimited if the host stays closed for too long."""
        limit = self._host(host)
        async with limit.slots:
            while (shut := limit.closed_until - self._clock()) > 0:
                if shut > self._max_wait:
                    raise self.limited(f"Rate limited by {host}", shut)
                await self._sleep(shut)
            limit.due = max(limit.due, self._clock())
            early = limit.due - self._slack - self._clock()
            limit.due += limit.interval
            if early > 0:
                await self._sleep(early)
            yield

    def update(self, host: str, headers: Mapping[str, str], *, refused: bool = False) -> float:
        """Read the limits in a reply's headers, close the host if need be, and return the pause in seconds.

        A long pause is that of the refused address: others on the host are asked for again after MAX_CLOSED.

        `refused` means that the host answered 429 or 503: then there is a pause even if no header names one.
        """
        now = _moment(headers.get("date", "")) or self._now()  # both times by its own clock, so that skew cancels out
        pause, limit = self._asked_for(headers, now, refused=refused), self._host(host)
        limit.interval = max((_spread(headers, prefix, now) for prefix in PREFIXES), default=0.0)
        limit.interval = max(self._interval, min(limit.interval, self._max_wait))
        if pause > 0:
            limit.closed_until = max(limit.closed_until, self._clock() + min(pause, MAX_CLOSED))
        return pause

    def limited(self, what: str, pause: float) -> RateLimited:
        """The error for a request that has to wait, with the time until which it does."""
        return RateLimited(f"{what}: {next_request(self._now(), pause)}.", pause)

    def _asked_for(self, headers: Mapping[str, str], now: datetime, *, refused: bool) -> float:
        if refused and (after := headers.get("retry-after")):
            pause = _seconds(after, now)
        else:
            pause = max((_budget(headers, prefix, now, spent=refused) for prefix in PREFIXES), default=0.0)
            pause += MARGIN if pause else 0.0
        return min(pause or (UNSTATED if refused else 0.0), MAX_PAUSE)

    def _host(self, host: str) -> _HostLimit:
        if host not in self._hosts:
            if len(self._hosts) >= HOSTS:
                self._forget_idle()
            self._hosts[host] = _HostLimit(self._at_once, self._interval)
        return self._hosts[host]

    def _forget_idle(self) -> None:
        now = self._clock()
        for host, limit in list(self._hosts.items()):
            if limit.due <= now and limit.closed_until <= now and not limit.slots.locked():
                del self._hosts[host]


def _budget(headers: Mapping[str, str], prefix: str, now: datetime, *, spent: bool) -> float:
    remaining = headers.get(f"{prefix}remaining", "").strip()
    return _seconds(headers.get(f"{prefix}reset", ""), now) if spent or remaining == "0" else 0.0


def _spread(headers: Mapping[str, str], prefix: str, now: datetime) -> float:
    """Seconds between requests that make the rest of the budget last; 0 if the budget is not scarce."""
    try:
        limit, remaining = (float(headers[f"{prefix}{name}"]) for name in ("limit", "remaining"))
    except (KeyError, ValueError):
        return 0.0
    if not (0 < limit < math.inf and remaining < limit * PLENTY):  # nan is neither
        return 0.0
    return _seconds(headers.get(f"{prefix}reset", ""), now) / max(1.0, remaining - limit * RESERVE)


def _seconds(text: str, now: datetime) -> float:
    """Seconds until the time in `text`: seconds, epoch time, ISO time or HTTP date. 0 if past or unreadable."""
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
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None
