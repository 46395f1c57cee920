"""`held`: the posts that wait for approval, with the keys that `approve` and `hide` take."""

from __future__ import annotations

import typer

from aggregator.items.tables import State
from web.cli.output import JsonFlag, print_line
from web.cli.posts import Keys, Limit, Search, list_posts
from web.cli.run import AnyWall


def install(app: typer.Typer) -> None:
    app.command()(held)


def held(*, wall: AnyWall = None, limit: Limit = None, keys: Keys = False, as_json: JsonFlag = False) -> None:
    """List the posts that wait for approval, the newest first.

    It is `backchannel posts --state held`. Then `backchannel approve KEY…` puts them on the wall and
    `backchannel hide KEY…` keeps them off.

    Examples, the second of which lets in all that waits:

    - `backchannel held --wall harbour26`

    - `backchannel held -w hall --keys | xargs backchannel approve -w hall`
    """
    shown = list_posts(Search(wall, State.HELD, nothing="No posts wait for approval."), limit, keys=keys, json=as_json)
    if shown:
        print_line("Put them on the wall: ", ("backchannel approve KEY…", "bold"))
        print_line("Keep them off: ", ("backchannel hide KEY…", "bold"))
