"""What becomes of a post on a wall when no person has decided yet. Pure: it refuses to know the store."""

from __future__ import annotations

from typing import NamedTuple

from aggregator.items.tables import State
from aggregator.walls.tables import Mode
from connectors._base import Post

SHOWABLE = frozenset({State.HELD, State.LIVE})
"""States that an author's wish to be left out puts an end to."""


class Verdict(NamedTuple):
    """A state, and why in a few plain words; empty where nothing needs saying."""

    state: State
    why: str = ""


def judge(mode: Mode | str, post: Post) -> Verdict:
    """Where a new post begins on a wall."""
    if post.opted_out:
        return opted_out(post)
    if mode == Mode.APPROVE:
        return Verdict(State.HELD, "new posts wait for approval on this wall")
    return Verdict(State.LIVE)


def opted_out(post: Post) -> Verdict:
    """Hidden, because the author wishes it."""
    return Verdict(State.HIDDEN, f"the author asks to be left out: {post.opted_out}")
