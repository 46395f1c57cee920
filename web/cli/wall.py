"""`wall create`, `wall show`, `wall set`, `wall rename`, `wall mode`, `wall renew`, `wall remove`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
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
from web.cli.walls import Row, field_text, read_row, wall_row

Slug = Annotated[str, typer.Argument(metavar="SLUG", help="The wall's slug: the part after /w/.")]

BEGINS = "Keep earlier posts off the wall, such as an old blog's: 2026-06-09, or with a time."
MODES = "open: posts are live at once; trusted: only those of trusted authors; approve: held until approved."
LOGO = "A picture as PNG, JPEG or WebP, of 1 MB at most; wide ones look best."
RECHECK = "Whether a post that was approved by hand is held again once its author edits it."
SINCE_THEN = "Applies to posts that arrive from now on: changing it brings back no hidden posts."
HOW = {
    Mode.OPEN: "live at once",
    Mode.TRUSTED: "live at once if their authors are trusted, and held first if not",
    Mode.APPROVE: "held first",
}

wall = typer.Typer(
    name="wall",
    help="Create, show, change and remove walls.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)


def install(app: typer.Typer) -> None:
    app.add_typer(wall)


@wall.command()
def create(
    slug: Slug,
    *,
    name: Annotated[str, typer.Option(help="The conference's name.")],
    hashtag: Annotated[str, typer.Option(help="Shown in large type once it is followed.")] = "",
    time_zone: Annotated[str, typer.Option(help="The conference's time zone, such as Europe/London.")] = "",
    mode: Annotated[Mode, typer.Option(help=MODES)] = Mode.OPEN,
    accent: Annotated[str, typer.Option(metavar="#RRGGBB", help="The conference's first colour.")] = "",
    highlight: Annotated[str, typer.Option(metavar="#RRGGBB", help="The conference's second colour.")] = "",
    begins: Annotated[str, typer.Option(metavar="DATE", help=BEGINS)] = "",
    unlisted: Annotated[bool, typer.Option("--unlisted", help="Keep it off the front page.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Create a wall. Its time zone is this machine's unless --time-zone is given.

    For example:

    `backchannel wall create hall --name "Harbour 26" --hashtag "#harbour26"`
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
    print_line(f"The wall “{row['name']}” is at /w/{slug}{'' if row['listed'] else ', unlisted'}.")
    print_line(f"Time zone: {row['time_zone']}.")
    tag = row["hashtag"] or "hashtag"
    print_line("Next: ", (f"backchannel follow '#{tag}' --on mastodon.social --wall {slug}", "bold"))


@wall.command()
def show(slug: Slug, *, as_json: JsonFlag = False) -> None:
    """Show a wall's settings and figures."""
    row = run(lambda store: read_row(store, slug))
    if as_json:
        show_json(row)
        return
    authors = {name: ", ".join(row[name]) for name in ("hidden_authors", "trusted_authors")}
    whole = row | row.pop("look") | authors
    rows = [
        [name.replace("_", " "), field_text(name, value)] for name, value in whole.items() if value not in ("", None)
    ]
    show_table(["", ""], rows)


@wall.command(name="set")
def change(
    slug: Slug,
    *,
    name: Annotated[str | None, typer.Option(help="The conference's name.")] = None,
    hashtag: Annotated[str | None, typer.Option(help="Shown in large type once it is followed.")] = None,
    time_zone: Annotated[str | None, typer.Option(help="The conference's time zone, such as Europe/London.")] = None,
    mode: Annotated[Mode | None, typer.Option(help=MODES)] = None,
    accent: Annotated[str | None, typer.Option(metavar="#RRGGBB", help="The conference's first colour.")] = None,
    highlight: Annotated[str | None, typer.Option(metavar="#RRGGBB", help="The conference's second colour.")] = None,
    logo: Annotated[str | None, typer.Option(metavar="FILE", help=LOGO)] = None,
    begins: Annotated[str | None, typer.Option(metavar="DATE", help=f"{BEGINS} {SINCE_THEN}")] = None,
    listed: Annotated[bool | None, typer.Option("--listed/--unlisted", help="Whether the front page lists it.")] = None,
    recheck: Annotated[bool | None, typer.Option("--recheck-edits/--show-edits", help=RECHECK)] = None,
    as_json: JsonFlag = False,
) -> None:
    """Change a wall. Open pages show it within seconds; the address /w/SLUG stays.

    Only the given options change; an empty hashtag, colour, logo or date is removed.

    For example:

    `backchannel wall set hall --hashtag "#harbour26" --accent "#1f6feb"`
    """
    look = {key: colour for key, colour in (("accent", accent), ("highlight", highlight)) if colour is not None}
    given: Row = {"name": name, "hashtag": hashtag, "time_zone": time_zone, "mode": mode, "look": look or None}
    given |= {"begins": begins, "listed": listed, "recheck_edits": recheck}
    if logo is None and all(value is None for value in given.values()):
        options = "--name, --hashtag, --time-zone, --mode, --accent, --highlight, --logo, --begins, --listed or"
        fail(f"Nothing to change: give {options} --recheck-edits.")
    before = run(lambda store: read_row(store, slug))
    row = run(lambda store: _change(store, slug, logo=logo, **given))
    if as_json:
        show_json(row)
    else:
        _print_changes(slug, before | before.pop("look"), row | row.pop("look"))
        if hashtag == "":
            print_line("This wall has no hashtag now: pages no longer say what to post with.")
        elif hashtag:
            print_line(
                "The hashtags that it follows are set separately: ", (f"backchannel sources --wall {slug}", "bold")
            )


@wall.command()
def rename(
    slug: Slug,
    *,
    name: Annotated[str, typer.Option(help="The new name.")],
    as_json: JsonFlag = False,
) -> None:
    """Rename a wall. Open pages show it within seconds; the address /w/SLUG stays.

    For example:

    `backchannel wall rename harbour26 --name "Harbour 26, day two"`
    """
    row = run(lambda store: _change(store, slug, name=name))
    if as_json:
        show_json(row)
    else:
        print_line(f"The wall at /w/{slug} is now called “{row['name']}”.")


@wall.command()
def mode(
    slug: Slug,
    becomes: Annotated[Mode, typer.Argument(metavar="MODE", help="open, trusted or approve.")],
    *,
    as_json: JsonFlag = False,
) -> None:
    """Set whether new posts are live at once (open), only those of trusted authors are, or all are held until approved.

    Posts that are already live or held stay so.
    """
    row = run(lambda store: _change(store, slug, mode=becomes))
    if as_json:
        show_json(row)
        return
    held = row["held"]
    print_line(f"From now on, new posts on “{slug}” are ", (HOW[becomes], "bold"), ".")
    if held or becomes != Mode.OPEN:
        print_line(f"{counted(held, 'post')} awaiting approval; list them: ", _held(slug))


@wall.command()
def renew(slug: Slug, *, as_json: JsonFlag = False) -> None:
    """Make open pages drop their posts and reload from the database.

    Restored backups are renewed automatically. Run this yourself after putting rows back into the same database, or
    after reverting a whole machine to an earlier snapshot.
    """

    async def work(store: Store) -> Row:
        async with store.write() as db:
            found = await find_wall(db, slug)
            await renew_channels(db, [found.channel, found.desk])
        return await read_row(store, slug)

    row = run(work)
    if as_json:
        show_json(row)
    else:
        print_line(f"Open pages of “{slug}” reload.")


@wall.command()
def remove(slug: Slug, *, yes: Yes = False, as_json: JsonFlag = False) -> None:
    """Remove a wall permanently, with its sources and posts. Open pages are told.

    Posts that are also on another wall stay there. Only a backup brings a removed wall back.
    """
    row = run(lambda store: read_row(store, slug))
    posts = sum(row[state] for state in (State.LIVE, State.HELD, State.HIDDEN))
    what = f"the wall “{row['name']}” (/w/{slug}) with {counted(row['sources'], 'source')} and {counted(posts, 'post')}"
    if not yes:
        insist(f"Permanently remove {what}?", "Nothing was removed.", aside=as_json)

    async def work(store: Store) -> None:
        async with store.write() as db:
            await remove_wall(db, await find_wall(db, slug), command_line())

    run(work)
    if as_json:
        show_json(row)
    else:
        print_line(f"Removed {what}.")
    # Printed before the pictures are deleted: the wall is removed even if that fails.
    run(lambda store: delete_unused(store, BlobStore(read_settings().media_dir)))


def _print_changes(slug: str, before: Row, after: Row) -> None:
    """Print one line for each change: `hashtag: #harbour25 → #harbour26`."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name) and name not in list(State)]
    if not names:
        print_line(f"Nothing changed: the wall “{after['name']}” (/w/{slug}) already was like this.")
        return
    print_line(f"Changed the wall “{after['name']}” (/w/{slug}):")
    for name in names:
        old, new = (_text(name, row.get(name)) for row in (before, after))
        print_line(f"  {name.replace('_', ' ')}: {old} → {new}")


def _text(name: str, value: Any) -> str:
    return field_text(name, "" if value is None else value) or "none"


def _held(slug: str) -> tuple[str, str]:
    return f"backchannel held --wall {slug}", "bold"


async def _change(store: Store, slug: str, logo: str | None = None, **given: Any) -> Row:
    """Change a wall; `logo` is the path of a file, or empty. Nothing changes if one of them cannot be what is given."""
    from aggregator.walls import logos  # noqa: PLC0415  # it imports Pillow, which takes longer than most commands

    prepared = await logos.read_logo(Path(logo)) if logo else None
    async with store.write() as db:
        found = await find_wall(db, slug)
        if prepared is not None:
            await logos.set_logo(db, BlobStore(read_settings().media_dir), found, prepared, by=command_line())
        elif logo is not None:
            await logos.remove_logo(db, found, by=command_line())
        await change_wall(db, found, by=command_line(), **given)
    return await read_row(store, slug)
