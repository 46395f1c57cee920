"""The verdicts that need no person, each with its reason in a few plain words. Pure."""

from __future__ import annotations

from typing import NamedTuple

from aggregator.items.tables import State
from connectors.contract import Post

ACTIVE = frozenset({State.HELD, State.LIVE})
"""The item is live or may still be approved: a rule, or an author's wish to be left out, can hide it."""
AUTHOR_HIDDEN = "its author is hidden on this wall"
FROZEN = "the wall is frozen: nothing new goes live until it is released"
UNSHOWN = "no source of this wall shows it any more"


class Verdict(NamedTuple):
    """A state, and why in a few plain words; empty where nothing needs saying."""

    state: State
    why: str = ""


def author_hidden(why: str) -> Verdict:
    """Hidden with all that its author says, as an organiser has decided."""
    return Verdict(State.HIDDEN, f"{AUTHOR_HIDDEN}: {why}" if why else AUTHOR_HIDDEN)


def opted_out(post: Post) -> Verdict:
    """Hidden, because the author wishes it."""
    return Verdict(State.HIDDEN, f"the author asks to be left out: {post.opted_out}")


def awaiting_approval() -> Verdict:
    """Held until an organiser approves it."""
    return Verdict(State.HELD, "new posts wait for approval on this wall")


def not_trusted() -> Verdict:
    """Held until an organiser approves it, because nobody has trusted its author."""
    return Verdict(State.HELD, "posts of authors whom nobody has trusted wait for approval on this wall")


def unshown() -> Verdict:
    """Hidden until a source of the wall shows it again."""
    return Verdict(State.HIDDEN, UNSHOWN)


def edited_since(version: int) -> Verdict:
    """Held again, because its author has edited what a person had approved."""
    return Verdict(State.HELD, f"edited since you approved it (version {version})")
