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
from aggregator.moderation.decisions import Decide, find_and_decide
from aggregator.store.store import Store
from aggregator.walls.walls import find_wall
from web.cli.actor import command_line
from web.cli.output import JsonFlag, counted, print_error, print_line, show_json
from web.cli.run import AnyWall, Yes, insist, run

Keys = Annotated[
    list[str],
    typer.Argument(metavar="KEY", help="A post's short id, its URL, or the network's own id."),
]
SomeKeys = Annotated[
    list[str] | None,
    typer.Argument(metavar="KEY", help="A post's short id, its URL, or the network's own id."),
]
Reason = Annotated[str, typer.Option("--reason", help="The reason, stored with the decision.")]
DecideAuthor = Callable[[Store, str, str | None, Actor, str], Awaitable[list[AuthorDecision]]]
Outcome = tuple[Match, int | None] | DecisionError
"""The item and the decision's entry in the audit trail (None if nothing changed), or the error."""


def install(app: typer.Typer) -> None:
    app.command()(hide)
    app.command()(approve)
    app.command()(withdraw)


def hide(
    keys: SomeKeys = None,
    *,
    author: Annotated[
        str, typer.Option(metavar="HANDLE", help="Hide all posts of this author, future ones included.")
    ] = "",
    wall: AnyWall = None,
    why: Reason = "",
    as_json: JsonFlag = False,
) -> None:
    """Take posts off the wall. Open pages drop them within seconds.

    For example:

    `backchannel hide https://mastodon.example/@ada/112 --reason "spam"`

    `backchannel hide --author @spam@mastodon.example`
    """
    if _is_about_author(keys, author):
        _decide_author(hide_author, author, wall, why, State.HIDDEN, as_json=as_json)
    else:
        _decide(decisions.hide, keys or [], wall, why, State.HIDDEN, as_json=as_json)


def approve(
    keys: SomeKeys = None,
    *,
    author: Annotated[
        str, typer.Option(metavar="HANDLE", help="Stop hiding this author; posts hidden by hand stay hidden.")
    ] = "",
    wall: AnyWall = None,
    why: Reason = "",
    as_json: JsonFlag = False,
) -> None:
    """Put held or hidden posts on the wall.

    `backchannel held` lists the posts awaiting approval, with their keys.

    For example:

    `backchannel approve begyuvzruinpdg75 --wall harbour26`

    `backchannel approve --author @ada@mastodon.example`
    """
    if _is_about_author(keys, author):
        _decide_author(approve_author, author, wall, why, State.LIVE, as_json=as_json)
    else:
        _decide(decisions.approve, keys or [], wall, why, State.LIVE, as_json=as_json)


def withdraw(
    keys: Keys, *, wall: AnyWall = None, why: Reason = "", yes: Yes = False, as_json: JsonFlag = False
) -> None:
    """Delete posts permanently, on every wall.

    They go as if deleted at their origin. This can't be undone; it asks first.

    For example:

    `backchannel withdraw https://pier.example/@ada/112 --reason "asked to"`
    """
    if not yes:
        number = run(lambda store: _count(store, keys, wall))
        these = "this post" if number == 1 else f"these {number} posts"
        question = f"Delete {these} permanently, on every wall? This can't be undone."
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
        rows = [{"author": author, "wall": wall.slug, "posts": posts, "entry": entry} for wall, posts, entry in decided]
        show_json([row | {"state": state} for row in rows])
        return
    for wall, posts, _ in decided:
        number = counted(posts, "post")
        if state == State.HIDDEN:
            print_line(f"{number} of {author} hidden on “{wall.slug}”; future posts will be hidden, too.")
        else:
            print_line(f"{number} of {author} no longer hidden on “{wall.slug}”; future posts will be shown.")


def _decide(decide: Decide, keys: list[str], slug: str | None, why: str, state: State, *, as_json: bool) -> None:
    """Decide each key on its own. A failure doesn't stop the others; the exit code is then 1."""
    decided = run(lambda store: _each(store, decide, keys, slug, why))
    if as_json:
        show_json([_row(key, outcome, state) for key, outcome in decided])
    for outcome in [] if as_json else [outcome for _, outcome in decided]:
        if isinstance(outcome, DecisionError):
            print_error(str(outcome))
        else:
            found, entry = outcome
            print_line(f"{found.post_id} on “{found.wall.slug}” is {state}{' already' if entry is None else ''}.")
    if any(isinstance(outcome, DecisionError) for _, outcome in decided):
        raise typer.Exit(1)


async def _count(store: Store, keys: list[str], slug: str | None) -> int:
    """The number of posts that these keys name."""
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
            decided.append((key, await find_and_decide(store, decide, key, slug=slug, by=command_line(), why=why)))
        except DecisionError as refusal:
            decided.append((key, refusal))
    return decided


def _row(key: str, outcome: Outcome, state: State) -> dict[str, Any]:
    if isinstance(outcome, DecisionError):
        return {"asked": key, "changed": False, "trouble": str(outcome)}
    found, entry = outcome
    return {
        "asked": key,
        "wall": found.wall.slug,
        "id": found.post_id,
        "state": state,
        "changed": entry is not None,
        "entry": entry,
        "trouble": "",
    }
