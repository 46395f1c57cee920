"""Addresses to follow: checked on their network first, then followed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import NamedTuple

from msgspec.structs import replace

from aggregator.intake.preview import Preview, preview
from aggregator.runtime import Runtime
from aggregator.settings import read_settings
from aggregator.sources.addresses import recognise, undecided, with_credentials, with_options
from aggregator.sources.credentials import CredentialsError, read_credentials
from aggregator.sources.lookup import source_at
from aggregator.sources.software import software_of
from aggregator.sources.tables import Source
from aggregator.store.store import Session
from aggregator.walls.errors import WallError
from aggregator.walls.following import follow_with_credentials
from aggregator.walls.tables import Wall
from aggregator.walls.walls import find_wall
from connectors.contract import Address, Connector, Post
from connectors.http.client import Http
from web.cli.actor import command_line
from web.cli.posts import words
from web.cli.run import expect_store, quiet_logs
from web.cli.sources import UNUSED_TAG, Row, source_row
from web.cli.tokens import Given

ONE_SERVER = "A token belongs to one server: name that one alone with --on, and follow the others by further commands."
FLAGS = ("any", "all", "none")
"""Options of networks that have flags of their own."""


class Asked(NamedTuple):
    """The arguments of `follow` as typed."""

    text: str
    wall: str
    servers: list[str]
    network: str
    options: Row
    given: Given
    anyway: bool
    dry_run: bool


class Found(NamedTuple):
    """An address, a preview of its posts, and its source if the wall has followed it before."""

    address: Address
    seen: Preview
    source: Source | None

    @property
    def stops(self) -> bool:
        """Whether this error rules the source out. Only a busy network may just be slow to answer."""
        return bool(self.seen.trouble) and not self.seen.busy


def look_and_follow(asked: Asked) -> list[Row]:
    settings = read_settings()
    quiet_logs(settings)
    return asyncio.run(_with_runtime(Runtime(settings), asked))


async def _with_runtime(runtime: Runtime, asked: Asked) -> list[Row]:
    try:
        await expect_store(runtime.settings, runtime.store)
        await runtime.open()
        addresses = await _addresses(runtime.http, asked, runtime.connectors)
        known = await _known(runtime, asked.wall, addresses)
        found = await asyncio.gather(
            *(_look(runtime, asked.given, *each) for each in zip(addresses, known, strict=True))
        )
        if asked.dry_run or (any(each.stops for each in found) and not asked.anyway):
            return [_not_followed(each, asked, runtime.connectors) for each in found]
        return await _follow_all(runtime, asked, found)
    finally:
        await runtime.stop()


async def _addresses(http: Http, asked: Asked, known: Mapping[str, Connector]) -> list[Address]:
    """The addresses that the text names. A server is asked only for its software, where that decides.

    Raises WallError and ConnectorError.
    """
    if asked.given.token and len(asked.servers) > 1:
        raise WallError(ONE_SERVER)
    addresses = []
    for server in asked.servers:
        decides = undecided(asked.text, known, on=server, network=asked.network)
        software = await software_of(http, decides) if decides else ""
        address = recognise(asked.text, known, on=server, network=asked.network, software=software)
        connector = known[address.network]
        address = with_options(address, connector, asked.options, _spelt)
        if asked.given.token and not (asked.given.ambient and "token" not in connector.credentials.model_fields):
            address = with_credentials(address, connector, {"token": asked.given.token})
        connector.check(address)
        addresses.append(address)
    return addresses


async def _known(runtime: Runtime, slug: str, addresses: list[Address]) -> list[Source | None]:
    """The wall's existing sources for these addresses. Raises WallError if there is no such wall."""
    async with runtime.store.read() as db:
        wall = await find_wall(db, slug)
        return [await source_at(db, wall.id, each) for each in addresses]


async def _look(runtime: Runtime, given: Given, address: Address, source: Source | None) -> Found:
    connector = runtime.connectors[address.network]
    asked = address
    if source is not None and not address.credentials and given.token != "":
        try:
            asked = replace(address, credentials=read_credentials(runtime.vault, source, connector))
        except CredentialsError as error:
            return Found(address, Preview(trouble=str(error)), source)
    return Found(address, await preview(runtime.http, connector, asked), source)


async def _follow_all(runtime: Runtime, asked: Asked, found: list[Found]) -> list[Row]:
    async with runtime.store.write() as db:
        wall = await find_wall(db, asked.wall)
        return [await _follow(db, runtime, wall, asked.given, each) for each in found]


async def _follow(db: Session, runtime: Runtime, wall: Wall, given: Given, found: Found) -> Row:
    """Store the source, in the caller's transaction. Raises WallError if the credentials can't be encrypted."""
    connector = runtime.connectors[found.address.network]
    forget = given.token == ""
    try:
        followed = await follow_with_credentials(
            db, runtime.vault, wall, found.address, connector, by=command_line(), forget=forget
        )
    except CredentialsError as error:
        raise WallError(str(error)) from error
    change = followed._asdict()
    row = source_row(change.pop("source"), wall.slug, runtime.connectors)
    return row | {"followed": True, "change": change, "preview": _preview(found)}


def _not_followed(found: Found, asked: Asked, known: Mapping[str, Connector]) -> Row:
    address = found.address
    source = found.source or Source(
        wall_id=0, network=address.network, kind=address.kind, value=address.value, server=address.server
    )
    row = source_row(source, asked.wall, known)
    seen = {"followed": _is_followed(row), "change": None, "preview": _preview(found)}
    return row | {"options": address.options} | seen


def _is_followed(row: Row) -> bool:
    return row["id"] is not None and row["ended_at"] is None


def _preview(found: Found) -> Row:
    seen = found.seen
    unused = found.address.kind == "hashtag" and not (seen.posts or seen.broken or seen.trouble)
    shown = {"newest_posts": [_sample(post) for post in seen.newest_posts]}
    return seen._asdict() | shown | {"note": UNUSED_TAG if unused else "", "stops": found.stops}


def _sample(post: Post) -> Row:
    author = {"name": post.author.name, "handle": post.author.handle}
    return {"at": post.created_at, "author": author, "words": words(post), "url": post.url}


def _spelt(name: str) -> str:
    return f"--{name}" if name in FLAGS else f"--option {name}"
