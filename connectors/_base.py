"""The contract between a network and the rest of the house: addresses, Posts, Pages and the Connector itself.

It refuses to know any wall, database or web framework. Everything here is an immutable value or a declaration.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Literal

import msgspec
from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from connectors._http import Http


class Value(msgspec.Struct, frozen=True, omit_defaults=True):
    """A value that never changes, compares by content and encodes to JSON without its defaults."""


# --- what a wall can follow -------------------------------------------------------------------------------------


class Kind(Value, frozen=True):
    """One sort of thing that a network lets us follow: `hashtag`, `account`, `feed`, …"""

    name: str
    label: str
    example: str
    needs_server: bool = False


class Address(Value, frozen=True):
    """What a source points at. `value` is normalised (`socitm09`, `ada@example.org`, a feed's URL).

    `server` is an origin such as `https://mastodon.example` or `http://127.0.0.1:8080`, or empty where the network
    has only one. `options` are the connector's own options, already checked against its `options` model; likewise
    `credentials`, which go to this source's server alone and are never shown, logged or sent to a browser.
    """

    network: str
    kind: str
    value: str
    server: str = ""
    options: dict[str, object] = {}
    credentials: dict[str, object] = {}

    def __repr__(self) -> str:
        known = ", ".join(sorted(self.credentials)) or "none"
        return f"Address({self.network} {self.kind} {self.value!r} on {self.server!r}, credentials: {known})"


# --- what was said ----------------------------------------------------------------------------------------------


class Person(Value, frozen=True):
    """Who said it. `handle` is what a reader would type to mention them; `avatar` is a picture's URL."""

    name: str
    handle: str
    url: str
    avatar: str = ""
    bot: bool = False


class Attachment(Value, frozen=True):
    """One picture, film or sound. `url` is the original; `preview` a still picture of it (for images often `url`)."""

    kind: Literal["image", "video", "gif", "audio"]
    url: str
    preview: str = ""
    alt: str = ""
    width: int = 0
    height: int = 0
    focus: tuple[float, float] | None = None
    blurhash: str = ""


class Choice(Value, frozen=True):
    """One answer of a poll; `votes` is None while the network keeps it secret."""

    title: str
    votes: int | None = None


class Poll(Value, frozen=True):
    choices: tuple[Choice, ...]
    votes: int = 0
    voters: int | None = None
    multiple: bool = False
    closes_at: datetime | None = None
    closed: bool = False


class LinkCard(Value, frozen=True):
    """The preview of a page that the post links to. `picture` is a URL."""

    url: str
    title: str
    site: str = ""
    description: str = ""
    picture: str = ""


class Quote(Value, frozen=True):
    """A post inside a post. `html` is safe, exactly like Post.html."""

    key: str
    url: str
    author: Person
    html: str


class Mention(Value, frozen=True):
    handle: str
    url: str


class Post(Value, frozen=True):
    """What a network said, in the one shape that all networks share.

    `(network, key)` names it for good: `key` is the network's own global id (an ActivityPub `uri`, an `at://` URI, a
    feed's guid), so that a post seen through three servers is one post. `html` has passed `connectors/_html.py`.
    Times are aware and in UTC. `opted_out` is the author's wish to be left out, in a few plain words.
    """

    network: str
    key: str
    url: str
    author: Person
    created_at: datetime
    indexed_at: datetime | None = None
    edited_at: datetime | None = None
    title: str = ""
    html: str = ""
    lang: str = ""
    warning: str = ""
    sensitive: bool = False
    media: tuple[Attachment, ...] = ()
    poll: Poll | None = None
    card: LinkCard | None = None
    quote: Quote | None = None
    emojis: dict[str, str] = {}
    tags: tuple[str, ...] = ()
    mentions: tuple[Mention, ...] = ()
    reply_to: str = ""
    opted_out: str = ""


class Page(Value, frozen=True):
    """What one look at a source brought back.

    `posts` oldest first; an edit is the same key with newer content. `gone` are keys that their **origin** has ended:
    deleted, or no longer public; they leave every wall permanently. `missing` are keys that this source's server no
    longer shows, which says nothing of their origin: they leave a wall once no source of it shows them, and may come
    back. `cursor` is stored in the same transaction as the posts and handed to the next poll.
    `more` says that another page is waiting, to be fetched at once. `refs` maps a key to what this source's server
    calls the post, for `Connector.recheck`. `boosts` maps a key to who passed the post on, where that is how it came.
    `broken` has one plain sentence for each entry that could not be read. `wait` is the network's own wish for the
    pause before the next poll, or before the next recheck of anything on that server, in seconds. `doubted` are refs
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
    doubted: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


# --- what can go wrong ------------------------------------------------------------------------------------------


class Trouble(Exception):
    """Following a source failed. `str(trouble)` is one plain sentence that an organiser can act on."""


class Unreachable(Trouble):
    """The network did not answer, or answered with a server error: try again later."""


class Throttled(Trouble):
    """The network asked for patience. `wait` is how many seconds."""

    def __init__(self, message: str, wait: float) -> None:
        super().__init__(message)
        self.wait = wait


class Refused(Trouble):
    """The network wants a credential that we don't have, or forbids what we ask; our guard's refusals too."""


class Missing(Trouble):
    """There is nothing at that address. `gone` says that it was there and will not come back (HTTP 410)."""

    def __init__(self, message: str, *, gone: bool = False) -> None:
        super().__init__(message)
        self.gone = gone


class Unreadable(Trouble):
    """What came back is not what this network promises, or is larger than we accept."""


class Presence(StrEnum):
    """What a network knows of an author: still there; not on this source's server; or ended, by their origin's word."""

    PRESENT = "present"
    MISSING = "missing"
    GONE = "gone"


# --- the contract -----------------------------------------------------------------------------------------------


class Nothing(BaseModel):
    """The options (or credentials) of a connector that has none."""

    model_config = ConfigDict(extra="forbid")


class Connector(ABC):
    """One network. A module in `connectors/` defines exactly one subclass; the folder is the registry.

    A connector stores nothing and deduplicates nothing. Fetching is thin; turning a payload into a Post is a pure
    function. `min_interval` is the shortest pause between two polls, in seconds; `max_interval` the one that a quiet
    source comes to, a dozen times as long where it is not declared; `quiet_after` is how long a source may be silent
    before that is worth a remark at the desk, in seconds. `first_poll_posts` is how many posts the first poll takes at
    the most, where that is bounded. `last_resort` marks a network that recognises any web address, so that it is
    offered after those which know better.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    kinds: ClassVar[tuple[Kind, ...]]
    options: ClassVar[type[BaseModel]] = Nothing
    credentials: ClassVar[type[BaseModel]] = Nothing
    min_interval: ClassVar[float]
    max_interval: ClassVar[float | None] = None
    quiet_after: ClassVar[float]
    first_poll_posts: ClassVar[int | None] = None
    last_resort: ClassVar[bool] = False

    @abstractmethod
    def recognise(self, text: str, on: str = "") -> Address | None:
        """The address behind what a person typed or pasted, or None if this network can't follow it.

        `on` is a server that they named as well: a host, or an origin with scheme and port.
        """

    def check(self, source: Address) -> None:
        """Whatever can be known to be wrong with an address without asking the network. Raises Trouble."""
        return

    @abstractmethod
    async def poll(self, http: Http, source: Address, cursor: str) -> Page:
        """What is new at `source` since `cursor` (empty at first). Raises Trouble."""

    async def recheck(self, http: Http, source: Address, refs: Mapping[str, str]) -> Page:
        """Look again at posts that are on a wall, given as key → ref: what they say now, which are gone, which `left`.

        The page's cursor is ignored. Networks that cannot be asked leave this as it is: nothing is known to be gone.
        """
        return Page()

    def is_origin(self, source: Address, key: str) -> bool:
        """Whether this source's server is where the post with this key was made: then its word on it counts most."""
        return True

    async def author(self, http: Http, source: Address, author: Person) -> Presence:
        """Whether this author is still there, asked when a post of theirs has gone. Raises Trouble.

        Networks that cannot be asked leave this as it is: nothing is known against anybody.
        """
        return Presence.PRESENT

    async def picture(self, http: Http, url: str) -> bytes:
        """The bytes behind a picture's URL that this connector gave out. Raises Trouble."""
        return (await http.get(url, accept="image/*", limit=12 * 1024 * 1024, hurried=True)).body

    def stream(self, http: Http, source: Address, cursor: str) -> AsyncIterator[Page] | None:
        """The same Pages as `poll`, as they happen; None where a network has no stream."""
        return None
