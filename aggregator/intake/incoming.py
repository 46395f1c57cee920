"""Preparing the posts of a page for the store. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from aggregator.intake.versions import version
from aggregator.items.ids import post_id
from aggregator.timestamps import to_micros
from connectors.contract import Page, Person, Post
from connectors.contract.bounds import bounded, person

UNFIT = "it contains data that no database can store"


class IncomingPost(NamedTuple):
    """One post of a page: its id, the post, its JSON, and the ref by which the source's server knows it."""

    id: str
    post: Post
    body: bytes
    ref: str


def unpack(page: Page, now: datetime) -> tuple[dict[str, IncomingPost], list[str]]:
    """Return the page's posts by id, each in its newest version, and a sentence for each that cannot be stored."""
    arrivals: dict[str, IncomingPost] = {}
    broken: list[str] = []
    for post in page.posts:
        try:
            arrival = _arrival(post, page.refs.get(post.key, ""), now)
            msgspec.json.encode(page.boosts.get(post.key))  # the booster is stored, too
        except Unfit as unfit:
            broken.append(f"Post not stored: {unfit}.")
            continue
        except (ValueError, TypeError, OverflowError, AttributeError):
            broken.append(f"Post not stored: {UNFIT}.")
            continue
        before = arrivals.get(arrival.id)
        if before is None or version(arrival.post) >= version(before.post):
            arrivals[arrival.id] = arrival
    return arrivals, broken


class Unfit(ValueError):
    """A post that cannot be stored; `str()` gives the reason, to follow a colon."""


def _arrival(post: Post, ref: str, now: datetime) -> IncomingPost:
    """Return the post as it will be stored. Raises ValueError, TypeError or OverflowError if no database can."""
    if "\0" in post.key + ref or not _is_text(ref):
        raise Unfit("its key has a character that cannot be stored")
    stored = _stamped(bounded(post), now)
    sort_time(stored, stored.created_at)
    return IncomingPost(post_id(stored.network, stored.key), stored, msgspec.json.encode(stored), ref)


def _stamped(post: Post, now: datetime) -> Post:
    """Return the post with a plausible `edited_at`: not in the future, and None if not after `created_at`."""
    if post.edited_at is None:
        return post
    edited = min(post.edited_at, now)
    return replace(post, edited_at=edited if edited > post.created_at else None)


def booster(page: Page, key: str) -> Person | None:
    """Return the person who boosted a post, within bounds."""
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


def sort_time(post: Post, now: datetime) -> int:
    """Return the microsecond by which readers order the post: the earliest known, as dates in the future are wrong."""
    return to_micros(min(post.created_at, post.indexed_at or now, now))
