"""`sources` and `unfollow`, and how a source is called, which `follow` uses too."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated

import typer

from aggregator.intake.listening import HOURS, Listening, listening
from aggregator.items.activity import posts_by_hour
from aggregator.moderation.source_removal import remove_source
from aggregator.sources.lookup import list_sources, without_posts
from aggregator.sources.report import UNUSED_TAG, Row, health, is_unused, source_row
from aggregator.store.sql import stored_id
from aggregator.store.store import Store
from aggregator.timestamps import now
from aggregator.walls.tables import Wall
from aggregator.walls.walls import find_wall, list_walls
from connectors.registry import connectors
from web.cli.actor import command_line
from web.cli.output import JsonFlag, ago, ahead, counted, print_line, show_json, show_table
from web.cli.run import AnyWall, run

COLOURS = {"ended": "red", "paused": "yellow", "failing": "red", "partly": "yellow", "new": "dim", "ok": "green"}


def install(app: typer.Typer) -> None:
    app.command()(sources)
    app.command()(unfollow)


def sources(
    *,
    wall: AnyWall = None,
    everything: Annotated[bool, typer.Option("--all", help="Include unfollowed sources.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """List the sources and their health.

    A source that has ended stays in the list, with the reason, until you unfollow it.
    """

    async def work(store: Store) -> tuple[list[Row], dict[int, Listening]]:
        async with store.read() as db:
            only = await find_wall(db, wall) if wall else None
            slugs = {each.id: each.slug for each in await list_walls(db)}
            found = await list_sources(db, only.id if only else None, unfollowed=everything)
            empty = await without_posts(db, found)
            hours = await posts_by_hour(db, [stored_id(each) for each in found], now())
            heard = await listening(db, found, now())
            rows = [source_row(each, slugs[each.wall_id], connectors()) for each in found]
            more = [{"health": health(row), "hours": hours[row["id"]]} for row in rows]
            told = [_remarks(row, heard[row["id"]], empty) for row in rows]
            return [row | each | said for row, each, said in zip(rows, more, told, strict=True)], heard

    rows, heard = run(work)
    if as_json:
        show_json(rows)
    elif not rows:
        print_line("Nothing is followed yet: see ", ("backchannel follow --help", "bold"), ".")
    else:
        columns = ["id", "wall", "network", "source", "last success", "next poll", "brought", "health"]
        plain = {row["server"] for row in rows if row["server"].startswith("http://")}
        show_table(columns, [_cells(row, plain) for row in rows])
        for about, style in (("trouble", "red"), ("unread", "yellow"), ("note", "yellow")):
            _print_each_once({row["id"]: _unread(row) if about == "unread" else row[about] for row in rows}, style)
        _print_each_once({id_: each.sentence for id_, each in heard.items()}, "dim")


def unfollow(
    source_id: Annotated[int, typer.Argument(metavar="ID", help="The source's number in `backchannel sources`.")],
    *,
    hide: Annotated[bool, typer.Option("--hide", help="Hide what it alone has brought, too.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Stop following a source.

    Its posts stay on the wall until they are deleted at their origin. With `--hide`, those that no other source shows
    are hidden first, as one act, which can be undone.
    Following it again resumes where it left off.
    """

    async def work(store: Store) -> Row:
        done = await remove_source(store, source_id, command_line(), hide=hide)
        async with store.read() as db:
            slug = (await db.get_one(Wall, done.source.wall_id)).slug
        return source_row(done.source, slug, connectors()) | {"hidden": done.posts, "entry": done.entry_id}

    row = run(work)
    if as_json:
        show_json(row)
        return
    stays = f"; {counted(row['hidden'], 'post')} hidden." if hide else "; its posts stay."
    print_line(f"“{row['wall']}” no longer follows ", (title(row), "bold"), stays)
    if row["entry"] is not None:
        print_line("Show them again: ", (f"backchannel undo {row['entry']}", "bold"))


# --- how it is shown --------------------------------------------------------------------------------------


def title(row: Row, plain: Collection[str] = ()) -> str:
    """`#tag on host`, with the scheme if it is http or another source of that host has the other scheme.

    `plain` are the http servers in the same list.
    """
    value = f"#{row['value']}" if row["kind"] == "hashtag" else row["value"]
    server = str(row["server"])
    if server.startswith("https://") and server.replace("https://", "http://", 1) not in plain:
        server = server.removeprefix("https://")
    return f"{value} on {server}" if server else value


def _cells(row: Row, plain: Collection[str]) -> list[str | tuple[str, str]]:
    return [
        str(row["id"]),
        row["wall"],
        row["label"],
        title(row, plain) + (", with a token" if row["has_token"] else ""),
        ago(row["succeeded_at"]),
        ahead(row["next_poll_at"]) if row["ended_at"] is None and row["paused_at"] is None else "never",
        str(row["posts"]),
        _health(row),
    ]


def _remarks(row: Row, heard: Listening, empty: Collection[int]) -> Row:
    """What is said of a source besides its health: whether it brings nothing, and whether it is listened to."""
    return {
        "note": UNUSED_TAG if is_unused(row, empty) else "",
        "listening": heard._asdict() | {"hours": HOURS},
    }


def _health(row: Row) -> tuple[str, str]:
    """The source's health as one word and its colour; the reason is printed below the table."""
    word = health(row)
    return word, "dim" if word == "ended" and not row["trouble"] else COLOURS[word]


def _unread(row: Row) -> str:
    """The number of unreadable entries in the last page, and the first reasons."""
    if not row["broken"]:
        return ""
    entries = counted(row["broken"], "entry", "entries")
    return " ".join((f"{entries} of its last page could not be read.", *row["unread"]))


def _print_each_once(sentences: Mapping[int, str], style: str) -> None:
    """Print each distinct sentence once: a failing server affects all of its sources."""
    for sentence in dict.fromkeys(filter(None, sentences.values())):
        ids = [str(id_) for id_, each in sentences.items() if each == sentence]
        print_line((f"source{'s' if len(ids) > 1 else ''} {', '.join(ids)}: {sentence}", style))
