"""`pause` and `resume`: a source that is asked for nothing new for a while."""

from __future__ import annotations

from typing import Annotated

import typer

from aggregator.sources.report import Row, source_row
from aggregator.store.store import Store
from aggregator.walls import source_settings
from aggregator.walls.tables import Wall
from connectors.registry import connectors
from web.cli.actor import command_line
from web.cli.output import JsonFlag, print_line, show_json
from web.cli.run import run
from web.cli.sources import title

SourceId = Annotated[int, typer.Argument(metavar="ID", help="The source's number in `backchannel sources`.")]


def install(app: typer.Typer) -> None:
    app.command()(pause)
    app.command()(resume)


def pause(source_id: SourceId, *, as_json: JsonFlag = False) -> None:
    """Ask a source for nothing new until it is resumed.

    Its posts stay on the wall, and are still checked for deletions.
    """
    row = _change(source_id, is_paused=True)
    if as_json:
        show_json(row)
    else:
        print_line("Paused: ", (title(row), "bold"), f". Resume it: backchannel resume {source_id}")


def resume(source_id: SourceId, *, as_json: JsonFlag = False) -> None:
    """Go on with a paused source where it left off."""
    row = _change(source_id, is_paused=False)
    if as_json:
        show_json(row)
    else:
        print_line("Resumed: ", (title(row), "bold"), ".")


def _change(source_id: int, *, is_paused: bool) -> Row:
    act = source_settings.pause if is_paused else source_settings.resume

    async def work(store: Store) -> Row:
        async with store.write() as db:
            source = await act(db, source_id, command_line())
            return source_row(source, (await db.get_one(Wall, source.wall_id)).slug, connectors())

    return run(work)
