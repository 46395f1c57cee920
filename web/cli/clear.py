"""`clear`: hide everything live that came since a moment."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from aggregator.moderation import clear as verbs
from aggregator.store.store import Store
from aggregator.walls.walls import find_wall
from web.cli.actor import command_line
from web.cli.moderate import Reason
from web.cli.moments import BEFORE, read_moment
from web.cli.output import JsonFlag, counted, print_line, show_json
from web.cli.run import OneWall, Yes, insist, run


def install(app: typer.Typer) -> None:
    app.command()(clear)


def clear(
    wall: OneWall,
    *,
    since: Annotated[str, typer.Option(metavar="MOMENT", help="15min (ago), 10:05 (today) or 2026-06-09T10:05.")],
    why: Reason = "",
    yes: Yes = False,
    as_json: JsonFlag = False,
) -> None:
    """Hide everything live that came since a moment. It asks first.

    What arrives meanwhile stays: freeze the wall before. One `backchannel undo` brings all of it back.

    For example:

    `backchannel clear --wall harbour26 --since 15min`
    """

    async def look(store: Store) -> tuple[datetime, int]:
        async with store.read() as db:
            moment = read_moment(since, (await find_wall(db, wall)).time_zone, BEFORE)
        return moment, await verbs.count_clear(store, wall, moment)

    moment, number = run(look)
    if number and not yes:
        question = f"Hide {counted(number, 'post')} that came since {moment:%Y-%m-%d %H:%M} UTC?"
        insist(question, "Nothing was hidden.", aside=as_json)
    done = run(lambda store: verbs.clear(store, wall, moment, command_line(), why))
    if as_json:
        show_json({"wall": wall, "since": moment, "posts": done.posts, "entry": done.entry_id})
    elif done.entry_id is None:
        print_line(f"Nothing live on “{wall}” came since {moment:%Y-%m-%d %H:%M} UTC.")
    else:
        print_line(f"{counted(done.posts, 'post')} hidden on “{wall}”.")
        print_line("Bring them back: ", (f"backchannel undo {done.entry_id}", "bold"))
