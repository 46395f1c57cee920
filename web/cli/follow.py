"""`follow`: checks a hashtag, account or feed on its network, then follows it on a wall."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from aggregator.sources.report import Row
from web.cli.candidates import Asked, look_and_follow
from web.cli.follow_report import show_followed
from web.cli.output import JsonFlag, show_json
from web.cli.run import OneWall, sentences
from web.cli.tokens import given_token


def install(app: typer.Typer) -> None:
    app.command()(follow)


def follow(
    text: Annotated[
        str,
        typer.Argument(
            metavar="TEXT",
            help="A '#hashtag' or '!community@host' (quoted), @user@host, @name.bsky.social, or a URL.",
        ),
    ],
    *,
    wall: OneWall,
    on: Annotated[
        list[str] | None, typer.Option(metavar="SERVER", help="A server to read it from (repeatable).")
    ] = None,
    any_of: Annotated[
        list[str] | None, typer.Option("--any", metavar="TAG", help="Also posts with this tag (repeatable).")
    ] = None,
    all_of: Annotated[
        list[str] | None, typer.Option("--all", metavar="TAG", help="Only posts that also have this tag (repeatable).")
    ] = None,
    none_of: Annotated[
        list[str] | None, typer.Option("--none", metavar="TAG", help="No posts with this tag (repeatable).")
    ] = None,
    token_file: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="A file with an access token, for servers that need one; - asks for it."),
    ] = None,
    token: Annotated[
        str | None, typer.Option(help="The access token itself (visible in process lists and shell history).")
    ] = None,
    no_token: Annotated[bool, typer.Option("--no-token", help="Remove the source's token.")] = False,
    option: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="Any other option of the network (repeatable).")
    ] = None,
    network: Annotated[str, typer.Option(help="The network, if the text is ambiguous.")] = "",
    anyway: Annotated[bool, typer.Option("--anyway", help="Follow it even if the check fails.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show its newest posts, follow nothing.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Follow a hashtag, account or feed on a wall.

    The source is checked first, for up to ten seconds, and not followed if it can't work. From a network of the
    Fediverse, the first poll takes the newest 80 posts. What a name means is decided by the program on its server:
    Mastodon, Misskey, Lemmy, PeerTube or a relative of theirs.

    Following it again changes its options and keeps its access token, unless you give another with `--token-file`,
    the variable `BACKCHANNEL_TOKEN` or `--token`. Use a token of an account that doesn't post itself. A hashtag
    on Bluesky needs an account, and its app password as the token.

    For example:

    `backchannel follow '#harbour26' --on mastodon.social -w hall`

    `backchannel follow '#harbour26' --on gts.example --token-file - -w hall`

    `backchannel follow '!harbour@lemmy.example' -w hall`

    `backchannel follow https://harbour26.example/blog -w hall`

    `backchannel follow https://www.youtube.com/@harbour26 -w hall`

    `backchannel follow '#harbour26' --on flickr.com -w hall`

    `backchannel follow 'harbour 26' --on news.ycombinator.com -w hall`

    `backchannel follow @ada@mastodon.example -w hall`

    `backchannel follow @ada.bsky.social -w hall`

    `backchannel follow '#h26' --on bsky.app --option account=ada.example -w hall`
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
            show_followed(row, alone=len(rows) == 1, dry_run=dry_run)
    if any(row["preview"]["stops"] for row in rows) and not (anyway and not dry_run):
        raise typer.Exit(1)


def _options(pairs: list[str]) -> Row:
    """The options by name; each value may be JSON."""
    options: Row = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not (name and equals):
            raise typer.BadParameter(f"“{name or pair}” isn't NAME=VALUE.", param_hint="--option")
        try:
            options[name] = msgspec.json.decode(value)
        except msgspec.DecodeError:
            options[name] = value
    return options
