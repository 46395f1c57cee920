"""What a page brought, made ready to be stored, and the rule by which one version of a post replaces another.

Everything here is pure. It refuses to know the store, and which wall a post is for.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec

from aggregator.items.names import post_id
from aggregator.moment import to_micros
from connectors._base import Page, Post

LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Arrival(NamedTuple):
    """One post of a page: its id, the post, the same as JSON, and what the source's server calls it."""

    id: str
    post: Post
    body: bytes
    ref: str


def unpack(page: Page) -> tuple[dict[str, Arrival], list[str]]:
    """The page's posts by id, each once in its newest version; and a sentence for each that cannot be kept."""
    arrivals: dict[str, Arrival] = {}
    broken: list[str] = []
    for post in page.posts:
        try:
            arrival = _arrival(post, page.refs.get(post.key, ""))
            msgspec.json.encode(page.boosts.get(post.key))  # whoever passed it on goes into the store as well
        except (ValueError, TypeError, OverflowError) as error:
            broken.append(f"A post could not be kept: {error}.")
            continue
        before = arrivals.get(arrival.id)
        if before is None or version(post) >= version(before.post):
            arrivals[arrival.id] = arrival
    return arrivals, broken


def _arrival(post: Post, ref: str) -> Arrival:
    """Raises ValueError, TypeError or OverflowError for what no database would take."""
    if "\0" in post.key + ref or not _is_text(ref):
        raise ValueError("what its network calls it has a character that cannot be stored")
    moment(post, post.created_at)
    return Arrival(post_id(post.network, post.key), post, msgspec.json.encode(post), ref)


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


def replaces(new: Post, old: Post, *, has_the_word: bool) -> bool:
    """Whether `new` is to be kept instead of `old`, which differs from it.

    Several servers tell of one post, each in its own words (picture addresses, counts of votes). So that they don't
    take turns for ever, changes without an edit are taken from one source alone, the one that has the word; a wish
    to be left out is taken from anyone.
    """
    if version(new) != version(old):
        return version(new) > version(old)
    return has_the_word or bool(new.opted_out and not old.opted_out)
