"""All commands of `backchannel`, by name.

A command's module, with all that it imports, is loaded when that command is run; the list has the summaries.
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
    """A command in the list. `module` is one of this package; its `install` adds the command to an app."""

    name: str
    module: str
    panel: str
    summary: str


COMMANDS = (
    Listed("serve", "serve", "Running", "Run the server: poll the sources and serve the walls."),
    Listed("rehearse", "rehearse", "Running", "Play a demo conference, or an archive of your own, on a wall."),
    Listed("tail", "tail", "Running", "Follow a wall in the terminal, as its pages do."),
    Listed("doctor", "doctor", "Running", "Check the installation and settings."),
    Listed("backup", "backup", "Running", "Back up all walls, posts and pictures to one file."),
    Listed("restore", "backup", "Running", "Restore a backup: database and pictures."),
    Listed("walls", "walls", "Walls", "List the walls, with sources and posts by state."),
    Listed("wall", "wall", "Walls", "Create, show, change and remove walls."),
    Listed("account", "account", "Desk", "Let people use the desk: links, roles, disabled accounts."),
    Listed("follow", "follow", "Sources", "Follow a hashtag, account or feed on a wall."),
    Listed("sources", "sources", "Sources", "List the sources and their health."),
    Listed("unfollow", "sources", "Sources", "Stop following a source."),
    Listed("pause", "pause", "Sources", "Ask a source for nothing new until it is resumed."),
    Listed("resume", "pause", "Sources", "Go on with a paused source where it left off."),
    Listed("poll", "poll", "Sources", "Poll the sources without running the server."),
    Listed("source-mode", "source_mode", "Sources", "Moderate what a source brings more strictly than its wall."),
    Listed("posts", "posts", "Posts", "List the posts on the walls, newest first."),
    Listed("held", "held", "Posts", "List the posts awaiting approval, newest first."),
    Listed("approve", "moderate", "Posts", "Put held or hidden posts on the wall."),
    Listed("hide", "moderate", "Posts", "Take posts off the wall. Open pages drop them within seconds."),
    Listed("withdraw", "moderate", "Posts", "Delete posts permanently, on every wall."),
    Listed("trust", "trust", "Posts", "Trust authors on a wall: in the mode trusted their posts are live at once."),
    Listed("opt-out", "opt_outs", "Posts", "Leave an author out who has asked for it, on a wall or on all."),
    Listed("freeze", "freeze", "Posts", "Let nothing new go live on a wall until it is released."),
    Listed("release", "freeze", "Posts", "Release a frozen wall, with the posts that waited."),
    Listed("clear", "clear", "Posts", "Hide everything live that came since a moment."),
    Listed("pin", "marks", "Posts", "Keep a post first on its wall until a moment to come."),
    Listed("nugget", "marks", "Posts", "Mark a post as worth keeping."),
    Listed("cover", "marks", "Posts", "Cover the pictures of a post until a reader asks for them."),
    Listed("note", "marks", "Posts", "Leave a note about a post for colleagues at the desk."),
    Listed("undo", "undo", "Posts", "Take an act back: exactly what it changed, and nothing that came after it."),
    Listed("audit", "audit", "Posts", "List who changed what on the walls, the newest first."),
)


class OnDemand(TyperGroup):
    """The group of all commands: it looks a name up in the list, then imports the real command."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, listed, rest = super().resolve_command(ctx, args)
        return name, real(listed.name) if listed and listed.name else None, rest

    def get_params(self, ctx: Any) -> list[Any]:
        return name_values(super().get_params(ctx))

    def invoke(self, ctx: Any) -> Any:
        """Run the command. Usage errors are reworded."""
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            reword(error)
            raise


def real(name: str) -> Any:
    """Import and return the command itself."""
    module = next(listed.module for listed in COMMANDS if listed.name == name)
    alone = typer.Typer(rich_markup_mode="markdown")
    import_module(f"web.cli.{module}").install(alone)
    return drop_types(get_group(alone).commands[name])


app = typer.Typer(
    name="backchannel",
    cls=OnDemand,
    help="The live wall of a conference: what people post about it on Mastodon, Bluesky and the web, on every screen.",
    epilog=EPILOG,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)


def _print_version(asked: bool) -> None:  # noqa: FBT001  # the shape that typer gives to a callback
    if asked:
        typer.echo(f"backchannel {_installed()}")
        raise typer.Exit


def _installed() -> str:
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415  # slow, and seldom asked for

    try:
        return version("backchannel")
    except PackageNotFoundError:
        return "from a checkout that isn't installed"


@app.callback()
def backchannel(
    *,
    _version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """The live wall of a conference: what people post about it on Mastodon, Bluesky and the web, on every screen."""


def _list(listed: Listed) -> None:
    @app.command(listed.name, help=listed.summary, rich_help_panel=listed.panel)
    def _never_run() -> None:
        """Never run: `OnDemand` runs the real command."""


for each in COMMANDS:
    _list(each)
