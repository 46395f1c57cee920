"""`source-mode`: a source that is moderated more strictly than its wall."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from aggregator.store.store import Store
from aggregator.walls.source_settings import set_source_mode
from aggregator.walls.tables import Mode, Wall, stricter
from web.cli.actor import command_line
from web.cli.output import JsonFlag, print_line, show_json
from web.cli.run import run


class SourceMode(StrEnum):
    """A mode of its own, or none: that of the wall."""

    WALL = "wall"
    TRUSTED = "trusted"
    APPROVE = "approve"


def install(app: typer.Typer) -> None:
    app.command(name="source-mode")(source_mode)


def source_mode(
    source_id: Annotated[int, typer.Argument(metavar="ID", help="The source's number in `backchannel sources`.")],
    becomes: Annotated[SourceMode, typer.Argument(metavar="MODE", help="wall, trusted or approve.")],
    *,
    as_json: JsonFlag = False,
) -> None:
    """Moderate what a source brings more strictly than its wall. Posts that are held or live already stay so.

    For example:

    `backchannel source-mode 3 approve`
    """
    mode = None if becomes == SourceMode.WALL else Mode(becomes.value)

    async def work(store: Store) -> tuple[str, Mode]:
        async with store.write() as db:
            source = await set_source_mode(db, source_id, mode, command_line())
            wall = await db.get_one(Wall, source.wall_id)
            return wall.slug, stricter(wall.mode, source.mode)

    slug, effective = run(work)
    if as_json:
        show_json({"id": source_id, "wall": slug, "mode": mode, "effective": effective})
    else:
        print_line(f"From now on, source {source_id} of “{slug}” is moderated as ", (effective.value, "bold"), ".")
