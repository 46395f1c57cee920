"""What becomes of a post on a wall when no person has decided yet. Pure: it refuses to know the store."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from aggregator.items.tables import State
from aggregator.walls.tables import Mode
from connectors.contract import Post

SHOWABLE = frozenset({State.HELD, State.LIVE})
"""States that an author's wish to be left out puts an end to."""
AUTHOR_HIDDEN = "its author is hidden on this wall"


class Verdict(NamedTuple):
    """A state, and why in a few plain words; empty where nothing needs saying."""

    state: State
    why: str = ""


def judge(mode: Mode | str, post: Post, begins_at: datetime | None = None) -> Verdict:
    """Where a new post begins on a wall that shows what was said since `begins_at`."""
    if post.opted_out:
        return opted_out(post)
    if begins_at is not None and post.created_at is not None and post.created_at < begins_at:
        return Verdict(State.HIDDEN, "it was said before this wall begins")
    if mode == Mode.APPROVE:
        return Verdict(State.HELD, "new posts wait for approval on this wall")
    return Verdict(State.LIVE)


def author_hidden(why: str) -> Verdict:
    """Hidden with all that its author says, as an organiser has decided."""
    return Verdict(State.HIDDEN, f"{AUTHOR_HIDDEN}: {why}" if why else AUTHOR_HIDDEN)


def opted_out(post: Post) -> Verdict:
    """Hidden, because the author wishes it."""
    return Verdict(State.HIDDEN, f"the author asks to be left out: {post.opted_out}")
