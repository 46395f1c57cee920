"""What an edit changes of a post. Pure."""

from __future__ import annotations

from msgspec.structs import replace

from connectors.contract import Poll, Post
from connectors.text.html import letters


def changes_content(new: Post, old: Post) -> bool:
    """Whether two versions of a post differ in more than the votes of its poll."""
    return replace(new, poll=_without_votes(new.poll)) != replace(old, poll=_without_votes(old.poll))


def changes_words(new: Post, old: Post) -> bool:
    """Whether an edit, such as a person would look at again, lies between two versions of a post.

    By its date an edit counts whatever it has changed. Without a later date only what can be read counts, and the
    number and kinds of pictures: servers move pictures, count votes and rename authors by themselves.
    """
    if not changes_content(new, old):
        return False
    is_dated = new.edited_at is not None and new.edited_at != old.edited_at
    return (is_dated and _is_rewritten(new, old)) or _readable(new) != _readable(old)


def _is_rewritten(new: Post, old: Post) -> bool:
    """Whether anything differs but the author, the votes and the dates."""
    dates = {"created_at": old.created_at, "edited_at": old.edited_at, "indexed_at": old.indexed_at}
    return changes_content(replace(new, author=old.author, **dates), old)


def _readable(post: Post) -> tuple[object, ...]:
    choices = tuple(choice.title for choice in post.poll.choices) if post.poll else ()
    media = tuple((medium.kind, medium.alt) for medium in post.media)
    quote = letters(post.quote.html) if post.quote else ""
    card = post.card.url if post.card else ""
    return letters(post.html), post.title, tuple(post.warning.split()), choices, media, quote, card


def _without_votes(poll: Poll | None) -> Poll | None:
    if poll is None:
        return None
    choices = tuple(replace(choice, votes=None) for choice in poll.choices)
    return replace(poll, choices=choices, votes=0, voters=None, closed=False)
