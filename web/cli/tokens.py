"""The access token of `follow`: from a file, a prompt, the environment or the command line."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import typer

from aggregator.walls.errors import WallError
from web.cli.output import print_remark

VARIABLE = "BACKCHANNEL_TOKEN"
STANDARD_INPUT = "-"
MAX_LENGTH = 64 * 1024
VISIBLE = (
    "A token on the command line is visible in process lists and in the shell's history:"
    " use --token-file FILE, --token-file - (asks for it), or the variable BACKCHANNEL_TOKEN."
)


class Given(NamedTuple):
    """A token to store, `""` to remove the stored one, None to keep it.

    `ambient` marks one from the environment, which networks without tokens ignore.
    """

    token: str | None = None
    ambient: bool = False


def given_token(
    file: str | None, token: str | None, *, remove: bool, environment: Mapping[str, str] = os.environ
) -> Given:
    """The token given. Raises WallError, or BadParameter if two options contradict each other."""
    ways = [name for name, used in (("--token-file", file), ("--token", token)) if used is not None]
    ways += ["--no-token"] if remove else []
    if len(ways) > 1:
        raise typer.BadParameter(f"{' and '.join(ways)} can't be combined.", param_hint=ways[0])
    if remove:
        return Given("")
    if file is not None:
        return Given(_whole(_read(file)))
    if token == STANDARD_INPUT:
        return Given(_whole(_ask()))
    if token is not None:
        print_remark(VISIBLE)
        return Given(_whole(token))
    ambient = environment.get(VARIABLE, "")
    return Given(_whole(ambient), ambient=True) if ambient else Given()


def _read(file: str) -> str:
    if file == STANDARD_INPUT:
        return _ask()
    path = Path(file)
    with suppress(RuntimeError):  # a “~” before an unknown user is part of the file's name
        path = path.expanduser()
    with path.open("rb") as opened:
        return opened.read(MAX_LENGTH).decode("utf-8", "replace")


def _ask() -> str:
    """Read the token: without echo from a terminal, else from standard input."""
    if sys.stdin.isatty():
        return str(typer.prompt("Access token", hide_input=True, err=True))
    return sys.stdin.read(MAX_LENGTH)


def _whole(text: str) -> str:
    if not (token := text.strip()):
        raise WallError("The access token is empty: --no-token removes the one that a source has.")
    return token
