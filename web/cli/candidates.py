"""Addresses to follow: checked on their network first, then followed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import NamedTuple

from aggregator.intake.candidates import Candidates, Found, Wish
from aggregator.runtime import Runtime
from aggregator.settings import read_settings
from aggregator.sources.credentials import CredentialsError
from aggregator.sources.report import UNUSED_TAG, Row, source_row
from aggregator.sources.tables import Source
from aggregator.walls.errors import WallError
from connectors.contract import Connector, Post
from web.cli.actor import command_line
from web.cli.posts import words
from web.cli.run import expect_store, quiet_logs
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


def look_and_follow(asked: Asked) -> list[Row]:
    settings = read_settings()
    quiet_logs(settings)
    return asyncio.run(_with_runtime(Runtime(settings), asked))


async def _with_runtime(runtime: Runtime, asked: Asked) -> list[Row]:
    try:
        await expect_store(runtime.settings, runtime.store)
        await runtime.open()
        candidates = Candidates(runtime.store, runtime.connectors, runtime.http, runtime.vault)
        wish = _wish(asked)
        found = await candidates.look(asked.wall, wish, candidates.addresses(wish, _spelt))
        if asked.dry_run or (any(each.stops for each in found) and not asked.anyway):
            return [_not_followed(each, asked, runtime.connectors) for each in found]
        return await _follow(candidates, asked, wish, found)
    finally:
        await runtime.stop()


def _wish(asked: Asked) -> Wish:
    """What the arguments ask for. Raises WallError."""
    given = asked.given
    if given.token and len(asked.servers) > 1:
        raise WallError(ONE_SERVER)
    token = {"token": given.token} if given.token else {}
    credentials = None if given.token is None else token
    return Wish(asked.text, asked.servers, asked.network, asked.options, credentials, is_lenient=given.ambient)


async def _follow(candidates: Candidates, asked: Asked, wish: Wish, found: list[Found]) -> list[Row]:
    """Store the sources. Raises WallError, also if the credentials can't be encrypted."""
    try:
        wall, followed = await candidates.follow(asked.wall, wish, found, command_line())
    except CredentialsError as error:
        raise WallError(str(error)) from error
    rows = []
    for each, done in zip(found, followed, strict=True):
        change = done._asdict()
        row = source_row(change.pop("source"), wall.slug, candidates.connectors)
        rows.append(row | {"followed": True, "change": change, "preview": _preview(each)})
    return rows


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
