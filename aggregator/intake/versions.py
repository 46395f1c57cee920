"""The rule by which one version of a post supersedes another. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from msgspec.structs import replace

from aggregator.items.ids import same_author
from connectors.contract import Post

NEVER_EDITED = datetime.min.replace(tzinfo=UTC)


def version(post: Post) -> datetime:
    """Return when this version was edited; a post without edits is older than any edit."""
    return post.edited_at or NEVER_EDITED


class SourceAuthority(NamedTuple):
    """The authority of a source over a post: its server is the origin; it is the oldest source that has it."""

    is_origin: bool
    is_primary: bool


def supersedes(new: Post, old: Post, authority: SourceAuthority, *, old_from_origin: bool) -> bool:
    """Whether `new` replaces `old`, which differs from it.

    The origin's version supersedes every other server's, and no other server's supersedes it. Among other servers, and
    among sources of one origin for changes that are not edits (picture URLs, vote counts), the primary source decides,
    so that two versions don't alternate forever. An edit never changes the author; only the origin corrects an author
    that another server reported.
    """
    if authority.is_origin and not old_from_origin:
        return True
    if not same_author(new.author, old.author) or authority.is_origin != old_from_origin:
        return False
    if version(new) != version(old):
        return version(new) > version(old) and (authority.is_origin or authority.is_primary)
    return authority.is_primary or bool(new.opted_out and not old.opted_out)


def restamped(new: Post, old: Post) -> Post | None:
    """Return `old` with the dates of `new` if they differ in timestamps alone; else None."""
    same = replace(new, created_at=old.created_at, edited_at=old.edited_at, indexed_at=old.indexed_at) == old
    return replace(old, created_at=new.created_at, indexed_at=new.indexed_at) if same else None
