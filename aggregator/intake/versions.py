"""The rule by which one version of a post supersedes another. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from msgspec.structs import replace

from aggregator.items.ids import same_author
from connectors.contract import Attachment, Confirmation, Post
from connectors.text.html import letters

NEVER_EDITED = datetime.min.replace(tzinfo=UTC)


def version(post: Post) -> datetime:
    """Return when this version was edited; a post without edits is older than any edit."""
    return post.edited_at or NEVER_EDITED


class SourceAuthority(NamedTuple):
    """The authority of a source over a post.

    `is_origin`: its server is the origin. `is_primary`: no older source shows the post. `is_alone`: no source
    on another server shows it.
    """

    is_origin: bool
    is_primary: bool
    is_alone: bool = True


class Dispute(NamedTuple):
    """A newer version that its source may not make the current one: only the origin can confirm it."""

    claimed: Post
    stored: Post


def supersedes(new: Post, old: Post, authority: SourceAuthority, *, old_from_origin: bool) -> bool:
    """Whether `new` replaces `old`, which differs from it.

    The origin's version supersedes every other server's, and no other server's supersedes it. Another server decides
    only where no third one shows the post (see `is_disputed`). Of several sources the primary one decides, also among
    those of one origin for changes that are not edits (picture URLs, vote counts), so that two versions don't alternate
    forever. An edit never changes the author; only the origin corrects an author that another server reported.
    """
    if authority.is_origin and not old_from_origin:
        return True
    if not same_author(new.author, old.author) or authority.is_origin != old_from_origin:
        return False
    if not (authority.is_origin or authority.is_alone):
        return False
    if version(new) != version(old):
        return version(new) > version(old) and (authority.is_origin or authority.is_primary)
    return authority.is_primary or _wishes(new, old)


def is_disputed(new: Post, old: Post) -> bool:
    """Whether `new`, which may not supersede `old`, says something else, and nothing older, in its author's name."""
    if not same_author(new.author, old.author) or version(new) < version(old):
        return False
    return _wishes(new, old) or _said(new) != _said(old) or _takes_back(new, old)


def settled(dispute: Dispute, answer: Confirmation) -> Post | None:
    """The version that a dispute ends with, or None if the stored one stays.

    It has the origin's own text, and the claimed warning and answers, which the origin has confirmed; all else is as it
    is stored, because the origin was not asked about it. Pictures stay unless the origin has fewer, or marks them as
    sensitive. A wish to be left out counts unless the origin denies it.
    """
    claimed, stored = dispute
    found = stored
    if answer.html is not None:
        found = replace(
            stored,
            media=_left(dispute, answer.attachments),
            sensitive=stored.sensitive or (claimed.sensitive and answer.sensitive),
        )
        if _said(claimed) != _said(stored):
            found = replace(
                found,
                html=answer.html,
                warning=claimed.warning,
                poll=stored.poll if _titles(stored) == _titles(claimed) else claimed.poll,
                card=stored.card if stored.card and stored.card.url in answer.html else None,
            )
    if found != stored:
        found = replace(found, edited_at=claimed.edited_at)
    if _wishes(claimed, stored) and answer.wish is not False:
        found = replace(found, opted_out=claimed.opted_out)
    return None if found == stored else found


def question_of(dispute: Dispute) -> tuple[object, ...]:
    """What the origin is asked: the same for all claims that differ in something else."""
    claimed = dispute.claimed
    return (claimed.key, _said(claimed), len(claimed.media), claimed.sensitive, _wishes(*dispute))


def recounted(new: Post, old: Post) -> Post | None:
    """Return `old` with the votes of `new`, if both have the same poll with other counts; else None."""
    if new.poll is None or old.poll is None or new.poll == old.poll:
        return None
    if _titles(new) != _titles(old):
        return None
    return replace(old, poll=new.poll)


def _wishes(new: Post, old: Post) -> bool:
    return bool(new.opted_out and not old.opted_out)


def _takes_back(new: Post, old: Post) -> bool:
    """Whether it has fewer pictures, or marks them as sensitive."""
    return len(new.media) < len(old.media) or (new.sensitive and not old.sensitive)


def _left(dispute: Dispute, attachments: int) -> tuple[Attachment, ...]:
    """The stored pictures that the claimed version still has, if the origin has fewer than are stored."""
    claimed, stored = dispute
    if attachments >= len(stored.media):
        return stored.media
    still = {_described(each) for each in claimed.media}
    left = tuple(each for each in stored.media if _described(each) in still)
    return left if len(left) <= attachments else ()


def _described(each: Attachment) -> tuple[object, ...]:
    """What two servers say of the same picture; their addresses of it differ."""
    return (each.kind, each.alt, each.width, each.height)


def _said(post: Post) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """The words of the text, the warning and the answers, without what servers set differently."""
    return letters(post.html), tuple(post.warning.split()), _titles(post)


def _titles(post: Post) -> tuple[str, ...]:
    return tuple(choice.title for choice in post.poll.choices) if post.poll else ()


def restamped(new: Post, old: Post) -> Post | None:
    """Return `old` with the dates of `new` if they differ in timestamps alone; else None."""
    same = replace(new, created_at=old.created_at, edited_at=old.edited_at, indexed_at=old.indexed_at) == old
    return replace(old, created_at=new.created_at, indexed_at=new.indexed_at) if same else None
