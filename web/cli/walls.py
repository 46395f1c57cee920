"""`walls`, and a wall as a row, which `wall` uses too."""

from __future__ import annotations

from collections import Counter
from typing import Any

import typer

from aggregator.items.counts import count_items
from aggregator.items.tables import State
from aggregator.moderation.author_rules import hidden_handles
from aggregator.moderation.trust import trusted_handles
from aggregator.settings import Settings, read_settings
from aggregator.sources.lookup import list_sources
from aggregator.store.sql import stored_id
from aggregator.store.store import Store
from aggregator.walls.tables import Wall
from aggregator.walls.walls import find_wall, list_walls
from web.addresses import base_address
from web.cli.output import JsonFlag, print_line, show_json, show_table
from web.cli.run import location, run

Row = dict[str, Any]


def install(app: typer.Typer) -> None:
    app.command()(walls)


def walls(*, as_json: JsonFlag = False) -> None:
    """List the walls, with sources and posts by state."""

    async def work(store: Store) -> list[Row]:
        async with store.read() as db:
            counts, sources = await count_items(db), Counter(s.wall_id for s in await list_sources(db))
            return [wall_row(each, counts[stored_id(each)], sources[stored_id(each)]) for each in await list_walls(db)]

    rows = run(work)
    if as_json:
        show_json(rows)
    elif not rows:
        print_line(
            f"There are no walls in {location()} yet: create one with ",
            ("backchannel wall create SLUG --name NAME", "bold"),
            ".",
        )
    else:
        columns = ["slug", "name", "hashtag", "mode", "listed", "sources", "live", "held", "hidden"]
        show_table(columns, [[field_text(column, row[column]) for column in columns] for row in rows])


async def read_row(store: Store, slug: str) -> Row:
    """A wall's settings and figures. Raises WallError."""
    async with store.read() as db:
        found = await find_wall(db, slug)
        counts, sources = await count_items(db), await list_sources(db, found.id)
        row = wall_row(found, counts[stored_id(found)], len(sources))
        hidden, trusted = await hidden_handles(db, found), await trusted_handles(db, found)
        return row | {"hidden_authors": list(hidden), "trusted_authors": list(trusted)}


def wall_row(found: Wall, counts: Counter[State], sources: int) -> Row:
    """A wall as scripts get it."""
    settings = read_settings()
    return {
        "slug": found.slug,
        "url": f"{_known_address(settings)}/w/{found.slug}",
        "name": found.name,
        "hashtag": found.hashtag,
        "time_zone": found.time_zone,
        "mode": found.mode,
        "look": found.look,
        "begins_at": found.begins_at,
        "listed": found.listed,
        "rechecks_edits": found.rechecks_edits,
        "frozen_at": found.frozen_at,
        "sources": sources,
        **{state.value: counts[state] for state in State},
    }


def _known_address(settings: Settings) -> str:
    """The address of the server; empty if no setting says it: `serve --port` may have been given another."""
    if settings.public_url or settings.model_fields_set & {"host", "port"}:
        return base_address(settings, settings.host, settings.port)
    return ""


def field_text(name: str, value: object) -> str:
    """A field of a wall's row as text for people."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name == "logo" and isinstance(value, dict):
        return f"{value['width']} by {value['height']} pixels"
    return f"#{value}" if value and name == "hashtag" else str(value)
