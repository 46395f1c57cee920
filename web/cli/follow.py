"""`follow`: look at what a network has under a name, then let a wall follow it."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from web.cli.candidates import Asked, look_and_follow
from web.cli.follow_report import show_followed
from web.cli.output import JsonFlag, show_json
from web.cli.run import OneWall, sentences
from web.cli.sources import Row
from web.cli.tokens import given_token


def install(app: typer.Typer) -> None:
    app.command()(follow)


def follow(
    text: Annotated[
        str,
        typer.Argument(metavar="TEXT", help="A '#hashtag' (in quotes), @user@host, or the address of a page or feed."),
    ],
    *,
    wall: OneWall,
    on: Annotated[
        list[str] | None, typer.Option(metavar="SERVER", help="A server to read it from; again for more servers.")
    ] = None,
    any_of: Annotated[
        list[str] | None, typer.Option("--any", metavar="TAG", help="Posts with this tag as well; again for more.")
    ] = None,
    all_of: Annotated[
        list[str] | None, typer.Option("--all", metavar="TAG", help="Only posts that have this tag too.")
    ] = None,
    none_of: Annotated[list[str] | None, typer.Option("--none", metavar="TAG", help="No posts with this tag.")] = None,
    token_file: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="The file with an access token, where the server wants one; - asks for it."),
    ] = None,
    token: Annotated[
        str | None, typer.Option(help="The access token itself: process lists and the shell's history show it.")
    ] = None,
    no_token: Annotated[bool, typer.Option("--no-token", help="Remove the token that the source has.")] = False,
    option: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="Any other option of the network; again for more.")
    ] = None,
    network: Annotated[str, typer.Option(help="The network's name, where the text could mean several.")] = "",
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Follow it although its network cannot be asked at the moment.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what it would bring, and follow nothing.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Let a wall follow a hashtag, an account or a feed.

    Its network is asked first, for ten seconds at most; what cannot work is not followed. From Mastodon's family the
    first poll takes the newest 80 posts.

    Following it again changes its options. It keeps its access token, unless another is given: by `--token-file`, in
    the variable `BACKCHANNEL_TOKEN`, or by `--token`. Best is a token of an account that posts nothing itself.

    Examples:

    - `backchannel follow '#harbour26' --on mastodon.social -w hall`

    - `backchannel follow '#harbour26' --on gts.example --token-file - -w hall`

    - `backchannel follow https://harbour26.example/blog -w hall`

    - `backchannel follow @ada@mastodon.example -w hall`
    """
    tags = {"any": any_of, "all": all_of, "none": none_of}
    options = {name: value for name, value in tags.items() if value} | _options(option or [])
    with sentences():
        given = given_token(token_file, token, remove=no_token)
        rows = look_and_follow(Asked(text, wall, on or [""], network, options, given, anyway, dry_run))
    if as_json:
        show_json(rows)
    else:
        for row in rows:
            show_followed(row, alone=len(rows) == 1)
    if any(row["preview"]["stops"] for row in rows) and not (anyway and not dry_run):
        raise typer.Exit(1)


def _options(pairs: list[str]) -> Row:
    """`NAME=VALUE`, where the value may be JSON."""
    options: Row = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not (name and equals):
            raise typer.BadParameter(f"“{name or pair}” is not NAME=VALUE.", param_hint="--option")
        try:
            options[name] = msgspec.json.decode(value)
        except msgspec.DecodeError:
            options[name] = value
    return options
