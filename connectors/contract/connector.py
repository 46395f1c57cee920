"""The Connector: what a network owes the rest, declared and asked for through one class."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, ConfigDict

from connectors.contract.address import Address, Kind
from connectors.contract.page import Page
from connectors.contract.post import Person

if TYPE_CHECKING:
    from connectors.http.client import Http


class Presence(StrEnum):
    """What a network knows of an author: still there; not on this source's server; or ended, by their origin's word."""

    PRESENT = "present"
    MISSING = "missing"
    GONE = "gone"


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
        """Whatever can be known to be wrong with an address without asking the network. Raises ConnectorError."""
        return

    @abstractmethod
    async def poll(self, http: Http, source: Address, cursor: str) -> Page:
        """What is new at `source` since `cursor` (empty at first). Raises ConnectorError."""

    async def recheck(self, http: Http, source: Address, refs: Mapping[str, str]) -> Page:
        """Look again at posts that are on a wall, given as key → ref: what they say now, which are gone, which `left`.

        The page's cursor is ignored. Networks that cannot be asked leave this as it is: nothing is known to be gone.
        """
        return Page()

    def is_origin(self, source: Address, key: str) -> bool:
        """Whether this source's server is where the post with this key was made: then its word on it counts most."""
        return True

    async def author(self, http: Http, source: Address, author: Person) -> Presence:
        """Whether this author is still there, asked when a post of theirs has gone. Raises ConnectorError.

        Networks that cannot be asked leave this as it is: nothing is known against anybody.
        """
        return Presence.PRESENT

    async def picture(self, http: Http, url: str) -> bytes:
        """The bytes behind a picture's URL that this connector gave out. Raises ConnectorError."""
        return (await http.get(url, accept="image/*", limit=12 * 1024 * 1024, hurried=True)).body

    def stream(self, http: Http, source: Address, cursor: str) -> AsyncIterator[Page] | None:
        """The same Pages as `poll`, as they happen; None where a network has no stream."""
        return None
