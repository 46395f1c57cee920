"""`hide`, `approve` and `withdraw`: an organiser's decisions, from a terminal, about posts or about an author."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Annotated, Any

import typer

from aggregator.audit.actor import Actor
from aggregator.items.lookup import DecisionError, Match, find_item
from aggregator.items.tables import State
from aggregator.moderation import decisions
from aggregator.moderation.author_decisions import AuthorDecision, approve_author, hide_author
from aggregator.store.store import Session, Store
from aggregator.walls.tables import Wall
from aggregator.walls.walls import find_wall
from web.cli.actor import command_line
from web.cli.output import JsonFlag, counted, print_error, print_line, show_json
from web.cli.run import AnyWall, Yes, insist, run

Keys = Annotated[
    list[str],
    typer.Argument(metavar="KEY", help="Each post's short id, its address, or the network's own key for it."),
]
SomeKeys = Annotated[
    list[str] | None,
    typer.Argument(metavar="KEY", help="Each post's short id, its address, or the network's own key for it."),
]
Why = Annotated[str, typer.Option(help="The reason, kept with the decision.")]
Decide = Callable[[Session, Wall, str, Actor, str], Awaitable[bool]]
DecideAuthor = Callable[[Store, str, str | None, Actor, str], Awaitable[list[AuthorDecision]]]
Outcome = tuple[Match, bool] | DecisionError
"""The item and whether anything changed, or why nothing could be decided."""


def install(app: typer.Typer) -> None:
    app.command()(hide)
    app.command()(approve)
    app.command()(withdraw)


def hide(
    keys: SomeKeys = None,
    *,
    author: Annotated[
        str, typer.Option(metavar="HANDLE", help="Hide all that this author says, what is still to come included.")
    ] = "",
    wall: AnyWall = None,
    why: Why = "",
    as_json: JsonFlag = False,
) -> None:
    """Take posts off the wall. Every open page drops them within a moment.

    Examples:

    - `backchannel hide https://mastodon.example/@ada/112 --why "spam"`

    - `backchannel hide --author @spam@mastodon.example`
    """
    if _is_about_author(keys, author):
        _decide_author(hide_author, author, wall, why, State.HIDDEN, as_json=as_json)
    else:
        _decide(decisions.hide, keys or [], wall, why, State.HIDDEN, as_json=as_json)


def approve(
    keys: SomeKeys = None,
    *,
    author: Annotated[
        str, typer.Option(metavar="HANDLE", help="Hide this author no longer; what was hidden by hand stays hidden.")
    ] = "",
    wall: AnyWall = None,
    why: Why = "",
    as_json: JsonFlag = False,
) -> None:
    """Put held or hidden posts on the wall.

    `backchannel held` lists those that wait, with their keys.

    Examples:

    - `backchannel approve begyuvzruinpdg75 --wall harbour26`

    - `backchannel approve --author @ada@mastodon.example`
    """
    if _is_about_author(keys, author):
        _decide_author(approve_author, author, wall, why, State.LIVE, as_json=as_json)
    else:
        _decide(decisions.approve, keys or [], wall, why, State.LIVE, as_json=as_json)


def withdraw(keys: Keys, *, wall: AnyWall = None, why: Why = "", yes: Yes = False, as_json: JsonFlag = False) -> None:
    """Forget posts for good, on every wall, as if deleted at their origin.

    Nothing brings them back, and it asks first.

    Examples:

    - `backchannel withdraw https://pier.example/@ada/112 --why "asked to"`
    """
    if not yes:
        number = run(lambda store: _count(store, keys, wall))
        these, them = ("this post", "it") if number == 1 else (f"these {number} posts", "them")
        question = f"Nothing brings {them} back. Forget {these} for good, on every wall?"
        if number:  # else there is nothing to ask about
            insist(question, "Nothing was withdrawn.", aside=as_json)
    _decide(decisions.withdraw, keys, wall, why, State.WITHDRAWN, as_json=as_json)


def _is_about_author(keys: list[str] | None, author: str) -> bool:
    if bool(keys) == bool(author):
        raise typer.BadParameter("Give the keys of posts, or one author with --author.")
    return bool(author)


def _decide_author(
    decide: DecideAuthor, author: str, slug: str | None, why: str, state: State, *, as_json: bool
) -> None:
    decided = run(lambda store: decide(store, author, slug, command_line(), why))
    if as_json:
        show_json([{"author": author, "wall": wall.slug, "posts": posts, "state": state} for wall, posts in decided])
        return
    for wall, posts in decided:
        number = counted(posts, "post")
        if state == State.HIDDEN:
            print_line(f"{number} of {author} hidden on “{wall.slug}”; those to come will be hidden, too.")
        else:
            print_line(
                f"{number} of {author} no longer hidden on “{wall.slug}”; those to come are shown as any other's."
            )


def _decide(decide: Decide, keys: list[str], slug: str | None, why: str, state: State, *, as_json: bool) -> None:
    """Each key on its own: one that cannot be decided holds up no other, and makes the exit code 1."""
    decided = run(lambda store: _each(store, decide, keys, slug, why))
    if as_json:
        show_json([_row(key, outcome, state) for key, outcome in decided])
    for outcome in [] if as_json else [outcome for _, outcome in decided]:
        if isinstance(outcome, DecisionError):
            print_error(str(outcome))
        else:
            found, changed = outcome
            print_line(f"{found.post_id} on “{found.wall.slug}” is {state}{'' if changed else ' already'}.")
    if any(isinstance(outcome, DecisionError) for _, outcome in decided):
        raise typer.Exit(1)


async def _count(store: Store, keys: list[str], slug: str | None) -> int:
    """How many posts answer to these keys."""
    known: set[str] = set()
    async with store.read() as db:
        wall = await find_wall(db, slug) if slug else None
        for key in dict.fromkeys(keys):
            with suppress(DecisionError):
                known.add((await find_item(db, key, wall)).post_id)
    return len(known)


async def _each(store: Store, decide: Decide, keys: list[str], slug: str | None, why: str) -> list[tuple[str, Outcome]]:
    decided: list[tuple[str, Outcome]] = []
    for key in dict.fromkeys(keys):
        try:
            decided.append((key, await settle(store, decide, key, slug, why)))
        except DecisionError as refusal:
            decided.append((key, refusal))
    return decided


def _row(key: str, outcome: Outcome, state: State) -> dict[str, Any]:
    if isinstance(outcome, DecisionError):
        return {"asked": key, "changed": False, "trouble": str(outcome)}
    found, changed = outcome
    return {
        "asked": key,
        "wall": found.wall.slug,
        "id": found.post_id,
        "state": state,
        "changed": changed,
        "trouble": "",
    }


async def settle(store: Store, decide: Decide, key: str, slug: str | None, why: str) -> tuple[Match, bool]:
    """The item, and whether anything changed. Looking for an address takes its time: nobody's writing waits for it."""
    async with store.read() as db:
        wall = await find_wall(db, slug) if slug else None
        found = await find_item(db, key, wall)
    async with store.write() as db:
        return found, await decide(db, found.wall, found.post_id, command_line(), why)
