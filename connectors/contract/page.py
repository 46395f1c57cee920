"""A Page: what one poll, or one recheck, of a source brought back."""

from __future__ import annotations

from connectors.contract.post import Person, Post
from connectors.contract.value import Value


class Page(Value, frozen=True):
    """What one look at a source brought back.

    `posts` oldest first; an edit is the same key with newer content. `gone` are keys that their **origin** has ended:
    deleted, or no longer public; they leave every wall permanently. `missing` are keys that this source's server no
    longer shows, which says nothing of their origin: they leave a wall once no source of it shows them, and may come
    back. `cursor` is stored in the same transaction as the posts and handed to the next poll.
    `more` says that another page is waiting, to be fetched at once. `refs` maps a key to what this source's server
    calls the post, for `Connector.recheck`. `boosts` maps a key to who passed the post on, where that is how it came.
    `broken` has one plain sentence for each entry that could not be read. `wait` is the network's own wish for the
    pause before the next poll, or before the next recheck of anything on that server, in seconds. `to_recheck` are refs
    of posts that were there and are not any more, which is reason enough to recheck them at once. `left` are keys of
    `posts` that were edited so that they no longer are what the source follows: like `missing`, until they are again.
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
    left: tuple[str, ...] = ()
