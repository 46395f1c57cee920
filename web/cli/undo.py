"""`undo`: take an act back, by its number in the audit trail, or one's own last one."""

from __future__ import annotations

from typing import Annotated

import typer

from aggregator.moderation.undo import NotUndoable, Undone, last_act_of
from aggregator.moderation.undo import undo as undo_act
from aggregator.store.store import Store
from aggregator.walls.walls import find_wall
from web.cli.actor import command_line
from web.cli.moderate import Reason
from web.cli.output import JsonFlag, counted, print_line, show_json
from web.cli.run import AnyWall, run


def install(app: typer.Typer) -> None:
    app.command()(undo)


def undo(
    entry: Annotated[
        int | None, typer.Argument(metavar="[ENTRY]", help="Its number in `backchannel audit`; yours is the default.")
    ] = None,
    *,
    wall: AnyWall = None,
    why: Reason = "",
    as_json: JsonFlag = False,
) -> None:
    """Take an act back: exactly what it changed, and nothing that came after it.

    Without a number it is the last act of this user that is not undone. An undo can be undone by its own number.

    For example:

    `backchannel undo`

    `backchannel undo 117`
    """

    async def work(store: Store) -> tuple[int, Undone]:
        number = entry
        if number is None:
            async with store.read() as db:
                number = await last_act_of(db, command_line(), await find_wall(db, wall) if wall else None)
        if number is None:
            raise NotUndoable("There is nothing of yours to undo: `backchannel audit` lists what others did.")
        return number, await undo_act(store, number, command_line(), why)

    number, done = run(work)
    if as_json:
        row = {"undone": number, "wall": done.wall.slug, "changed": done.entry_id is not None, "entry": done.entry_id}
        show_json(row | {"restored": done.restored, "left": done.left})
        return
    left = f"; {done.left} changed since, or may not come back: left as they are" if done.left else ""
    if done.entry_id is None:
        print_line(f"Nothing of entry {number} is left to undo: it was changed since, or may not come back.")
    else:
        print_line(f"Entry {number} on “{done.wall.slug}” is undone: {counted(done.restored, 'post')} restored{left}.")
        print_line("Take that back: ", (f"backchannel undo {done.entry_id}", "bold"))
