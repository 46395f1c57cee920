"""`held`: the posts awaiting approval, with the keys that `approve` and `hide` take."""

from __future__ import annotations

import typer

from aggregator.items.tables import State
from web.cli.output import JsonFlag, print_line
from web.cli.posts import Keys, Limit, Search, list_posts
from web.cli.run import AnyWall


def install(app: typer.Typer) -> None:
    app.command()(held)


def held(*, wall: AnyWall = None, limit: Limit = None, keys: Keys = False, as_json: JsonFlag = False) -> None:
    """List the posts awaiting approval, newest first.

    The same as `backchannel posts --state held`. Put them on the wall with `backchannel approve KEY…`, or keep them
    off with `backchannel hide KEY…`.

    For example (the second approves all of them):


    `backchannel held --wall harbour26`

    `backchannel held -w hall --keys | xargs backchannel approve -w hall`
    """
    shown = list_posts(
        Search(wall, State.HELD, nothing="No posts are awaiting approval."), limit, keys=keys, json=as_json
    )
    if shown:
        print_line("Put them on the wall: ", ("backchannel approve KEY…", "bold"))
        print_line("Keep them off: ", ("backchannel hide KEY…", "bold"))
