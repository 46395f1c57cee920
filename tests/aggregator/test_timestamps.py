"""Timestamps: exact, the same on both databases, and sortable as text."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.timestamps import from_micros, from_wire, now, own_zone, to_micros, to_wire

moments = st.datetimes(min_value=datetime(1, 1, 1), max_value=datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001  (the strategy adds the zone)


@given(moments)
def test_moment_keeps_every_digit(moment: datetime) -> None:
    assert from_micros(to_micros(moment)) == moment
    assert from_wire(to_wire(to_micros(moment))) == to_micros(moment)


@given(moments, moments)
def test_moment_sorts_as_text_as_it_does_in_time(left: datetime, right: datetime) -> None:
    assert (left < right) == (to_wire(to_micros(left)) < to_wire(to_micros(right)))


def test_moment_on_the_wire_has_one_width() -> None:
    assert to_wire(0) == "1970-01-01T00:00:00.000000Z"
    assert to_wire(to_micros(datetime(1, 1, 1, tzinfo=UTC))) == "0001-01-01T00:00:00.000000Z"
    assert to_wire(to_micros(datetime(2009, 10, 12, 9, 30, tzinfo=UTC))) == "2009-10-12T09:30:00.000000Z"


def test_moment_from_the_wire_may_be_of_any_zone() -> None:
    there = datetime(2009, 10, 12, 11, 30, tzinfo=timezone(timedelta(hours=2)))
    assert from_wire("2009-10-12T11:30:00+02:00") == to_micros(there)


@pytest.mark.parametrize("text", ["yesterday", "", "2009-10-12T09:30:00", "2009-13-12T09:30:00Z"])
def test_moment_without_sense_or_zone_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"time zone|Invalid|month|isoformat"):
        from_wire(text)


def test_now_is_in_utc() -> None:
    assert now().tzinfo is UTC


def test_own_zone_is_the_machine_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    linked = tmp_path / "localtime"
    linked.symlink_to("/usr/share/zoneinfo/Europe/Oslo")
    monkeypatch.delenv("TZ", raising=False)
    assert own_zone(linked) == "Europe/Oslo"
    assert own_zone(tmp_path / "nothing") == "UTC"
    monkeypatch.setenv("TZ", ":Europe/London")
    assert own_zone(linked) == "Europe/London"
    monkeypatch.setenv("TZ", "nonsense")
    assert own_zone(linked) == "Europe/Oslo"
