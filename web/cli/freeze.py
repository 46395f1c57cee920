"""`freeze` and `release`: nothing new goes live on a wall meanwhile."""

from __future__ import annotations

import typer

from aggregator.moderation import freeze as verbs
from web.cli.actor import command_line
from web.cli.moderate import Reason
from web.cli.output import JsonFlag, counted, print_line, show_json
from web.cli.run import OneWall, run


def install(app: typer.Typer) -> None:
    app.command()(freeze)
    app.command()(release)


def freeze(wall: OneWall, *, why: Reason = "", as_json: JsonFlag = False) -> None:
    """Let nothing new go live on a wall until it is released.

    What arrives waits; edits of live posts and deletions go through.

    For example:

    `backchannel freeze --wall harbour26 --reason "a raid"`
    """
    done = run(lambda store: verbs.freeze(store, wall, command_line(), why))
    if as_json:
        show_json({"wall": wall, "frozen": True, "changed": done.entry_id is not None, "entry": done.entry_id})
        return
    print_line(f"“{wall}” is frozen{' already' if done.entry_id is None else ''}: nothing new goes live.")
    print_line("Release it: ", (f"backchannel release --wall {wall}", "bold"))


def release(wall: OneWall, *, why: Reason = "", as_json: JsonFlag = False) -> None:
    """Release a frozen wall, with the posts that waited.

    For example:

    `backchannel release --wall harbour26`
    """
    done = run(lambda store: verbs.release(store, wall, command_line(), why))
    if as_json:
        row = {"wall": wall, "frozen": False, "changed": done.entry_id is not None, "entry": done.entry_id}
        show_json(row | {"posts": done.posts})
    elif done.entry_id is None:
        print_line(f"“{wall}” isn't frozen.")
    else:
        print_line(f"“{wall}” is released: {counted(done.posts, 'post')} that waited went live.")
