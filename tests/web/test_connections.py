"""Limits on connections, per address and in total, and their warnings."""

from __future__ import annotations

import resource

import pytest
from structlog.testing import capture_logs

from web.connections import Connections, below, group, raise_file_limit


def test_connections_from_one_address_are_bounded_and_come_back() -> None:
    connections = Connections(total=100, per_address=2)
    assert [connections.enter("192.0.2.1") for _ in range(3)] == [True, True, False]
    assert connections.enter("192.0.2.2")
    connections.leave("192.0.2.1")
    assert connections.enter("192.0.2.1")
    assert connections.open == 3


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "10.0.0.7", ""])
def test_this_machine_and_trusted_proxies_have_the_total(address: str) -> None:
    connections = Connections(total=5, per_address=1)
    connections.exempt("10.0.0.0/8,unix:/run/x")
    assert [connections.enter(address) for _ in range(6)] == [*[True] * 5, False]


def test_every_proxy_may_be_trusted() -> None:
    connections = Connections(total=5, per_address=1)
    connections.exempt(["*"])
    assert [connections.enter(address) for address in ("192.0.2.1", "192.0.2.1", "2001:db8::1")] == [True] * 3


@pytest.mark.parametrize(
    ("address", "visitor"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("unix", "unix"),
    ],
)
def test_group_is_what_one_visitor_is_given(address: str, visitor: str) -> None:
    assert group(address) == visitor


def test_connections_warn_at_four_fifths_once_a_minute() -> None:
    time = [0.0]
    connections = Connections(total=10, per_address=10, clock=lambda: time[0])
    with capture_logs() as lines:
        for _ in range(7):
            connections.enter("127.0.0.1")
        assert (lines, connections.remark) == ([], "")
        for time[0] in (1.0, 2.0, 70.0, 71.0):
            connections.enter("127.0.0.1")
    sentence = "{} of at most 10 connections are open: raise the limit of open files."
    assert [(line["log_level"], line["event"]) for line in lines] == [
        ("warning", sentence.format(8)),
        ("warning", sentence.format(10)),
    ]
    assert connections.remark == sentence.format(10)


def test_below_leaves_files_for_everything_else() -> None:
    assert [below(files, 10_000) for files in (100, 1024, 4096, 1 << 20)] == [50, 768, 3840, 10_000]


def test_raise_file_limit_takes_what_the_system_grants() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 900), hard))
    try:
        assert raise_file_limit() == resource.getrlimit(resource.RLIMIT_NOFILE)[0] >= soft
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
