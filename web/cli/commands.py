"""All commands of `backchannel`, by name. The list knows their summaries alone: a command's module, with all that it
stands on, is imported when that command is run.
"""

from __future__ import annotations

from importlib import import_module
from typing import Annotated, Any, NamedTuple

import typer
from typer.core import TyperGroup
from typer.main import get_group

from web.cli.usage import drop_types, name_values, reword

EPILOG = "Settings come from the environment (BACKCHANNEL_…); `backchannel doctor --all` explains each."


class Listed(NamedTuple):
    """A command as the list has it. `module` is one of this folder, whose `install` puts the command on an app."""

    name: str
    module: str
    panel: str
    summary: str


COMMANDS = (
    Listed("serve", "serve", "Running", "Run the server: it follows what the walls follow, and shows them."),
    Listed("rehearse", "rehearse", "Running", "Play an invented conference on a wall, or an archive of your own."),
    Listed("tail", "tail", "Running", "Follow a wall in the terminal, as its pages do."),
    Listed("doctor", "doctor", "Running", "Look at the installation and its settings, and say what to mend."),
    Listed("backup", "backup", "Running", "Write all walls with their posts and pictures into one file."),
    Listed("restore", "backup", "Running", "Put a backup in the place of the database, with its pictures."),
    Listed("walls", "walls", "Walls", "List the walls, each with its sources and its posts by state."),
    Listed("wall", "wall", "Walls", "Make a wall, look at it, change it, remove it."),
    Listed("follow", "follow", "Sources", "Let a wall follow a hashtag, an account or a feed."),
    Listed("sources", "sources", "Sources", "List what the walls follow, and how each source is doing."),
    Listed("unfollow", "sources", "Sources", "Follow a source no longer."),
    Listed("poll", "poll", "Sources", "Ask the networks what is new, without a server."),
    Listed("posts", "posts", "Posts", "List the posts on the walls, the newest first."),
    Listed("held", "held", "Posts", "List the posts that wait for approval, the newest first."),
    Listed("approve", "moderate", "Posts", "Put held or hidden posts on the wall."),
    Listed("hide", "moderate", "Posts", "Take posts off the wall. Every open page drops them within a moment."),
    Listed("withdraw", "moderate", "Posts", "Forget posts for good, on every wall, as if deleted at their origin."),
    Listed("audit", "audit", "Posts", "List who has changed what on the walls, the newest first."),
)


class OnDemand(TyperGroup):
    """Finds a command by its name in the list, then puts the real one in its place."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, listed, rest = super().resolve_command(ctx, args)
        return name, real(listed.name) if listed and listed.name else None, rest

    def get_params(self, ctx: Any) -> list[Any]:
        return name_values(super().get_params(ctx))

    def invoke(self, ctx: Any) -> Any:
        """Wrong usage is told in our own words."""
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            reword(error)
            raise


def real(name: str) -> Any:
    """The command itself, imported now."""
    module = next(listed.module for listed in COMMANDS if listed.name == name)
    alone = typer.Typer(rich_markup_mode="markdown")
    import_module(f"web.cli.{module}").install(alone)
    return drop_types(get_group(alone).commands[name])


app = typer.Typer(
    name="backchannel",
    cls=OnDemand,
    help="The live wall of a conference: what people post about it on Mastodon and in web feeds, on every screen.",
    epilog=EPILOG,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)


def _tell_version(asked: bool) -> None:  # noqa: FBT001  # the shape that typer gives to a callback
    if asked:
        typer.echo(f"backchannel {_installed()}")
        raise typer.Exit


def _installed() -> str:
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415  # slow, and seldom asked for

    try:
        return version("backchannel")
    except PackageNotFoundError:
        return "from a checkout that is not installed"


@app.callback()
def backchannel(
    *,
    _version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_tell_version, is_eager=True)
    ] = False,
) -> None:
    """The live wall of a conference: what people post about it on Mastodon and in web feeds, on every screen."""


def _list(listed: Listed) -> None:
    @app.command(listed.name, help=listed.summary, rich_help_panel=listed.panel)
    def _never_run() -> None:
        """`OnDemand` runs the real command."""


for each in COMMANDS:
    _list(each)
