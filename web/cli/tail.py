"""`tail`: follows a wall in the terminal."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.text import Text

from aggregator.channel.publish import NoChannel
from aggregator.store.store import Session, Store
from aggregator.walls.errors import WallError
from aggregator.walls.tables import Wall
from aggregator.walls.walls import find_wall, list_walls
from web.cli.drawing import Transcript
from web.cli.live_client import Record, from_server, from_store, server_of
from web.cli.output import JsonFlag, console, show_json
from web.cli.run import AnyWall, run, sentences


def install(app: typer.Typer) -> None:
    app.command()(tail)


def tail(
    *,
    wall: AnyWall = None,
    url: Annotated[
        str,
        typer.Option(metavar="URL", help="A running server, such as http://localhost:8000, or a wall's page there."),
    ] = "",
    last: Annotated[int, typer.Option("--last", "-n", min=0, max=200, help="Start with this many posts.")] = 10,
    count: Annotated[int, typer.Option(min=0, help="Stop after this many records; 0 runs until Ctrl-C.")] = 0,
    as_json: JsonFlag = False,
) -> None:
    """Follow a wall in the terminal, as its pages do.

    Without --url it reads the database. A post is printed again only if its words change.

    For example:

    `backchannel tail --wall harbour26`

    `backchannel tail --url http://localhost:8000/w/harbour26 --json`
    """
    if url:
        with sentences():
            origin, slug = server_of(url)
            if not (wall or slug):
                raise WallError("Which wall? Add --wall SLUG.")
            asyncio.run(print_records(from_server(origin, wall or slug, last, _notice), count, None, as_json=as_json))
        return

    async def work(store: Store) -> None:
        async with store.read() as db:
            found = await find_wall(db, wall) if wall else await _the_only_wall(db)
        if not as_json:
            _notice(f"new posts on “{found.name}” appear here, until Ctrl-C")
        try:
            await print_records(
                from_store(store, found.channel, last), count, ZoneInfo(found.time_zone), as_json=as_json
            )
        except NoChannel:
            raise WallError(f"The wall “{found.slug}” has been removed.") from None

    run(work)


async def _the_only_wall(db: Session) -> Wall:
    walls = await list_walls(db)
    if len(walls) != 1:
        names = ", ".join(each.slug for each in walls)
        raise WallError(
            f"Which wall? Add --wall with one of {names}." if walls else "There are no walls yet: create one first."
        )
    return walls[0]


async def print_records(records: AsyncGenerator[Record], count: int, zone: ZoneInfo | None, *, as_json: bool) -> None:
    """Print `count` records, or all. People get a post again only if its words have changed."""
    transcript = Transcript(zone)
    async with aclosing(records) as open_records:
        number = 0
        async for record in open_records:
            drawn = None if as_json else transcript.draw(record)
            if as_json:
                show_json(record)
            elif drawn is not None:
                console().print(drawn)
            number += as_json or drawn is not None
            if count and number == count:
                return


def _notice(words: str) -> None:
    console(stderr=True).print(Text(f"({words})", style="dim"))
