"""What a page brought, made ready to be stored, and the rule by which one version of a post replaces another.

Everything here is pure. It refuses to know the store, and which wall a post is for.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from aggregator.items.ids import post_id, same_author
from aggregator.timestamps import to_micros
from connectors.contract import Page, Person, Post
from connectors.contract.bounds import bounded, person

LONG_AGO = datetime.min.replace(tzinfo=UTC)


UNFIT = "it holds something that no database can store"


class IncomingPost(NamedTuple):
    """One post of a page: its id, the post, the same as JSON, and what the source's server calls it."""

    id: str
    post: Post
    body: bytes
    ref: str


def unpack(page: Page, now: datetime) -> tuple[dict[str, IncomingPost], list[str]]:
    """The page's posts by id, each once in its newest version; and a sentence for each that cannot be kept."""
    arrivals: dict[str, IncomingPost] = {}
    broken: list[str] = []
    for post in page.posts:
        try:
            arrival = _arrival(post, page.refs.get(post.key, ""), now)
            msgspec.json.encode(page.boosts.get(post.key))  # whoever passed it on goes into the store as well
        except Unfit as unfit:
            broken.append(f"A post could not be kept: {unfit}.")
            continue
        except (ValueError, TypeError, OverflowError, AttributeError):
            broken.append(f"A post could not be kept: {UNFIT}.")
            continue
        before = arrivals.get(arrival.id)
        if before is None or version(arrival.post) >= version(before.post):
            arrivals[arrival.id] = arrival
    return arrivals, broken


class Unfit(ValueError):
    """A post that cannot be kept; `str()` says why, in words that go on after a colon."""


def _arrival(post: Post, ref: str, now: datetime) -> IncomingPost:
    """Raises ValueError, TypeError or OverflowError for what no database would take."""
    if "\0" in post.key + ref or not _is_text(ref):
        raise Unfit("what its network calls it has a character that cannot be stored")
    kept = _stamped(bounded(post), now)
    moment(kept, kept.created_at)
    return IncomingPost(post_id(kept.network, kept.key), kept, msgspec.json.encode(kept), ref)


def _stamped(post: Post, now: datetime) -> Post:
    """An edit that is still to come counts as one of now, and one that is not later than the writing as none."""
    if post.edited_at is None:
        return post
    edited = min(post.edited_at, now)
    return replace(post, edited_at=edited if edited > post.created_at else None)


def booster(page: Page, key: str) -> Person | None:
    """Who passed a post on, within bounds."""
    found = page.boosts.get(key)
    return person(found) if found else None


def ids(network: str, keys: Iterable[str]) -> set[str]:
    return {post_id(network, key) for key in keys if _is_text(key)}


def _is_text(key: str) -> bool:
    try:
        key.encode()
    except UnicodeEncodeError:
        return False
    return True


def version(post: Post) -> datetime:
    """When this content was written; a post that was never edited is older than any edit."""
    return post.edited_at or LONG_AGO


def moment(post: Post, now: datetime) -> int:
    """Where the post belongs in time, in microseconds: dates lie about the future, so the earliest known counts."""
    return to_micros(min(post.created_at, post.indexed_at or now, now))


class Standing(NamedTuple):
    """What a source's word on a post weighs. `is_origin`: its server made the post; `is_primary`: it has told first."""

    is_origin: bool
    is_primary: bool


def supersedes(new: Post, old: Post, standing: Standing, *, old_from_origin: bool) -> bool:
    """Whether `new` is to be kept instead of `old`, which differs from it.

    The origin's version counts against every other server's; no other server changes what the origin has told. Of
    those others, and of several sources of one origin for what is not an edit (picture addresses, counts of votes), the
    first to tell has the word, so that they don't take turns for ever. An edit never changes the author; its origin
    alone puts right whom another server, which told first, has named.
    """
    if standing.is_origin and not old_from_origin:
        return True
    if not same_author(new.author, old.author) or standing.is_origin != old_from_origin:
        return False
    if version(new) != version(old):
        return version(new) > version(old) and (standing.is_origin or standing.is_primary)
    return standing.is_primary or bool(new.opted_out and not old.opted_out)


def restamped(new: Post, old: Post) -> Post | None:
    """`old` with the dates of `new`, if both say the same but for their stamps; None if they do not."""
    same = replace(new, created_at=old.created_at, edited_at=old.edited_at, indexed_at=old.indexed_at) == old
    return replace(old, created_at=new.created_at, indexed_at=new.indexed_at) if same else None
