"""`GET /`: the walls of this server, for whoever comes without an address. It shows what is public and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse
from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.channel.read import POST
from aggregator.channel.tables import Record
from aggregator.house import House
from aggregator.moment import from_micros, now
from aggregator.walls.tables import Wall
from web.pages.build import Build
from web.pages.document import plain_document
from web.pages.notices import STYLE

CACHED = "public, max-age=5"
STEPS = ((timedelta(days=1), "day"), (timedelta(hours=1), "hour"), (timedelta(minutes=1), "minute"))

MARK = """\
<p class="mark"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M4 3h10a3 3 0 0 1 3 3v4a3 3 0 0 1-3 3H9l-5 4z"/>\
<path d="M19 8a3 3 0 0 1 2 2.8V21l-4-3h-5a3 3 0 0 1-2.8-2H14a5 5 0 0 0 5-5z" opacity=".55"/></svg>Backchannel</p>"""
NO_WALLS = """\
<p>There is no wall on this server yet. Make one, and follow a hashtag:</p>
<pre><code>backchannel wall create hall --name "The hall"
backchannel follow '#socitm09' --on mastodon.example --wall hall</code></pre>"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One wall in the list; `heard_at` is the moment of its newest post."""

    slug: str
    name: str
    hashtag: str
    accent: str
    heard_at: datetime | None


def router(house: House, build: Build | None) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.get("/")
    async def index() -> Response:
        async with house.store.read() as session:
            entries = await list_entries(session)
        return HTMLResponse(
            plain_document("Backchannel", draw(entries, now()), STYLE, build), headers={"Cache-Control": CACHED}
        )

    return routes


async def list_entries(session: AsyncSession) -> list[Entry]:
    """The walls, the one with the newest post first. Each newest post is one step into an index."""
    newest = (
        select(func.max(Record.at))
        .where(Record.channel_id == col(Wall.slug) + "/wall", Record.kind == POST)
        .correlate(Wall)
        .scalar_subquery()
    )
    rows = await session.exec(select(Wall, newest).order_by(newest.desc().nulls_last(), col(Wall.name)))
    return [
        Entry(wall.slug, wall.name, wall.hashtag, str(wall.look.get("accent", "")), at and from_micros(at))
        for wall, at in rows
    ]


def draw(entries: Sequence[Entry], moment: datetime) -> str:
    """The page's body."""
    items = "\n".join(_item(entry, moment) for entry in entries)
    listed = f'<ul class="walls">\n{items}\n</ul>' if entries else NO_WALLS
    return f"<main>\n<header>{MARK}\n<h1>What is being said, while it is being said</h1></header>\n{listed}\n</main>"


def _item(entry: Entry, moment: datetime) -> str:
    tag = f'<span class="tag">#{escape(entry.hashtag.removeprefix("#"))}</span>' if entry.hashtag else ""
    accent = f' style="--wall-accent: {escape(entry.accent)}"' if entry.accent else ""
    return (
        f'<li><a href="/w/{escape(entry.slug)}"{accent}><span class="name">{escape(entry.name)}</span>{tag}'
        f'<span class="heard">{_heard(entry.heard_at, moment)}</span></a></li>'
    )


def _heard(heard_at: datetime | None, moment: datetime) -> str:
    if heard_at is None:
        return "Quiet so far"
    return f'Last heard <time datetime="{heard_at.isoformat()}">{ago(moment - heard_at)}</time>'


def ago(age: timedelta) -> str:
    """`just now`, `1 minute ago`, `3 days ago`: the largest unit that fits, rounded down."""
    for step, unit in STEPS:
        if (count := age // step) >= 1:
            return f"{count} {unit}{'' if count == 1 else 's'} ago"
    return "just now"
