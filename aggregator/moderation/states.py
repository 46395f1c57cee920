"""The state machine of an item: which states may follow which."""

from __future__ import annotations

from aggregator.items.tables import State

MOVES: dict[State, frozenset[State]] = {
    State.HELD: frozenset({State.LIVE, State.HIDDEN, State.WITHDRAWN}),
    State.LIVE: frozenset({State.HELD, State.HIDDEN, State.WITHDRAWN}),
    State.HIDDEN: frozenset({State.HELD, State.LIVE, State.WITHDRAWN}),
    State.WITHDRAWN: frozenset(),
}
"""From each state to those that may follow. What is gone at its origin stays gone."""


def may_become(before: State, after: State) -> bool:
    """Whether an item may be in `after` next; staying as it is, is always allowed."""
    return before == after or after in MOVES[before]
