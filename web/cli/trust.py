"""`trust`: authors whose posts are live at once on a wall, or from a source, in the mode `trusted`."""

from __future__ import annotations

from typing import Annotated

import typer

from aggregator.moderation.trust import distrust_author, trust_author
from aggregator.store.store import Store
from aggregator.walls.walls import find_wall
from web.cli.actor import command_line
from web.cli.moderate import Reason
from web.cli.output import JsonFlag, print_line, show_json
from web.cli.run import OneWall, run


def install(app: typer.Typer) -> None:
    app.command()(trust)


def trust(
    handles: Annotated[list[str], typer.Argument(metavar="HANDLE", help="An author's handle, as on their posts.")],
    *,
    wall: OneWall,
    end: Annotated[bool, typer.Option("--end", help="Trust them no longer.")] = False,
    why: Reason = "",
    as_json: JsonFlag = False,
) -> None:
    """Trust authors on a wall: in the mode trusted their posts are live at once.

    Posts that are held or live already stay so.

    For example:

    `backchannel trust @ada@mastodon.example --wall harbour26`
    """

    async def work(store: Store) -> list[tuple[str, int | None]]:
        verb = distrust_author if end else trust_author
        async with store.write() as db:
            found = await find_wall(db, wall)
            return [(each, await verb(db, found, each, command_line(), why)) for each in dict.fromkeys(handles)]

    done = run(work)
    if as_json:
        rows = [{"wall": wall, "author": handle, "trusted": not end, "entry": entry} for handle, entry in done]
        show_json([row | {"changed": row["entry"] is not None} for row in rows])
        return
    for handle, entry in done:
        state = "not trusted" if end else "trusted"
        print_line(f"{handle} is {state} on “{wall}”{' already' if entry is None else ''}.")
