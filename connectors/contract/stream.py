"""A stream: one open connection that tells the posts of several addresses as they happen."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Mapping, Sequence

from connectors.contract.address import Address
from connectors.contract.page import Page
from connectors.contract.post import Person
from connectors.contract.value import Value

Wanted = Mapping[int, Address]
"""The addresses that a stream serves, by numbers of the caller's choice."""


class Told(Value, frozen=True):
    """What a stream told within a moment, the same as polls would find.

    `pages` are by the number of their address, and have no cursor. `gone` are keys of posts that their origin has
    ended, whichever address has seen them; `deleted` are the server's own refs of posts that it has deleted, which ends
    those of which it is the origin. `authors` are people whose accounts have ended or are suspended: the connector's
    `author` is asked about those whose posts are known. `cursor` is the position behind these messages; empty if the
    network can't replay. `broken` has one plain sentence for each message that could not be read.
    """

    pages: dict[int, Page] = {}
    gone: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    authors: tuple[Person, ...] = ()
    cursor: str = ""
    broken: tuple[str, ...] = ()


class Stream(ABC):
    """An open stream. Its methods raise ConnectorError; after that it is only closed."""

    @abstractmethod
    async def serve(self, wanted: Wanted) -> None:
        """Serve these addresses from now on, and no others."""

    @abstractmethod
    def messages(self) -> AsyncGenerator[bytes]:
        """Yield the network's messages as they come, unread, until it ends the stream in an orderly way.

        Each waits until it is asked for, so that a flood is read only as fast as it is stored.
        """

    @abstractmethod
    async def read(self, messages: Sequence[bytes]) -> Told:
        """The meaning of some messages, in their order. Strangers' bytes are parsed in the sandbox."""

    @abstractmethod
    async def close(self) -> None:
        """Close the connection, whatever its state."""
