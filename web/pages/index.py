"""`GET /`: the list of this server's listed walls, for visitors without an address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from itertools import pairwise
from string import digits

import msgspec
from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from aggregator.runtime import Runtime
from aggregator.single_flight import SingleFlight
from aggregator.timestamps import from_micros, now
from aggregator.walls.walls import Listed, list_listed, list_walls
from web.pages.about_wall import AboutWall
from web.pages.build import Build
from web.pages.document import plain_document
from web.pages.notices import MARK, STYLE
from web.pages.operator import operator_links

CACHED = "public, max-age=5"
UNBROKEN = 12
"""Letters of a hashtag that never breaks: people copy it letter by letter."""
STEPS = ((timedelta(days=1), "day"), (timedelta(hours=1), "hour"), (timedelta(minutes=1), "minute"))

LEAD = "Live walls of conferences: what people post about each, on Mastodon and in web feeds"
STEPS_TO_A_WALL = """\
<ol class="steps">
<li><p>Try a demo first: an invented conference, played on a wall of its own.</p>
<pre><code>backchannel rehearse</code></pre></li>
<li><p>Create a wall for your conference.</p>
<pre><code>backchannel wall create hall --name "The hall" --hashtag '#yourtag'</code></pre></li>
<li><p>Follow the hashtag, on as many servers as you like.</p>
<pre><code>backchannel follow '#yourtag' --on mastodon.example --wall hall</code></pre></li>
</ol>
<p class="after">Run these commands on the server, then reload this page. Changes show within two seconds.</p>"""
NO_WALLS = f"""\
<section class="none">
<h2>There are no walls on this server yet. Here is how to create one.</h2>
{STEPS_TO_A_WALL}
</section>"""
NONE_LISTED = '<p class="none">No walls are listed here. Open the address that you were given.</p>'
FOOTER = {"contact": "Contact", "imprint": "Imprint", "privacy": "Privacy", "desk": "Desk"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One wall in the list: the hashtag to post with, if it follows one, and the timestamp of its newest post."""

    slug: str
    name: str
    hashtag: str
    accent: str
    highlight: str
    heard_at: datetime | None


def router(runtime: Runtime, build: Build | None) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    async def make() -> str:
        async with runtime.store.read() as db:
            entries = [_entry(listed) for listed in await list_listed(db)]
            empty = not entries and not await list_walls(db)
        name = runtime.settings.site_name
        body = draw(entries, now(), name=name, links=operator_links(runtime.settings), empty=empty)
        return plain_document(name, body, STYLE, build)

    pages: SingleFlight[None, str] = SingleFlight(1, max_age=0.0)

    @routes.api_route("/", methods=["GET", "HEAD"])
    async def index() -> Response:
        return HTMLResponse(await pages.get(None, make), headers={"Cache-Control": CACHED})

    return routes


def _entry(listed: Listed) -> Entry:
    wall, at, body = listed
    about = msgspec.json.decode(body, type=AboutWall) if body else AboutWall()
    accent, highlight = (str(wall.look.get(name, "")) for name in ("accent", "highlight"))
    return Entry(wall.slug, wall.name, about.call, accent, highlight, from_micros(at) if at else None)


def draw(entries: Sequence[Entry], moment: datetime, *, name: str, links: Mapping[str, str], empty: bool) -> str:
    """The page's body. `empty` says that this server has no wall at all: the visitor is then its operator."""
    items = "\n".join(_item(entry, moment) for entry in entries)
    listed = f'<ul class="walls">\n{items}\n</ul>' if entries else NO_WALLS if empty else NONE_LISTED
    ways = {**links, "desk": "/desk"}
    more = "".join(f'<a href="{escape(ways[key])}">{words}</a>\n' for key, words in FOOTER.items() if key in ways)
    return (
        f'<main>\n<header><h1>{escape(name)}</h1>\n<p class="lead">{LEAD}</p></header>\n{listed}\n</main>\n'
        f"<footer>{MARK}\n{more}</footer>"
    )


def _item(entry: Entry, moment: datetime) -> str:
    """One wall: a link over the whole card, and a second one that opens it on a big screen."""
    slug, name = escape(entry.slug), escape(entry.name)
    tag = f'<span class="tag" dir="auto">{_breakable(entry.hashtag.removeprefix("#"))}</span>' if entry.hashtag else ""
    return (
        f'<li><a href="/w/{slug}"{_colours(entry)}><span class="name">{name}</span>{tag}'
        f'<span class="heard">{_heard(entry.heard_at, moment)}</span></a>'
        f'<a class="screen" href="/w/{slug}?screen" aria-label="{name}: open on a big screen">Open on a big screen</a>'
        "</li>"
    )


def _breakable(hashtag: str) -> str:
    """The hashtag as markup; a long one breaks between its words, as on the wall page (web/ui/lib/letters.ts)."""
    words = words_of(hashtag) if len(hashtag) > UNBROKEN else [hashtag]
    return "#" + "<wbr>".join(map(escape, words))


def words_of(hashtag: str) -> list[str]:
    """A hashtag split before each capital or number that follows something else."""
    words = [hashtag[:1]]
    for before, letter in pairwise(hashtag):
        if (letter.isupper() and not before.isupper()) or (letter in digits and before not in digits):
            words.append("")
        words[-1] += letter
    return words


def _colours(entry: Entry) -> str:
    colours = {"--wall-accent": entry.accent, "--wall-highlight": entry.highlight}
    style = "; ".join(f"{name}: {escape(colour)}" for name, colour in colours.items() if colour)
    return f' style="{style}"' if style else ""


def _heard(heard_at: datetime | None, moment: datetime) -> str:
    if heard_at is None:
        return "No posts yet"
    return f'Newest post <time datetime="{heard_at.isoformat()}">{ago(moment - heard_at)}</time>'


def ago(age: timedelta) -> str:
    """`just now`, `1 minute ago`, `3 days ago`: the largest unit that fits, rounded down."""
    for step, unit in STEPS:
        if (count := age // step) >= 1:
            return f"{count} {unit}{'' if count == 1 else 's'} ago"
    return "just now"
