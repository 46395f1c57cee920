"""Addresses that a wall may follow: checked on their network first, then followed with their credentials."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from msgspec.structs import replace

from aggregator.audit.actor import Actor
from aggregator.intake.preview import Preview, preview
from aggregator.sources.addresses import recognise, undecided, with_credentials, with_options
from aggregator.sources.choices import Choice, choices
from aggregator.sources.credentials import CredentialsError, Vault, read_credentials
from aggregator.sources.errors import SourceError
from aggregator.sources.lookup import source_at
from aggregator.sources.software import software_of
from aggregator.sources.tables import Source
from aggregator.store.sql import stored_id
from aggregator.store.store import Store
from aggregator.walls.following import Followed, follow_with_credentials
from aggregator.walls.source_settings import change_source
from aggregator.walls.tables import Wall
from aggregator.walls.walls import find_wall
from connectors.contract import Address, Connector
from connectors.errors import ConnectorError
from connectors.http.client import Http


class Wish(NamedTuple):
    """What a person wants to follow, on each of these servers.

    `credentials` are None to keep those that are stored, and empty to remove them. `is_lenient` leaves out those that
    the network does not know.
    """

    text: str
    servers: Sequence[str] = ("",)
    network: str = ""
    options: Mapping[str, Any] = {}
    credentials: Mapping[str, Any] | None = None
    is_lenient: bool = False


class Found(NamedTuple):
    """An address, a preview of its posts, and its source if the wall has followed it before."""

    address: Address
    seen: Preview
    source: Source | None

    @property
    def stops(self) -> bool:
        """Whether this error rules the source out. Only a busy network may just be slow to answer."""
        return bool(self.seen.trouble) and not self.seen.busy


class CheckFailed(SourceError):
    """The network refuses a source, or does not answer. `str()` is its reason."""


def address_at(source: Source) -> Address:
    """Return the address that a source follows, without options and credentials."""
    return Address(network=source.network, kind=source.kind, value=source.value, server=source.server)


@dataclass(frozen=True)
class Candidates:
    """Finds and follows addresses, with the networks that this process knows."""

    store: Store
    connectors: Mapping[str, Connector]
    http: Http
    vault: Vault

    async def addresses(self, wish: Wish, spelt: Callable[[str], str] = "option {}".format) -> list[Address]:
        """Return the addresses that the text names. A server is asked only for its software, where that decides.

        `spelt` returns how a person writes an option. Raises SourceError and ConnectorError.
        """
        return [await self._address(wish, server, spelt) for server in wish.servers]

    async def choices(self, text: str, on: str = "") -> list[Choice]:
        """Return all that a person's input may mean, first what can be followed as it is, without options.

        A server is asked only for its software, where that decides. Raises SourceError.
        """
        servers = {each.address.server for each in choices(text, self.connectors, on=on)}
        software = await software_of(self.http, next(iter(servers))) if len(servers) == 1 and any(servers) else ""
        found = choices(text, self.connectors, on=on, software=software)
        return sorted(found, key=lambda each: not self._is_complete(each.address))

    async def change(self, slug: str, source: Source, wish: Wish, by: Actor, *, anyway: bool = False) -> Source:
        """Give a source the options and credentials of a wish, which is checked on its network first.

        Raises CheckFailed, SourceError, ConnectorError and CredentialsError.
        """
        connector = self.connectors.get(source.network)
        if connector is None:
            raise SourceError(f"The connector for {source.network} is not installed.")
        address = self._checked(wish, connector, address_at(source), "option {}".format)
        seen = (await self._look(wish, address, source)).seen
        if seen.trouble and not (anyway or seen.busy):
            raise CheckFailed(seen.trouble)
        forget = wish.credentials is not None and not wish.credentials
        async with self.store.write() as db:
            await find_wall(db, slug)
            id_ = stored_id(source)
            return await change_source(db, self.vault, id_, connector, address, by=by, forget=forget)

    async def look(self, slug: str, wish: Wish, addresses: Sequence[Address]) -> list[Found]:
        """Ask the networks, all at once, what the first polls would bring. Raises WallError."""
        async with self.store.read() as db:
            wall = await find_wall(db, slug)
            sources = [await source_at(db, wall.id, each) for each in addresses]
        asked = (self._look(wish, *each) for each in zip(addresses, sources, strict=True))
        return list(await asyncio.gather(*asked))

    async def follow(self, slug: str, wish: Wish, found: Sequence[Found], by: Actor) -> tuple[Wall, list[Followed]]:
        """Follow these addresses, in one transaction. Raises WallError and CredentialsError."""
        forget = wish.credentials is not None and not wish.credentials
        async with self.store.write() as db:
            wall = await find_wall(db, slug)
            followed = []
            for address, *_ in found:
                connector = self.connectors[address.network]
                done = await follow_with_credentials(db, self.vault, wall, address, connector, by=by, forget=forget)
                followed.append(done)
            return wall, followed

    async def _address(self, wish: Wish, server: str, spelt: Callable[[str], str]) -> Address:
        decides = undecided(wish.text, self.connectors, on=server, network=wish.network)
        software = await software_of(self.http, decides) if decides else ""
        address = recognise(wish.text, self.connectors, on=server, network=wish.network, software=software)
        return self._checked(wish, self.connectors[address.network], address, spelt)

    def _checked(self, wish: Wish, connector: Connector, address: Address, spelt: Callable[[str], str]) -> Address:
        address = with_options(address, connector, wish.options, spelt)
        given = dict(wish.credentials or {})
        if wish.is_lenient:
            given = {name: value for name, value in given.items() if name in connector.credentials.model_fields}
        if given:
            address = with_credentials(address, connector, given)
        connector.check(address)
        return address

    def _is_complete(self, address: Address) -> bool:
        try:
            self.connectors[address.network].check(address)
        except ConnectorError:
            return False
        return True

    async def _look(self, wish: Wish, address: Address, source: Source | None) -> Found:
        connector, asked = self.connectors[address.network], address
        keeps = wish.credentials is None or bool(wish.credentials)
        if source is not None and not address.credentials and keeps:
            try:
                asked = replace(address, credentials=read_credentials(self.vault, source, connector))
            except CredentialsError as error:
                return Found(address, Preview(trouble=str(error)), source)
        return Found(address, await preview(self.http, connector, asked), source)
