"""Hacker News's entities, as far as they are read, in the form of its search and in that of its own API.

https://hn.algolia.com/api, https://github.com/HackerNews/API. Only the id is typed; every other field is read by
itself, so a broken one affects no other.
"""

from __future__ import annotations

from typing import Any

from connectors.contract.fields import Shape


class Hit(Shape, frozen=True):
    """A story or comment that the search has found."""

    objectID: str  # noqa: N815  the API's spelling
    author: str
    created_at_i: Any = None
    title: Any = None
    url: Any = None
    story_text: Any = None
    comment_text: Any = None
    parent_id: Any = None


class Item(Shape, frozen=True):
    """A story or comment in full; without `by` and the rest if it is `deleted`."""

    id: int
    by: Any = None
    time: Any = None
    title: Any = None
    url: Any = None
    text: Any = None
    parent: Any = None
    deleted: Any = None
    dead: Any = None
