"""`wall create`, `wall show`, `wall set`, `wall rename`, `wall mode`, `wall renew`, `wall remove`."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any

import typer

from aggregator.channel.publish import renew_channels
from aggregator.items.tables import State
from aggregator.media.blob_store import BlobStore
from aggregator.media.cleanup import delete_unused
from aggregator.retention.walls import remove_wall
from aggregator.settings import read_settings
from aggregator.store.store import Store
from aggregator.timestamps import own_zone
from aggregator.walls.tables import Mode
from aggregator.walls.walls import change_wall, create_wall, find_wall
from web.cli.actor import command_line
from web.cli.output import JsonFlag, counted, print_line, show_json, show_table
from web.cli.run import Yes, fail, insist, run
from web.cli.walls import Row, look_at, shown, wall_row

Slug = Annotated[str, typer.Argument(metavar="SLUG", help="The wall's short name, as in its address /w/SLUG.")]

BEGINS = "What was said before stays off the wall, such as an old blog's posts: 2026-06-09, or with a time."
SINCE_THEN = "It counts for posts that come from now on: another date, or none, brings nothing back that it has hidden."

wall = typer.Typer(
    name="wall",
    help="Make a wall, look at it, change it, remove it.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)


def install(app: typer.Typer) -> None:
    app.add_typer(wall)


@wall.command()
def create(
    slug: Slug,
    *,
    name: Annotated[str, typer.Option(help="The conference's name, as people know it.")],
    hashtag: Annotated[str, typer.Option(help="Shown in large type; following it is another step.")] = "",
    time_zone: Annotated[str, typer.Option(help="Where the conference is, such as Europe/London.")] = "",
    mode: Annotated[Mode, typer.Option(help="open: posts are live at once; approve: held until approved.")] = Mode.OPEN,
    accent: Annotated[str, typer.Option(metavar="#RRGGBB", help="The conference's first colour.")] = "",
    highlight: Annotated[str, typer.Option(metavar="#RRGGBB", help="The conference's second colour.")] = "",
    begins: Annotated[str, typer.Option(metavar="DATE", help=BEGINS)] = "",
    unlisted: Annotated[bool, typer.Option("--unlisted", help="Keep it off the front page.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Make a wall. Its clock is this machine's, unless --time-zone says another.

    Examples:

    - `backchannel wall create hall --name "Harbour 26" --hashtag "#harbour26"`
    """
    look = {key: colour for key, colour in (("accent", accent), ("highlight", highlight)) if colour}

    async def work(store: Store) -> Row:
        async with store.write() as db:
            given: Row = {"hashtag": hashtag, "mode": mode, "look": look, "begins": begins, "listed": not unlisted}
            made = await create_wall(db, slug, name, time_zone=time_zone or own_zone(), by=command_line(), **given)
            return wall_row(made, Counter(), 0)

    row = run(work, makes=True)
    if as_json:
        show_json(row)
        return
    print_line(f"The wall “{row['name']}” is at /w/{slug}{'' if row['listed'] else ', and on no list'}.")
    print_line(f"Its clock: {row['time_zone']}.")
    tag = row["hashtag"] or "hashtag"
    print_line("Next: ", (f"backchannel follow '#{tag}' --on mastodon.social --wall {slug}", "bold"))


@wall.command()
def show(slug: Slug, *, as_json: JsonFlag = False) -> None:
    """Show all that is set for a wall, with its figures."""

    row = run(lambda store: look_at(store, slug))
    if as_json:
        show_json(row)
        return
    whole = row | row.pop("look") | {"hidden_authors": ", ".join(row["hidden_authors"])}
    rows = [[name.replace("_", " "), shown(name, value)] for name, value in whole.items() if value not in ("", None)]
    show_table(["", ""], rows)


@wall.command(name="set")
def change(
    slug: Slug,
    *,
    name: Annotated[str | None, typer.Option(help="The conference's name, as people know it.")] = None,
    hashtag: Annotated[str | None, typer.Option(help="Shown in large type; following it is another step.")] = None,
    time_zone: Annotated[str | None, typer.Option(help="Where the conference is, such as Europe/London.")] = None,
    mode: Annotated[Mode | None, typer.Option(help="open: posts are live at once; approve: held first.")] = None,
    accent: Annotated[str | None, typer.Option(metavar="#RRGGBB", help="The conference's first colour.")] = None,
    highlight: Annotated[str | None, typer.Option(metavar="#RRGGBB", help="The conference's second colour.")] = None,
    begins: Annotated[str | None, typer.Option(metavar="DATE", help=f"{BEGINS} {SINCE_THEN}")] = None,
    listed: Annotated[bool | None, typer.Option("--listed/--unlisted", help="Whether the front page lists it.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Change a wall. Open pages show it within a moment; the address /w/SLUG stays.

    Only what is given changes; an empty hashtag, colour or date is removed.

    Examples:

    - `backchannel wall set hall --hashtag "#harbour26" --accent "#1f6feb"`
    """
    look = {key: colour for key, colour in (("accent", accent), ("highlight", highlight)) if colour is not None}
    given: Row = {"name": name, "hashtag": hashtag, "time_zone": time_zone, "mode": mode, "look": look or None}
    given |= {"begins": begins, "listed": listed}
    if all(value is None for value in given.values()):
        options = "--name, --hashtag, --time-zone, --mode, --accent, --highlight, --begins, --listed or --unlisted"
        fail(f"Say what to change: {options}.")
    before = run(lambda store: look_at(store, slug))
    row = run(lambda store: _change(store, slug, **given))
    if as_json:
        show_json(row)
    else:
        _tell_changes(slug, before | before.pop("look"), row | row.pop("look"))
        if hashtag == "":
            print_line("Nobody is told any more what to post with: this wall has no hashtag.")
        elif hashtag:
            print_line("Which hashtag it follows is another matter: ", (f"backchannel sources --wall {slug}", "bold"))


@wall.command()
def rename(
    slug: Slug,
    *,
    name: Annotated[str, typer.Option(help="The new name, as people know it.")],
    as_json: JsonFlag = False,
) -> None:
    """Give a wall another name. Open pages show it within a moment; the address /w/SLUG stays.

    Examples:

    - `backchannel wall rename harbour26 --name "Harbour 26, day two"`
    """
    row = run(lambda store: _change(store, slug, name=name))
    if as_json:
        show_json(row)
    else:
        print_line(f"The wall at /w/{slug} is now called “{row['name']}”.")


@wall.command()
def mode(
    slug: Slug,
    becomes: Annotated[Mode, typer.Argument(metavar="MODE", help="open or approve.")],
    *,
    as_json: JsonFlag = False,
) -> None:
    """Choose whether new posts are live at once (open) or held until somebody approves them (approve).

    What is live or held already stays as it is.
    """
    row = run(lambda store: _change(store, slug, mode=becomes))
    if as_json:
        show_json(row)
        return
    waiting = row["held"]
    how = "live at once" if becomes == Mode.OPEN else "held first"
    print_line(f"From now on, new posts on “{slug}” are ", (how, "bold"), ".")
    if waiting or becomes == Mode.APPROVE:
        print_line(f"{counted(waiting, 'post')} {'waits' if waiting == 1 else 'wait'} now; see them: ", _held(slug))


@wall.command()
def renew(slug: Slug, *, as_json: JsonFlag = False) -> None:
    """Have every open page drop what it shows and begin again with what is in the store.

    Backchannel does so by itself where its database is a restored backup. Do it by hand where rows were put back into
    the same database, or a whole machine was set back to an earlier day.
    """

    async def work(store: Store) -> Row:
        async with store.write() as db:
            found = await find_wall(db, slug)
            await renew_channels(db, [found.channel, found.desk])
        return await look_at(store, slug)

    row = run(work)
    if as_json:
        show_json(row)
    else:
        print_line(f"Every page of “{slug}” begins again.")


@wall.command()
def remove(slug: Slug, *, yes: Yes = False, as_json: JsonFlag = False) -> None:
    """Remove a wall for good, with its sources and its posts. Its open pages are told that it is gone.

    Posts that another wall has as well stay there. Nothing brings a removed wall back but a backup.
    """
    row = run(lambda store: look_at(store, slug))
    posts = sum(row[state] for state in (State.LIVE, State.HELD, State.HIDDEN))
    what = f"the wall “{row['name']}” (/w/{slug}) with {counted(row['sources'], 'source')} and {counted(posts, 'post')}"
    if not yes:
        insist(f"Remove {what}, for good?", "Nothing was removed.", aside=as_json)

    async def work(store: Store) -> None:
        async with store.write() as db:
            await remove_wall(db, await find_wall(db, slug), command_line())

    run(work)
    if as_json:
        show_json(row)
    else:
        print_line(f"Removed {what}.")
    # Told before anything can be wrong with its pictures: the wall is gone whatever comes of them.
    run(lambda store: delete_unused(store, BlobStore(read_settings().media_dir)))


def _tell_changes(slug: str, before: Row, after: Row) -> None:
    """One line for each thing that is now another: `hashtag: #harbour25 → #harbour26`."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name) and name not in list(State)]
    if not names:
        print_line(f"Nothing changed: the wall “{after['name']}” (/w/{slug}) was so before.")
        return
    print_line(f"Changed the wall “{after['name']}” (/w/{slug}):")
    for name in names:
        old, new = (shown(name, row.get(name) or "") or "none" for row in (before, after))
        print_line(f"  {name.replace('_', ' ')}: {old} → {new}")


def _held(slug: str) -> tuple[str, str]:
    return f"backchannel held --wall {slug}", "bold"


async def _change(store: Store, slug: str, **given: Any) -> Row:
    async with store.write() as db:
        await change_wall(db, await find_wall(db, slug), by=command_line(), **given)
    return await look_at(store, slug)
