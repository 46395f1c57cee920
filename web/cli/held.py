"""`held`: the posts that wait for approval, with the keys that `approve` and `hide` take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.text import Text

from aggregator.moderation.waiting import Waiting, count_waiting, list_waiting
from aggregator.store import Store
from aggregator.walls.verbs import find_wall
from connectors._base import Post
from connectors._html import plain
from web.cli.command import AnyWall, JsonFlag, ago, console, harmless, perform, say, show_json

SHOWN = 20
"""Posts on a screen, unless asked for more; a script gets them all."""
MOST = 1_000_000
LONGEST = 240
"""Characters of a post's words: enough to decide by, and hundreds of posts stay readable."""
INDENT = 4


def install(app: typer.Typer) -> None:
    app.command()(held)


def held(
    *,
    wall: AnyWall = None,
    limit: Annotated[
        int | None,
        typer.Option(
            "--limit", "-n", min=1, max=MOST, show_default=False, help=f"At most so many (on a screen {SHOWN})."
        ),
    ] = None,
    keys: Annotated[bool, typer.Option("--keys", help="Print the keys alone, one a line, for `xargs`.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """List the posts that wait for approval, the newest first.

    Then `backchannel approve KEY…` puts them on the wall and `backchannel hide KEY…` keeps them off.

    Example, to let in all that waits: `backchannel held --wall harbour26 --keys | xargs backchannel approve --wall
    harbour26`
    """
    most = limit if limit or keys or as_json else SHOWN

    async def work(store: Store) -> tuple[Sequence[Waiting], int]:
        async with store.read() as session:
            only = await find_wall(session, wall) if wall else None
            return await list_waiting(session, only, most), await count_waiting(session, only)

    waiting, number = perform(work)
    if as_json:
        show_json([_row(each) for each in waiting])
    elif keys:
        for each in waiting:
            say(each.post_id)
    else:
        _show(waiting, number, one_wall=wall is not None)


def _show(waiting: Sequence[Waiting], number: int, *, one_wall: bool) -> None:
    if not waiting:
        say("No posts wait for approval.")
        return
    for each in waiting:
        place = "" if one_wall else f"  {each.slug}"
        author = each.post.author
        say((each.post_id, "bold"), f"  {ago(each.since)}{place}  {author.name}  {author.handle}  {each.post.network}")
        _say_indented(words(each.post))
    _say_why(waiting)
    if number > len(waiting):
        say(f"These are the newest {len(waiting)} of {number} that wait; for more: ", (f"--limit {number}", "bold"))
    say("Put them on the wall: ", ("backchannel approve KEY…", "bold"))
    say("Keep them off: ", ("backchannel hide KEY…", "bold"))


def _say_indented(text: str) -> None:
    screen = console()
    for line in Text(harmless(text)).wrap(screen, screen.width - INDENT):
        say(" " * INDENT, line.plain.rstrip())


def _say_why(waiting: Sequence[Waiting]) -> None:
    """On a wall they mostly wait for the one same reason, which is said once."""
    for why in sorted({each.why for each in waiting if each.why}):
        say(f"Why they wait: {why}.")


def _row(each: Waiting) -> dict[str, Any]:
    author = each.post.author
    return {
        "wall": each.slug,
        "id": each.post_id,
        "since": each.since,
        "why": each.why,
        "network": each.post.network,
        "url": each.post.url,
        "author": {"name": author.name, "handle": author.handle},
        "words": words(each.post),
    }


def words(post: Post) -> str:
    """What the decision is about, on one line: the content warning and what it covers, and each picture's own words."""
    warning = f"[{post.warning}]" if post.warning else ""
    pictures = (f"[{medium.kind}: {medium.alt}]" if medium.alt else f"[{medium.kind}]" for medium in post.media)
    whole = " ".join(" ".join((warning, post.title, plain(post.html), *pictures)).split())
    return whole if len(whole) <= LONGEST else f"{whole[: LONGEST - 1].rstrip()}…"
