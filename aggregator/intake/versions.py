"""The rule by which one version of a post supersedes another. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from msgspec.structs import replace

from aggregator.intake.attachments import are_alike, described, is_replaced
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
    return _wishes(new, old) or _said(new) != _said(old) or _shows_others(new, old) or _is_newly_sensitive(new, old)


def settled(dispute: Dispute, answer: Confirmation) -> Post | None:
    """The version that a dispute ends with, or None if the stored one stays.

    It has the origin's own text and pictures, and the claimed title, warning and answers, which the origin has
    confirmed; all else is as it is stored, because the origin was not asked about it. A wish to be left out counts
    unless the origin denies it.
    """
    claimed, stored = dispute
    found = stored
    if answer.html is not None:
        found = replace(
            stored,
            media=_pictures(dispute, answer),
            sensitive=stored.sensitive or (claimed.sensitive and answer.sensitive),
        )
        if _said(claimed) != _said(stored):
            found = replace(
                found,
                title=claimed.title or stored.title,
                html=answer.html,
                warning=claimed.warning,
                poll=stored.poll if _titles(stored) == _titles(claimed) else claimed.poll,
                card=stored.card if stored.card and stored.card.url in answer.html else None,
            )
    is_same = (found.media, found.sensitive, _said(found)) == (stored.media, stored.sensitive, _said(stored))
    found = stored if is_same else replace(found, edited_at=claimed.edited_at)
    if _wishes(claimed, stored) and answer.wish is not False:
        found = replace(found, opted_out=claimed.opted_out)
    return None if found == stored else found


def question_of(dispute: Dispute) -> tuple[object, ...]:
    """What the origin is asked: the same for all claims that differ in something else."""
    claimed = dispute.claimed
    pictures = (described(claimed.media), claimed.sensitive, version(claimed))
    return (claimed.key, _said(claimed), pictures, _wishes(*dispute))


def recounted(new: Post, old: Post) -> Post | None:
    """Return `old` with the votes of `new`, if both have the same poll with other counts; else None."""
    if new.poll is None or old.poll is None or new.poll == old.poll:
        return None
    if _titles(new) != _titles(old):
        return None
    return replace(old, poll=new.poll)


def _wishes(new: Post, old: Post) -> bool:
    return bool(new.opted_out and not old.opted_out)


def _is_newly_sensitive(new: Post, old: Post) -> bool:
    return new.sensitive and not old.sensitive


def _shows_others(new: Post, old: Post) -> bool:
    """Whether its pictures are, or may be, others."""
    return not are_alike(new.media, old.media) or _may_show_others(new, old)


def _may_show_others(new: Post, old: Post) -> bool:
    """Whether its pictures, described alike, may be others: an edit that changed no word has changed something."""
    is_edit = version(new) > version(old) and _said(new) == _said(old)
    return is_replaced(new.media, old.media) or (is_edit and bool(new.media))


def _pictures(dispute: Dispute, answer: Confirmation) -> tuple[Attachment, ...]:
    """The origin's; the stored ones stay where nothing says that they are others, and an edit may renew any image."""
    claimed, stored = dispute
    theirs, ours = answer.attachments, stored.media
    if not are_alike(theirs, ours) or _may_show_others(claimed, stored):
        return theirs
    is_edit = version(claimed) > version(stored)
    pairs = zip(theirs, ours, strict=True)
    return tuple(their if is_edit and their.kind == "image" else our for their, our in pairs)


def _said(post: Post) -> tuple[object, ...]:
    """The words of the title, the text, the warning and the answers, without what servers set differently."""
    return tuple(post.title.split()), letters(post.html), tuple(post.warning.split()), _titles(post)


def _titles(post: Post) -> tuple[str, ...]:
    return tuple(choice.title for choice in post.poll.choices) if post.poll else ()


def restamped(new: Post, old: Post) -> Post | None:
    """Return `old` with the dates of `new` if they differ in timestamps alone; else None."""
    same = replace(new, created_at=old.created_at, edited_at=old.edited_at, indexed_at=old.indexed_at) == old
    return replace(old, created_at=new.created_at, indexed_at=new.indexed_at) if same else None
