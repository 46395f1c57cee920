"""`opt-out`: authors who have asked to be left out."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from aggregator.items.listing import bare
from aggregator.items.lookup import DecisionError
from aggregator.moderation.opt_outs import list_opt_outs
from aggregator.moderation.opting_out import end_opt_out, opt_out
from aggregator.store.store import Store
from aggregator.walls.walls import find_wall, list_walls
from web.cli.actor import command_line
from web.cli.output import JsonFlag, counted, print_line, show_json, show_table
from web.cli.run import AnyWall, Yes, insist, run


def install(app: typer.Typer) -> None:
    app.command(name="opt-out")(opt_out_command)


def opt_out_command(
    handle: Annotated[str, typer.Argument(metavar="[HANDLE]", help="As on the author's posts.")] = "",
    *,
    wall: AnyWall = None,
    end: Annotated[bool, typer.Option("--end", help="Leave the author out no longer.")] = False,
    yes: Yes = False,
    as_json: JsonFlag = False,
) -> None:
    """Leave an author out who has asked for it, on a wall or on all.

    Without --wall it is on all walls, later ones too; without a handle, those who are left out are listed.

    What the author has posted is erased, and nothing more of it is stored. This can't be undone; it asks first.

    For example:

    `backchannel opt-out @ada@mastodon.example`

    `backchannel opt-out @ada@mastodon.example --wall harbour26 --end`
    """
    if not handle:
        _list(wall, as_json=as_json)
    elif end:
        _end(handle, wall, as_json=as_json)
    else:
        where = f"“{wall}”" if wall else "every wall"
        if not yes:
            insist(f"Erase all that {handle} has posted on {where}? This can't be undone.", "Nothing was erased.")
        _begin(handle, wall, as_json=as_json)


def _begin(handle: str, slug: str | None, *, as_json: bool) -> None:
    async def work(store: Store) -> Any:
        async with store.read() as db:
            here = await find_wall(db, slug) if slug else None
        return await opt_out(store, handle, here, command_line())

    done = run(work)
    if as_json:
        show_json({"handle": bare(handle), "wall": slug, **done._asdict()})
        return
    state = "left out already" if done.entry_id is None else "left out"
    print_line(f"{handle} is {state} on {slug or 'all walls'}: {counted(done.erased, 'post')} erased.")


def _end(handle: str, slug: str | None, *, as_json: bool) -> None:
    async def work(store: Store) -> int:
        async with store.read() as db:
            walls = [await find_wall(db, slug)] if slug else list(await list_walls(db))
            found = [each for each in await list_opt_outs(db, None) if each.handle == bare(handle)]
            number = walls[0].id if slug and walls else None
            found = [each for each in found if each.wall_id == number]
        if not found or not walls:
            raise DecisionError(f"“{handle}” is not left out on {slug or 'all walls'}: see `backchannel opt-out`.")
        return await end_opt_out(store, found[0].id, walls[0], command_line())

    entry = run(work)
    if as_json:
        show_json({"handle": bare(handle), "wall": slug, "entry": entry})
    else:
        print_line(f"{handle} is left out no longer on {slug or 'all walls'}.")


def _list(slug: str | None, *, as_json: bool) -> None:
    async def work(store: Store) -> list[dict[str, Any]]:
        async with store.read() as db:
            here = await find_wall(db, slug) if slug else None
            slugs = {each.id: each.slug for each in await list_walls(db)}
            found = await list_opt_outs(db, here)
            return [{"handle": each.handle, "wall": slugs.get(each.wall_id), "at": each.at} for each in found]

    rows = run(work)
    if as_json:
        show_json(rows)
    elif not rows:
        print_line("Nobody has asked to be left out.")
    else:
        cells = [[f"@{row['handle']}", row["wall"] or "all", f"{row['at']:%Y-%m-%d}"] for row in rows]
        show_table(["author", "wall", "since"], cells)
