"""Where posts begin before any person has decided."""

from datetime import datetime, timedelta

import pytest

from aggregator.items.tables import State
from aggregator.moderation.rules import Verdict, judge
from aggregator.walls.tables import Mode
from tests.aggregator.invented import START, said


@pytest.mark.parametrize(
    ("mode", "wish", "verdict"),
    [
        (Mode.OPEN, "", Verdict(State.LIVE)),
        (Mode.APPROVE, "", Verdict(State.HELD, "new posts wait for approval on this wall")),
        (Mode.OPEN, "#nobot", Verdict(State.HIDDEN, "the author asks to be left out: #nobot")),
        (Mode.APPROVE, "#nobot", Verdict(State.HIDDEN, "the author asks to be left out: #nobot")),
    ],
)
def test_new_post_begins_where_wall_and_author_say(mode: Mode, wish: str, verdict: Verdict) -> None:
    assert judge(mode, said("1", opted_out=wish)) == verdict


def test_mode_is_known_by_its_word_as_databases_give_it_back() -> None:
    assert judge("approve", said("1")).state == State.HELD


@pytest.mark.parametrize(("said_at", "state"), [(START, State.LIVE), (START - timedelta(seconds=1), State.HIDDEN)])
def test_what_was_said_before_a_wall_begins_stays_off_it(said_at: datetime, state: State) -> None:
    assert judge("open", said("1", created_at=said_at), START).state == state
