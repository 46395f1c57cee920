"""`posts`: the posts on the walls, in any state, with the keys that `hide`, `approve` and `withdraw` take."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated, Any, NamedTuple

import msgspec
import typer
from rich.text import Text

from aggregator.items.listing import ItemFilter, ListedItem, count_items_of, list_items
from aggregator.items.tables import State
from aggregator.store.store import Store
from aggregator.walls.walls import find_wall
from connectors.contract import Post
from connectors.text.html import plain
from web.cli.labels import network_label
from web.cli.output import JsonFlag, ago, console, print_line, strip_control
from web.cli.run import AnyWall, run

DEFAULT_LIMIT = 20
"""Posts on a terminal; scripts get all of them."""
MAX_LIMIT = 1_000_000
MAX_WORDS = 240
"""Characters of a post's words: enough for a decision, in a list that stays readable."""
INDENT = 4
STYLES = {State.LIVE: "green", State.HELD: "yellow", State.HIDDEN: "red", State.WITHDRAWN: "dim"}

Limit = Annotated[
    int | None,
    typer.Option(
        "--limit",
        "-n",
        min=1,
        max=MAX_LIMIT,
        show_default=False,
        help=f"How many to list ({DEFAULT_LIMIT} on a terminal).",
    ),
]
Keys = Annotated[bool, typer.Option("--keys", help="Print only the keys, one per line, for `xargs`.")]


class Search(NamedTuple):
    """The filters of a list, and the message if nothing matches."""

    wall: str | None = None
    state: State | None = None
    author: str = ""
    words: str = ""
    nothing: str = "No posts."


def install(app: typer.Typer) -> None:
    app.command()(posts)


def posts(
    *,
    wall: AnyWall = None,
    state: Annotated[State | None, typer.Option(help="Only posts in this state.")] = None,
    author: Annotated[
        str, typer.Option(metavar="HANDLE", help="Only posts of this author: a handle, or part of one.")
    ] = "",
    search: Annotated[str, typer.Option(metavar="WORDS", help="Only posts with all of these words.")] = "",
    limit: Limit = None,
    keys: Keys = False,
    as_json: JsonFlag = False,
) -> None:
    """List the posts on the walls, newest first.

    Withdrawn posts are only listed with `--state withdrawn`: nothing but their key is kept.

    For example:

    `backchannel posts --wall harbour26 --search "low tide"`

    `backchannel posts --search "cheap pills" --keys | xargs backchannel hide`
    """
    nothing = "No such posts." if state or author or search else "There are no posts yet."
    list_posts(Search(wall, state, author, search, nothing), limit, keys=keys, json=as_json)


def list_posts(search: Search, limit: int | None, *, keys: bool, json: bool) -> bool:
    """Print the matching posts. Returns whether any were printed for a person."""
    for_script = keys or json

    async def work(store: Store) -> bool:
        async with store.read() as db:
            only = await find_wall(db, search.wall) if search.wall else None
            asked = ItemFilter(only, search.state, search.author, search.words)
            most = limit if limit or for_script else DEFAULT_LIMIT
            async with aclosing(list_items(db, asked, most if for_script else (most or 0) + 1)) as found:
                if for_script:
                    await (_print_json(found) if json else _print_keys(found))
                    return False
                shown = [each async for each in found]
            number = len(shown) if asked.reads else await count_items_of(db, asked)
        _show(search, shown[:most], number, exact=not asked.reads)
        return bool(shown)

    return run(work)


async def _print_keys(found: AsyncIterator[ListedItem]) -> None:
    async for each in found:
        print_line(each.post_id)


async def _print_json(found: AsyncIterator[ListedItem]) -> None:
    """Print one JSON list, post by post: a large wall doesn't fit into memory."""
    mark = "["
    async for each in found:
        typer.echo(mark + msgspec.json.encode(_row(each)).decode(), nl=False)
        mark = ","
    typer.echo("[]" if mark == "[" else "]")


def _show(search: Search, shown: list[ListedItem], number: int, *, exact: bool) -> None:
    if not shown:
        print_line(search.nothing)
    for each in shown:
        _show_one(each, search)
    if search.state == State.HELD:
        _print_reasons(shown)
    if number > len(shown):
        newest = f"These are the newest {len(shown)}"
        of = (
            f" of {number}{' awaiting approval' if search.state == State.HELD else ''}"
            if exact
            else ", and there are more"
        )
        more = number if exact else 2 * len(shown)
        print_line(f"{newest}{of}; for more: ", (f"--limit {more}", "bold"))


def _show_one(each: ListedItem, search: Search) -> None:
    """Print one post. A held post has the time of its arrival, any other its own."""
    moment = ago(each.since if each.state == State.HELD else each.at)
    parts: list[str | tuple[str, str]] = [(each.post_id, "bold"), f"  {moment}"]
    if search.state is None:
        parts += ["  ", (each.state, STYLES[each.state])]
    if search.wall is None:
        parts.append(f"  {each.slug}")
    if each.post is not None:
        parts.append(f"  {each.post.author.name}  {each.post.author.handle}  {network_label(each.post.network)}")
    print_line(*parts)
    if each.post is not None:
        _print_indented(words(each.post))
    if each.why and search.state != State.HELD:
        print_line(" " * INDENT, (f"{each.state}: {each.why}", "dim"))


def _print_indented(text: str) -> None:
    screen = console()
    for line in Text(strip_control(text)).wrap(screen, screen.width - INDENT):
        print_line(" " * INDENT, line.plain.rstrip())


def _print_reasons(held: list[ListedItem]) -> None:
    """Print each distinct reason once: on a wall they are mostly the same."""
    for why in sorted({each.why for each in held if each.why}):
        print_line(f"Reason: {why}.")


def _row(each: ListedItem) -> dict[str, Any]:
    post = each.post
    return {
        "wall": each.slug,
        "id": each.post_id,
        "state": each.state,
        "why": each.why,
        "at": each.at,
        "since": each.since,
        "network": post.network if post else "",
        "url": post.url if post else "",
        "author": {"name": post.author.name, "handle": post.author.handle} if post else None,
        "words": words(post) if post else "",
    }


def words(post: Post) -> str:
    """A post's words on a single line: content warning, title, text and the descriptions of its pictures."""
    warning = f"[{post.warning}]" if post.warning else ""
    pictures = (f"[{medium.kind}: {medium.alt}]" if medium.alt else f"[{medium.kind}]" for medium in post.media)
    whole = " ".join(" ".join((warning, post.title, plain(post.html), *pictures)).split())
    return whole if len(whole) <= MAX_WORDS else f"{whole[: MAX_WORDS - 1].rstrip()}…"
