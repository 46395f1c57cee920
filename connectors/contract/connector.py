"""The Connector: one class that declares a network and fetches its posts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, ConfigDict

from connectors.contract.address import Address, Kind
from connectors.contract.page import Page
from connectors.contract.post import Attachment, Person, Post
from connectors.contract.stream import Stream, Wanted
from connectors.contract.value import Value

if TYPE_CHECKING:
    from connectors.http.client import Http


class Presence(StrEnum):
    """The state of an author: present, missing on this source's server, or gone by the word of their origin."""

    PRESENT = "present"
    MISSING = "missing"
    GONE = "gone"


class Confirmation(Value, frozen=True):
    """The origin's answer about a version of a post that another server reports; None where it gave no answer.

    `html` is the origin's own text, if it says the same as that version, with the same title, warning and answers;
    `attachments` are its own pictures and recordings; `sensitive`: it is marked so there. `wish`: the author's profile
    there asks to be left out.
    """

    html: str | None = None
    attachments: tuple[Attachment, ...] = ()
    sensitive: bool = False
    wish: bool | None = None


class NoFields(BaseModel):
    """The options (or credentials) of a connector without any."""

    model_config = ConfigDict(extra="forbid")


class Connector(ABC):
    """One network. An entry of `connectors/networks/` defines exactly one subclass; the folder is the registry.

    A connector stores nothing and deduplicates nothing. Keep requests in `poll`, and turn a payload into a Post in a
    pure function, called in the sandbox. docs/connectors.md has the steps. `min_interval` is the shortest interval
    between two polls, in seconds; `max_interval` is that of a quiet source, by default twelve times as long;
    `quiet_after` is for how many seconds it is normal that nothing is posted. `first_poll_posts` is the most
    posts that the first poll takes, if bounded. `last_resort` marks a network that recognises any web address: it is
    tried after all others. `software` are the names by which servers with this API call their programs (NodeInfo); they
    tell which network a name such as `#tag` means on a server. None names no program: the API that most others speak.
    `usual_server` is where a name is looked up for a person who gives no server, as most of that network do.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    kinds: ClassVar[tuple[Kind, ...]]
    options: ClassVar[type[BaseModel]] = NoFields
    credentials: ClassVar[type[BaseModel]] = NoFields
    min_interval: ClassVar[float]
    max_interval: ClassVar[float | None] = None
    quiet_after: ClassVar[float]
    first_poll_posts: ClassVar[int | None] = None
    last_resort: ClassVar[bool] = False
    software: ClassVar[frozenset[str]] = frozenset()
    usual_server: ClassVar[str] = ""

    @abstractmethod
    def recognise(self, text: str, on: str = "") -> Address | None:
        """The address that the typed or pasted text means, or None if this network can't follow it.

        `on` is the server given with it: a host, or an origin with scheme and port.
        """

    def check(self, source: Address) -> None:
        """Check an address without asking the network. Raises ConnectorError."""
        return

    def can_poll(self, source: Address) -> bool:
        """Whether the network can be asked for this address; if not, it is only listened to."""
        return True

    @abstractmethod
    async def poll(self, http: Http, source: Address, cursor: str) -> Page:
        """Fetch the news of `source` since `cursor` (empty at first). Raises ConnectorError.

        Posts that are known already may come again. Bodies are parsed in `http.sandbox(self.name)`.
        """

    async def recheck(self, http: Http, source: Address, refs: Mapping[str, str]) -> Page:
        """Fetch posts on a wall again, given as key → ref: their content now, and which are gone, missing or unmatched.

        The page's cursor is ignored. A network without such requests keeps this default: no post is known to be gone.
        """
        return Page()

    def is_origin(self, source: Address, key: str) -> bool:
        """Whether this source's server is the origin of the post with this key.

        Override it where posts travel between servers: else a copy counts as the original.
        """
        return True

    async def author(self, http: Http, source: Address, author: Person) -> Presence:
        """The presence of this author, asked after a post of theirs has gone. Raises ConnectorError.

        A network without such requests keeps this default: present.
        """
        return Presence.PRESENT

    async def confirm(self, http: Http, source: Address, claimed: Post) -> Confirmation:
        """Ask the origin about a version of a post on which two servers, neither of them the origin, disagree.

        It raises nothing: an origin that can't be asked gives no answer, and so does this default.
        """
        return Confirmation()

    async def picture(self, http: Http, url: str) -> bytes:
        """The bytes of a picture whose URL this connector gave out. Raises ConnectorError."""
        return (await http.get(url, accept="image/*", limit=12 * 1024 * 1024, hurried=True)).body

    def stream_key(self, source: Address) -> str:
        """The name of the stream that serves this address with its credentials, of which it shows nothing.

        Addresses with the same name share one connection. Empty, as here: the address is only polled.
        """
        return ""

    async def open_stream(self, http: Http, wanted: Wanted, cursor: str) -> Stream:
        """Open the stream of these addresses, which have one `stream_key`.

        `cursor` is the last one that the stream told, if it told any: go on from there. Raises ConnectorError, which
        is Forbidden if the server wants a token, or another one.
        """
        raise NotImplementedError(f"{self.label} has no stream")
