"""`follow`, `sources` and `unfollow`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
import typer

from aggregator.store import Store
from aggregator.walls.addresses import recognise, with_options
from aggregator.walls.tables import Source, Wall
from aggregator.walls.verbs import find_wall, list_sources, list_walls
from aggregator.walls.verbs import follow as follow_address
from aggregator.walls.verbs import unfollow as unfollow_source
from connectors._base import Connector
from connectors._registry import connectors
from web.cli.command import AnyWall, JsonFlag, OneWall, ago, ahead, perform, say, show_json, show_table

Row = dict[str, Any]


def install(app: typer.Typer) -> None:
    app.command()(follow)
    app.command()(sources)
    app.command()(unfollow)


def follow(
    text: Annotated[
        str, typer.Argument(metavar="TEXT", help="A #hashtag, @user@host, or the address of a page or feed.")
    ],
    *,
    wall: OneWall,
    on: Annotated[
        list[str] | None, typer.Option(metavar="SERVER", help="A server to read it from; again for more servers.")
    ] = None,
    any_of: Annotated[
        list[str] | None, typer.Option("--any", metavar="TAG", help="Posts with this tag as well; again for more.")
    ] = None,
    all_of: Annotated[
        list[str] | None, typer.Option("--all", metavar="TAG", help="Only posts that have this tag too.")
    ] = None,
    none_of: Annotated[list[str] | None, typer.Option("--none", metavar="TAG", help="No posts with this tag.")] = None,
    token: Annotated[str, typer.Option(help="An access token, where the server wants one.")] = "",
    option: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="Any other option of the network; again for more.")
    ] = None,
    network: Annotated[str, typer.Option(help="The network's name, where the text could mean several.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """Let a wall follow a hashtag, an account or a feed.

    Following it again changes its options.
    Examples: `backchannel follow '#harbour26' --on mastodon.social --on fosstodon.org --wall harbour26`,
    `backchannel follow https://harbour26.example/blog --wall harbour26`,
    `backchannel follow @ada@mastodon.example --wall harbour26`
    """
    tags = {"any": any_of, "all": all_of, "none": none_of, "token": token}
    options = {name: value for name, value in tags.items() if value} | _options(option or [])

    async def work(store: Store) -> list[Row]:
        known = connectors()
        found = [recognise(text, known, on=server, network=network) for server in on or [""]]
        addresses = [with_options(each, known[each.network], options) for each in found]
        for each in addresses:
            known[each.network].check(each)
        async with store.write() as session:
            place = await find_wall(session, wall)
            return [_row(await follow_address(session, place, each), wall, known) for each in addresses]

    rows = perform(work)
    if as_json:
        show_json(rows)
    for row in [] if as_json else rows:
        say(f"“{wall}” follows ", (_title(row), "bold"), f" (source {row['id']}).")


def sources(
    *,
    wall: AnyWall = None,
    everything: Annotated[bool, typer.Option("--all", help="Those that somebody has unfollowed, too.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """List what the walls follow, and how each source is doing.

    A source that has ended by itself stays in the list, with the reason, until it is unfollowed.
    """

    async def work(store: Store) -> list[Row]:
        async with store.read() as session:
            only = await find_wall(session, wall) if wall else None
            slugs = {each.id: each.slug for each in await list_walls(session)}
            found = await list_sources(session, only, unfollowed=everything)
            return [_row(each, slugs[each.wall_id], connectors()) for each in found]

    rows = perform(work)
    if as_json:
        show_json(rows)
    elif not rows:
        say("Nothing is followed yet: see ", ("backchannel follow --help", "bold"), ".")
    else:
        columns = ["id", "wall", "source", "last success", "next poll", "posts", "health"]
        show_table(columns, [_cells(row) for row in rows])
        for row in rows:
            _say_troubles(row)


def unfollow(
    source_id: Annotated[
        int, typer.Argument(metavar="ID", help="The source's number, as `backchannel sources` has it.")
    ],
) -> None:
    """Follow a source no longer.

    The posts that it brought stay on the wall, until they are deleted at their origin.
    Following the same again goes on where it was.
    """

    async def work(store: Store) -> Row:
        async with store.write() as session:
            gone = await unfollow_source(session, source_id)
            return _row(gone, (await session.get_one(Wall, gone.wall_id)).slug, connectors())

    row = perform(work)
    say(f"“{row['wall']}” no longer follows ", (_title(row), "bold"), "; what it brought stays.")


def _options(pairs: list[str]) -> Row:
    """`NAME=VALUE`, where the value may be JSON."""
    options: Row = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not (name and equals):
            raise typer.BadParameter(f"“{pair}” is not NAME=VALUE.", param_hint="--option")
        try:
            options[name] = msgspec.json.decode(value)
        except msgspec.DecodeError:
            options[name] = value
    return options


def _row(source: Source, slug: str, known: Mapping[str, Connector]) -> Row:
    """A source as scripts get it; what a connector calls a credential stays in the store."""
    connector = known.get(source.network)
    secret = connector.credentials.model_fields if connector else source.options
    return {
        "id": source.id,
        "wall": slug,
        "network": source.network,
        "kind": source.kind,
        "value": source.value,
        "server": source.server,
        "options": {name: value for name, value in source.options.items() if name not in secret},
        "ended_at": source.ended_at,
        "interval": source.interval,
        "next_poll_at": source.next_poll_at,
        "polled_at": source.polled_at,
        "succeeded_at": source.succeeded_at,
        "posted_at": source.posted_at,
        "posts": source.posts,
        "broken": source.broken,
        "failures": source.failures,
        "trouble": source.trouble or ("" if connector else f"The connector for {source.network} is not installed."),
    }


def _title(row: Row) -> str:
    value = f"#{row['value']}" if row["kind"] == "hashtag" else row["value"]
    return f"{value} on {row['server'].partition('://')[2]}" if row["server"] else value


def _cells(row: Row) -> list[str | tuple[str, str]]:
    return [
        str(row["id"]),
        row["wall"],
        _title(row),
        ago(row["succeeded_at"]),
        ahead(row["next_poll_at"]) if row["ended_at"] is None else "never",
        str(row["posts"]),
        _health(row),
    ]


def _health(row: Row) -> tuple[str, str]:
    """A word for the table; the reason is a sentence, and stands below it where there is room for it."""
    if row["ended_at"] is not None:
        return "ended", "red" if row["trouble"] else "dim"
    if row["trouble"]:
        return "failing", "red"
    return ("new", "dim") if row["polled_at"] is None else ("well", "green")


def _say_troubles(row: Row) -> None:
    if row["trouble"]:
        say((f"source {row['id']}: {row['trouble']}", "red"))
    if row["broken"]:
        entries = "entry" if row["broken"] == 1 else "entries"
        say((f"source {row['id']}: {row['broken']} {entries} could not be read; the rest is on the wall.", "yellow"))
