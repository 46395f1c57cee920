"""`audit`: who has changed what on the walls, when and why."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from aggregator.audit.tables import AuditEntry
from aggregator.audit.trail import list_entries
from aggregator.store.store import Store
from aggregator.walls.walls import find_wall, list_walls
from web.cli.output import JsonFlag, print_line, show_json, show_table
from web.cli.run import AnyWall, run

Row = dict[str, Any]

DEFAULT_LIMIT = 100
MAX_LIMIT = 10_000
COLUMNS = ["entry", "at (UTC)", "wall", "who", "from", "action", "subject", "before", "after", "reason"]


def install(app: typer.Typer) -> None:
    app.command()(audit)


def audit(
    *,
    wall: AnyWall = None,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, max=MAX_LIMIT, help="At most so many entries.")
    ] = DEFAULT_LIMIT,
    parts: Annotated[bool, typer.Option("--parts", help="With an entry for each post of an act about many.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """List who changed what on the walls, the newest first.

    An entry tells of a decision about a post or an author, of a wall or a source that was changed, and of what a
    source, an author or an origin has changed by itself. It never has a post's words. `backchannel undo ENTRY` takes
    an act back.

    For example:

    `backchannel audit --wall harbour26 --limit 20`
    """

    async def work(store: Store) -> list[Row]:
        async with store.read() as db:
            only = await find_wall(db, wall) if wall else None
            slugs = {each.id: each.slug for each in await list_walls(db)}
            entries = await list_entries(db, only.id if only else None, limit, parts=parts)
            return [_row(entry, slugs) for entry in entries]

    rows = run(work)
    if as_json:
        show_json(rows)
    elif not rows:
        print_line("The audit trail has no entries yet.")
    else:
        show_table(COLUMNS, [_cells(row) for row in rows])


def _row(entry: AuditEntry, slugs: dict[int | None, str]) -> Row:
    return {
        "entry": entry.id,
        "part_of": entry.act_id,
        "at": entry.at,
        "wall": slugs.get(entry.wall_id),
        "actor": {"kind": entry.by.kind, "name": entry.by.name},
        "address": entry.address,
        "action": entry.action,
        "subject": {"kind": entry.subject_kind, "id": entry.subject},
        "before": _state(entry.before),
        "after": _state(entry.after),
        "reason": entry.why,
    }


def _state(stored: str) -> Any:
    """A state as its word, changed settings as an object."""
    return json.loads(stored) if stored.startswith("{") else stored


def _cells(row: Row) -> list[str | tuple[str, str]]:
    actor, subject = row["actor"], row["subject"]
    return [
        str(row["entry"]),
        f"{row['at']:%Y-%m-%d %H:%M:%S}",
        row["wall"] or "",
        " ".join(filter(None, (actor["kind"], actor["name"]))),
        row["address"],
        row["action"].replace("_", " "),
        " ".join(filter(None, (subject["kind"], subject["id"]))),
        _words(row["before"]),
        _words(row["after"]),
        row["reason"],
    ]


def _words(state: Any) -> str:
    if not isinstance(state, dict):
        return str(state)
    return ", ".join(f"{name.replace('_', ' ')}: {_value(value)}" for name, value in state.items())


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return _words(value) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value in (None, "") else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
