"""How much a stream may miss."""

from aggregator.intake.trust import is_trusted


def test_silent_stream_may_miss_nothing_and_another_a_little() -> None:
    trusted = [(0, 0), (1, 2), (40, 4)]
    assert [is_trusted(told, missed) for told, missed in trusted] == [True] * 3
    assert [is_trusted(told, missed) for told, missed in [(0, 1), (1, 3), (10, 4)]] == [False] * 3
