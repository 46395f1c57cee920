"""The laws of intervals and pauses."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.intake.intervals import DAY, MAX_PAUSE, MAX_SLOWDOWN, adapt, back_off, bounded, pause, while_listening

least_intervals = st.floats(0.25, 3600)
intervals = st.floats(0, 1e6)
chances = st.integers().map(Random)


@given(intervals, st.integers(0, 10_000), least_intervals)
def test_interval_stays_between_the_connectors_least_and_its_bound(interval: float, found: int, least: float) -> None:
    assert least <= adapt(interval, found, least) <= least * MAX_SLOWDOWN


@given(intervals, st.integers(0, 1000), least_intervals)
def test_interval_is_never_longer_for_more_posts(interval: float, found: int, least: float) -> None:
    assert adapt(interval, found + 1, least) <= adapt(interval, found, least)


def test_interval_shortens_with_posts_and_grows_in_silence() -> None:
    assert [adapt(60, found, 10) for found in (0, 1, 2, 50)] == [75, 30, 20, 10]


def test_silence_slows_a_source_down_to_its_bound() -> None:
    interval = 10.0
    for _ in range(20):
        interval = adapt(interval, 0, 10)
    assert interval == 10 * MAX_SLOWDOWN


def test_connector_may_bound_the_silence_itself() -> None:
    assert [adapt(interval, 0, 5, 20) for interval in (4, 8, 18, 100)] == [5, 10, 20, 20]
    assert adapt(100, 0, 30, 20) == 30


@given(intervals, least_intervals, chances)
def test_pause_is_within_a_tenth_of_the_interval_and_never_below_the_least(
    interval: float, least: float, chance: Random
) -> None:
    seconds = pause(interval, None, least, chance)
    assert least <= seconds <= max(least, interval * 1.1)
    assert seconds >= interval * 0.9


def test_pause_spreads_sources_that_would_be_due_together() -> None:
    chance = Random(1)
    assert len({pause(10, None, 10, chance) for _ in range(100)}) == 100


@given(intervals, st.floats(), least_intervals, chances)
def test_pause_is_what_the_network_wishes_within_reason(
    interval: float, wish: float, least: float, chance: Random
) -> None:
    assert pause(interval, wish, least, chance) == bounded(wish, least)


@pytest.mark.parametrize(
    ("wish", "seconds"),
    [(30, 30), (1, 10), (-5, 10), (1e12, DAY), (float("inf"), DAY), (float("-inf"), 10), (float("nan"), 10)],
)
def test_wish_is_kept_between_the_least_and_a_day(wish: float, seconds: float) -> None:
    assert bounded(wish, 10) == seconds


@given(st.integers(1, 10_000), least_intervals, chances)
def test_back_off_is_bounded(failures: int, least: float, chance: Random) -> None:
    assert least <= back_off(failures, least, chance) <= max(least, MAX_PAUSE) * 1.1


def test_back_off_doubles_up_to_a_quarter_of_an_hour() -> None:
    class Level(Random):
        def uniform(self, a: float, b: float) -> float:
            return (a + b) / 2

    assert [back_off(failures, 10, Level()) for failures in range(1, 10)] == [10, 20, 40, 80, 160, 320, 640, 900, 900]
    assert back_off(1, 0.25, Level()) == 5


def test_polls_become_rare_as_a_stream_proves_itself() -> None:
    pauses = [while_listening(20.0, since, Random(1)) for since in (0, 60, 86_400)]
    assert [round(pause / 30) for pause in pauses] == [1, 2, 4]
    assert while_listening(900.0, 0, Random(1)) == 900.0
