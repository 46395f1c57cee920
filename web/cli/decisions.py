"""`hide`, `approve` and `withdraw`: an organiser's decisions, from a terminal."""

from __future__ import annotations

import getpass
from collections.abc import Awaitable, Callable
from typing import Annotated

import typer
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.moderation import decisions
from aggregator.moderation.finding import Found, find_item
from aggregator.store import Store
from aggregator.walls.tables import Wall
from aggregator.walls.verbs import find_wall
from web.cli.command import AnyWall, JsonFlag, perform, say, show_json

Key = Annotated[
    str, typer.Argument(metavar="KEY", help="The post's short id, its address, or the network's own key for it.")
]
Why = Annotated[str, typer.Option(help="The reason, kept with the decision.")]
Decide = Callable[[AsyncSession, Wall, str, str, str], Awaitable[bool]]


def install(app: typer.Typer) -> None:
    app.command()(hide)
    app.command()(approve)
    app.command()(withdraw)


def hide(key: Key, *, wall: AnyWall = None, why: Why = "", as_json: JsonFlag = False) -> None:
    """Take a post off the wall. Every open page drops it within a moment.

    Example: `backchannel hide https://mastodon.example/@ada/112 --why "spam"`
    """
    _decide(decisions.hide, key, wall, why, "hidden", as_json=as_json)


def approve(key: Key, *, wall: AnyWall = None, why: Why = "", as_json: JsonFlag = False) -> None:
    """Put a held or hidden post on the wall."""
    _decide(decisions.approve, key, wall, why, "live", as_json=as_json)


def withdraw(key: Key, *, wall: AnyWall = None, why: Why = "", as_json: JsonFlag = False) -> None:
    """Forget a post for good, on every wall, as if it were deleted at its origin. Nothing brings it back.

    Example: `backchannel withdraw https://mastodon.example/@ada/112 --why "asked by its author"`
    """
    _decide(decisions.withdraw, key, wall, why, "withdrawn", as_json=as_json)


def _decide(decide: Decide, key: str, slug: str | None, why: str, state: str, *, as_json: bool) -> None:
    found, changed = perform(lambda store: settle(store, decide, key, slug, why))
    if as_json:
        show_json({"wall": found.wall.slug, "id": found.post_id, "state": state, "changed": changed})
    else:
        say(f"{found.post_id} on “{found.wall.slug}” is {state}{'' if changed else ' already'}.")


async def settle(store: Store, decide: Decide, key: str, slug: str | None, why: str) -> tuple[Found, bool]:
    """The item, and whether anything changed. Looking for an address takes its time: nobody's writing waits for it."""
    async with store.read() as session:
        wall = await find_wall(session, slug) if slug else None
        found = await find_item(session, key, wall)
    async with store.write() as session:
        return found, await decide(session, found.wall, found.post_id, f"cli:{_who()}", why)


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user often has no name
        return "unknown"
