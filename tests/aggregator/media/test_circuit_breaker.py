"""Hosts that are slow or silent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.media.circuit_breaker import MAX_HOSTS, CircuitBreaker, Host

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def silent_host() -> Host:
    host = Host()
    for _ in range(3):
        host.missed(NOON)
    return host


def test_host_is_silent_after_three_misses_in_a_row() -> None:
    host = Host()
    found = []
    for _ in range(3):
        host.missed(NOON)
        found.append(host.is_silent(NOON))
    assert found == [False, False, True]


def test_host_that_answers_starts_afresh() -> None:
    host = Host()
    host.missed(NOON)
    host.missed(NOON)
    host.answered()
    host.missed(NOON)
    assert not host.is_silent(NOON)


def test_silence_ends_after_a_minute_and_one_more_miss_renews_it() -> None:
    host, later = silent_host(), NOON + timedelta(minutes=1)
    assert (host.is_silent(later - timedelta(seconds=1)), host.is_silent(later)) == (True, False)
    host.missed(later)
    assert host.is_silent(later)


def test_silence_ends_with_an_answer() -> None:
    host = silent_host()
    host.answered()
    assert not host.is_silent(NOON)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("mastodon", "https://a.example/1.png"), ("feeds", "https://a.example/2.png")),
        (("rehearsal", "rehearsal:ada"), ("rehearsal", "rehearsal:grace")),
        (("feeds", "https://[broken"), ("feeds", "https://[also broken")),
    ],
)
def test_hosts_are_one_by_their_name_or_else_by_their_network(one: tuple[str, str], other: tuple[str, str]) -> None:
    hosts = CircuitBreaker()
    assert hosts.of(*one) is hosts.of(*other)


def test_hosts_are_two_where_ports_differ() -> None:
    hosts = CircuitBreaker()
    assert hosts.of("feeds", "http://a.example:1/") is not hosts.of("feeds", "http://a.example:2/")


def test_hosts_are_forgotten_when_too_many_but_not_while_in_use() -> None:
    hosts = CircuitBreaker()
    busy, idle = hosts.of("feeds", "https://busy.example/"), hosts.of("feeds", "https://idle.example/")
    busy.callers = 1
    for number in range(MAX_HOSTS):
        hosts.of("feeds", f"https://{number}.example/")
    assert hosts.of("feeds", "https://busy.example/") is busy
    assert hosts.of("feeds", "https://idle.example/") is not idle
