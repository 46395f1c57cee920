"""What an edit changes of a post. Pure."""

from __future__ import annotations

from msgspec.structs import replace

from connectors.contract import Poll, Post


def changes_content(new: Post, old: Post) -> bool:
    """Whether two versions of a post differ in more than the votes of its poll."""
    return replace(new, poll=_without_votes(new.poll)) != replace(old, poll=_without_votes(old.poll))


def _without_votes(poll: Poll | None) -> Poll | None:
    if poll is None:
        return None
    choices = tuple(replace(choice, votes=None) for choice in poll.choices)
    return replace(poll, choices=choices, votes=0, voters=None, closed=False)
