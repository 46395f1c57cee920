"""`pin`, `nugget`, `cover` and `note`: an organiser's marks on posts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import typer

from aggregator.items.lookup import Match, find_item
from aggregator.moderation import marks
from aggregator.store.store import Session, Store
from aggregator.walls.walls import find_wall
from web.cli.actor import command_line
from web.cli.moderate import Reason
from web.cli.moments import AHEAD, read_moment
from web.cli.output import JsonFlag, print_line, show_json
from web.cli.run import AnyWall, run

Key = Annotated[str, typer.Argument(metavar="KEY", help="A post's short id, its URL, or the network's own id.")]
End = Annotated[bool, typer.Option("--end", help="Take the mark away.")]
Mark = Callable[[Session, Match], Awaitable[int | None]]


def install(app: typer.Typer) -> None:
    for command in (pin, nugget, cover, note):
        app.command()(command)


def pin(
    key: Key,
    *,
    until: Annotated[
        str, typer.Option(metavar="MOMENT", help="15min (from now), 10:05 (today) or 2026-06-09T10:05.")
    ] = "1h",
    end: End = False,
    wall: AnyWall = None,
    why: Reason = "",
    as_json: JsonFlag = False,
) -> None:
    """Keep a post first on its wall until a moment to come. With --end it is unpinned.

    For example:

    `backchannel pin begyuvzruinpdg75 --until 10:30`
    """

    async def mark(db: Session, found: Match) -> int | None:
        if end:
            return await marks.unpin(db, *found, command_line(), why)
        moment = read_moment(until, found.wall.time_zone, AHEAD)
        return await marks.pin(db, *found, moment, command_line(), why=why)

    _mark(key, wall, mark, "not pinned" if end else "pinned", as_json=as_json)


def nugget(key: Key, *, end: End = False, wall: AnyWall = None, why: Reason = "", as_json: JsonFlag = False) -> None:
    """Mark a post as worth keeping.

    For example:

    `backchannel nugget begyuvzruinpdg75`
    """
    verb = marks.unmark_nugget if end else marks.mark_nugget
    state = "not a nugget" if end else "a nugget"
    _mark(key, wall, lambda db, found: verb(db, *found, command_line(), why), state, as_json=as_json)


def cover(key: Key, *, end: End = False, wall: AnyWall = None, why: Reason = "", as_json: JsonFlag = False) -> None:
    """Cover the pictures of a post until a reader asks for them.

    For example:

    `backchannel cover begyuvzruinpdg75 --reason "flashing lights"`
    """
    verb = marks.uncover_media if end else marks.cover_media
    state = "uncovered" if end else "covered"
    _mark(key, wall, lambda db, found: verb(db, *found, command_line(), why), state, as_json=as_json)


def note(
    key: Key,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What colleagues should know; empty takes it away.")],
    *,
    wall: AnyWall = None,
    as_json: JsonFlag = False,
) -> None:
    """Leave a note about a post for colleagues at the desk. It goes with the post.

    For example:

    `backchannel note begyuvzruinpdg75 "Ask her before the keynote."`
    """
    state = "with a note" if text.strip() else "without a note"
    _mark(key, wall, lambda db, found: marks.write_note(db, *found, text, command_line()), state, as_json=as_json)


def _mark(key: str, slug: str | None, mark: Mark, state: str, *, as_json: bool) -> None:
    async def work(store: Store) -> tuple[Match, int | None]:
        async with store.read() as db:
            found = await find_item(db, key, await find_wall(db, slug) if slug else None)
        async with store.write() as db:
            return found, await mark(db, found)

    found, entry = run(work)
    if as_json:
        row: dict[str, Any] = {"asked": key, "wall": found.wall.slug, "id": found.post_id, "mark": state}
        show_json(row | {"changed": entry is not None, "entry": entry})
    else:
        print_line(f"{found.post_id} on “{found.wall.slug}” is {state}{' already' if entry is None else ''}.")
