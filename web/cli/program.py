"""All commands of `backchannel`, put together."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer

from web.cli import decisions, doctor, polling, rehearsal, server, sources, tail, walls

EPILOG = "Settings come from the environment (BACKCHANNEL_…); `backchannel doctor` explains each."

app = typer.Typer(
    name="backchannel",
    help="The live wall of a conference: what is said about it, on every network, on every screen, within a moment.",
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
    """The live wall of a conference: what is said about it, on every network, on every screen, within a moment."""


for commands in (server, walls, sources, decisions, polling, tail, rehearsal, doctor):
    commands.install(app)
