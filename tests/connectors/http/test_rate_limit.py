"""Rate limits of one host: spacing, slots, and the budget that its headers announce."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.errors import RateLimited
from connectors.http.rate_limit import HOSTS, MARGIN, MAX_CLOSED, MAX_PAUSE, RateLimiter, next_request

NOON = datetime(2009, 10, 12, 12, 0, tzinfo=UTC)
SCARCE = {"ratelimit-limit": "100", "ratelimit-remaining": "1", "ratelimit-reset": "3600"}


class Time:
    """A clock that moves only during a sleep."""

    def __init__(self) -> None:
        self.at = 1_000.0
        self.naps: list[float] = []

    def clock(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.naps.append(round(seconds, 6))
        self.at += seconds
        await asyncio.sleep(0)

    def limiter(self, **how: Any) -> RateLimiter:
        return RateLimiter(clock=self.clock, sleep=self.sleep, now=lambda: NOON, **how)


async def visit(limiter: RateLimiter, host: str = "a.example") -> None:
    async with limiter.acquire(host):
        pass


async def test_limiter_lets_a_burst_by_and_spaces_what_follows() -> None:
    time = Time()
    limiter = time.limiter(per_second=4, burst=3)
    for _ in range(6):
        await visit(limiter)
    assert time.naps == [0.25, 0.25, 0.25]


async def test_limiter_spaces_each_host_alone() -> None:
    time = Time()
    limiter = time.limiter(per_second=4, burst=1)
    for host in ("a.example", "b.example", "c.example"):
        await visit(limiter, host)
    assert time.naps == []


async def test_limiter_earns_a_new_burst_in_quiet_times() -> None:
    time = Time()
    limiter = time.limiter(per_second=4, burst=2)
    await visit(limiter)
    await visit(limiter)
    time.at += 60
    await visit(limiter)
    await visit(limiter)
    assert time.naps == []


async def test_limiter_keeps_at_most_so_many_requests_open() -> None:
    limiter, open_now, most = Time().limiter(at_once=4, per_second=1000, burst=100), 0, 0

    async def work() -> None:
        nonlocal open_now, most
        async with limiter.acquire("a.example"):
            open_now += 1
            most = max(most, open_now)
            await asyncio.sleep(0)
            open_now -= 1

    await asyncio.gather(*(work() for _ in range(20)))
    assert most == 4


async def test_limiter_waits_for_a_host_that_opens_soon() -> None:
    time = Time()
    limiter = time.limiter(max_wait=2)
    limiter.update("a.example", {"retry-after": "1.5"}, refused=True)
    await visit(limiter)
    assert time.naps == [1.5]


async def test_limiter_refuses_a_host_that_stays_closed_for_long() -> None:
    time = Time()
    limiter = time.limiter(max_wait=2)
    limiter.update("a.example", {"retry-after": "90"}, refused=True)
    time.at += 30
    with pytest.raises(RateLimited, match=r"^Rate limited by a\.example: next request at 12:01 UTC\.$") as caught:
        await visit(limiter)
    assert caught.value.wait == 60
    time.at += 60
    await visit(limiter)
    await visit(limiter, "b.example")
    assert time.naps == []


async def test_limiter_never_shortens_a_pause_that_was_asked_for() -> None:
    limiter = Time().limiter()
    limiter.update("a.example", {"retry-after": "90"}, refused=True)
    limiter.update("a.example", {"retry-after": "10"}, refused=True)
    with pytest.raises(RateLimited) as caught:
        await visit(limiter)
    assert caught.value.wait == 90


async def test_long_pause_of_one_address_closes_the_host_for_a_quarter_of_an_hour() -> None:
    time = Time()
    limiter = time.limiter()
    assert limiter.update("a.example", {"retry-after": "80000"}, refused=True) == 80_000
    with pytest.raises(RateLimited) as caught:
        await visit(limiter)
    assert caught.value.wait == MAX_CLOSED
    time.at += MAX_CLOSED
    await visit(limiter)


@pytest.mark.parametrize(
    ("pause", "words"),
    [(60, "next request at 12:01 UTC"), (86_400, "next request on 13 Oct at 12:00 UTC")],
)
def test_sentence_of_a_pause_names_its_end(pause: float, words: str) -> None:
    assert next_request(NOON, pause) == words


@pytest.mark.parametrize(
    ("headers", "refused", "pause"),
    [
        ({}, False, 0),
        ({}, True, 60),
        ({"retry-after": "30"}, True, 30),
        ({"retry-after": "30"}, False, 0),  # on a success it means no limit
        ({"retry-after": "Mon, 12 Oct 2009 12:02:00 GMT"}, True, 120),
        ({"retry-after": "Mon, 12 Oct 2009 11:00:00 GMT"}, True, 60),  # in the past: not usable
        ({"retry-after": "soon"}, True, 60),
        ({"retry-after": "Mon, 12 Oct 2009 12:02:00 +99999999999999"}, True, 60),
        ({"retry-after": "30", "date": "Mon, 12 Oct 2009 12:00:00 +99999999999999"}, True, 30),
        ({"retry-after": "nan"}, True, 60),
        ({"retry-after": "inf"}, True, MAX_PAUSE),
        ({"retry-after": "99999999"}, True, MAX_PAUSE),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "2009-10-12T12:05:00.000000Z"}, False, 300 + MARGIN),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "2009-10-12T12:05:00"}, False, 300 + MARGIN),
        ({"x-ratelimit-remaining": "1", "x-ratelimit-reset": "2009-10-12T12:05:00Z"}, False, 0),
        ({"x-ratelimit-remaining": "0"}, False, 0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOON.timestamp()) + 45)}, False, 45 + MARGIN),
        ({"ratelimit-remaining": "0", "ratelimit-reset": "15"}, False, 15 + MARGIN),
        ({"x-rate-limit-remaining": "0", "x-rate-limit-reset": str(int(NOON.timestamp()) + 5)}, False, 5 + MARGIN),
        (
            {"x-ratelimit-remaining": "7", "x-ratelimit-reset": "2009-10-12T12:05:00Z"},
            True,
            300 + MARGIN,
        ),  # 429 means spent
        (
            {
                "date": "Mon, 12 Oct 2009 13:00:00 GMT",  # its clock is an hour ahead of ours
                "x-ratelimit-remaining": "0",
                "x-ratelimit-reset": "2009-10-12T13:01:00Z",
            },
            False,
            60 + MARGIN,
        ),
    ],
)
def test_limiter_reads_what_headers_ask_for(headers: dict[str, str], *, refused: bool, pause: float) -> None:
    assert Time().limiter().update("a.example", headers, refused=refused) == pause


async def test_limiter_forgets_idle_hosts_and_keeps_closed_ones() -> None:
    """All are slowed, which those that are remembered still are at the end."""
    time = Time()
    limiter = time.limiter(per_second=4, burst=1, max_wait=2)
    for number in range(HOSTS + 5):
        if number == HOSTS - 100:
            limiter.update("closed.example", {"retry-after": "3600"}, refused=True)
        limiter.update(f"{number}.example", SCARCE)
        await visit(limiter, f"{number}.example")
        time.at += 2
    for number in (HOSTS + 4, *range(20)):
        await visit(limiter, f"{number}.example")
        await visit(limiter, f"{number}.example")
    assert time.naps == [2] + [0.25] * 20
    with pytest.raises(RateLimited):
        await visit(limiter, "closed.example")
