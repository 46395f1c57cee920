"""A host whose budget runs low: the rest lasts until its reset, with a reserve."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from connectors.errors import RateLimited
from connectors.http.rate_limit import RateLimiter

NOON = datetime(2009, 10, 12, 12, 0, tzinfo=UTC)
WINDOW = 300.0


class Host:
    """A host with 300 requests in five minutes in its headers; a clock that moves only during a sleep."""

    def __init__(self, *, taken_by_others: int = 0) -> None:
        self.at = 0.0
        self.left = 300 - taken_by_others
        self.times: list[float] = []
        self.limiter = RateLimiter(clock=lambda: self.at, sleep=self.sleep, now=self.now)

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.at)

    async def sleep(self, seconds: float) -> None:
        self.at += seconds
        await asyncio.sleep(0)

    async def visit(self) -> None:
        async with self.limiter.acquire("a.example"):
            self.times.append(self.at)
            self.left -= 1
            reset = NOON + timedelta(seconds=WINDOW)
            headers = {"limit": "300", "remaining": str(self.left), "reset": reset.isoformat()}
            self.limiter.update("a.example", {f"x-ratelimit-{name}": value for name, value in headers.items()})


async def test_budget_lasts_until_it_begins_anew_whatever_we_would_like_to_ask() -> None:
    host = Host()
    while host.at < WINDOW - 10:
        await host.visit()
    assert 0 < host.left < 30


async def test_quarter_of_the_budget_is_left_for_others_at_a_pace_of_one_a_second() -> None:
    host = Host()
    while host.at < WINDOW - 10:
        await host.visit()
        await host.sleep(1)
    assert 70 <= host.left <= 80


async def test_limiter_hurries_as_long_as_there_is_plenty() -> None:
    host = Host()
    for _ in range(150):
        await host.visit()
    assert host.at < 150 / 4


async def test_request_never_waits_for_long_even_where_others_have_used_the_budget_up() -> None:
    host = Host(taken_by_others=260)
    for _ in range(39):
        await host.visit()
    pauses = [later - earlier for earlier, later in zip(host.times, host.times[1:], strict=False)]
    assert max(pauses) == pytest.approx(2)
    await host.visit()
    with pytest.raises(RateLimited):
        await host.visit()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"limit": "300", "remaining": "1"},
        {"limit": "300", "remaining": "many", "reset": "60"},
        {"limit": "nan", "remaining": "1", "reset": "60"},
        {"limit": "inf", "remaining": "1", "reset": "60"},
        {"limit": "0", "remaining": "1", "reset": "60"},
        {"limit": "300", "remaining": "200", "reset": "60"},
        {"limit": "300", "remaining": "1", "reset": "nan"},
    ],
)
async def test_budget_that_says_nothing_changes_nothing(headers: dict[str, str]) -> None:
    host = Host()
    for _ in range(20):
        async with host.limiter.acquire("a.example"):
            host.limiter.update("a.example", {f"ratelimit-{name}": value for name, value in headers.items()})
    assert host.at == pytest.approx(12 / 4)
