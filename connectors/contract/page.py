"""A Page: what a connector hands to the intake after one poll, or one recheck, of a source."""

from __future__ import annotations

from connectors.contract.post import Person, Post
from connectors.contract.value import Value


class Page(Value, frozen=True):
    """What a connector hands to the intake after one poll or recheck of a source.

    `posts` are oldest first; an edit is the same key with newer content. `gone` are keys that their **origin** has
    ended: deleted, or no longer public; they leave every wall permanently. `missing` are keys that this source's server
    no longer shows: they leave a wall once none of its sources shows them, and may come back. `unmatched` are keys of
    `posts` that no longer match the source after an edit: treated like `missing`, until they match again.
    `cursor` is stored in the same transaction as the posts and passed to the next poll.
    `more` means that another page is ready to be fetched at once. `refs` maps a key to the server's own id of the
    post, for `Connector.recheck`. `boosts` maps a key to the person who boosted the post, if it came as a boost.
    `broken` has one plain sentence for each entry that could not be read. `wait` is the pause in seconds that the
    network asks for before the next poll, or before the next recheck on that server. `to_recheck` are refs of listed
    posts that have disappeared: they are rechecked at once.
    """

    posts: tuple[Post, ...] = ()
    gone: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    cursor: str = ""
    more: bool = False
    refs: dict[str, str] = {}
    boosts: dict[str, Person] = {}
    broken: tuple[str, ...] = ()
    wait: float | None = None
    to_recheck: tuple[str, ...] = ()
    unmatched: tuple[str, ...] = ()
