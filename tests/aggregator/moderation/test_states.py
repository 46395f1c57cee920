"""The moves of an item."""

from itertools import product

import pytest

from aggregator.items.tables import State
from aggregator.moderation.states import may_become

ALLOWED = {
    (State.HELD, State.LIVE),
    (State.HELD, State.HIDDEN),
    (State.LIVE, State.HELD),
    (State.LIVE, State.HIDDEN),
    (State.HIDDEN, State.HELD),
    (State.HIDDEN, State.LIVE),
    (State.HELD, State.WITHDRAWN),
    (State.LIVE, State.WITHDRAWN),
    (State.HIDDEN, State.WITHDRAWN),
}


@pytest.mark.parametrize(("before", "after"), list(product(State, State)))
def test_item_makes_only_the_moves_that_there_are(before: State, after: State) -> None:
    assert may_become(before, after) == (before == after or (before, after) in ALLOWED)
