"""Usage errors in our own words, and help texts without Python's types."""

from __future__ import annotations

import re
from typing import Any

import typer

QUOTE = "Quote hashtags, which begin a comment in the shell: '#tag'"
NAMES = {"<int>": "NUMBER", "<float>": "NUMBER", "<str>": "TEXT"}


def reword(error: typer.BadParameter) -> None:
    """Reword a usage error: invalid values as settings do, missing ones with a hint at quoting."""
    from pydantic import ValidationError  # noqa: PLC0415  # slow, and seldom needed

    from aggregator.validation import reason  # noqa: PLC0415  # it imports pydantic, too

    if isinstance(error.__cause__, ValidationError):
        error.message = f"{reason(error.__cause__.errors()[0])}."
    elif not error.message and error.param is not None and error.param.name == "text":
        error.message = QUOTE + "."


def name_values(parameters: list[Any]) -> list[Any]:
    """The parameters with readable metavars: none for flags, a noun for values."""
    return [_name(parameter) for parameter in parameters]


def drop_types(command: Any) -> Any:
    """Give the command and its subcommands readable metavars: none for flags, a noun for values."""
    for parameter in command.params:
        _name(parameter)
    for below in getattr(command, "commands", {}).values():
        drop_types(below)
    made = command.get_help_option
    command.get_help_option = lambda context: _name(made(context))
    return command


def _name(parameter: Any) -> Any:
    """Set `metavar`, which help shows for a value. The type beside an argument is only useful for choices."""
    shown = str(parameter.display_type(None)) if hasattr(parameter, "display_type") else ""
    if parameter is None:
        return None
    if parameter.param_type_name == "argument":
        parameter.display_type_rich = lambda **_: shown if "|" in shown else None
        pieces = parameter.get_usage_pieces
        parameter.get_usage_pieces = lambda context: [re.sub("[{}]", "", each) for each in pieces(context)]
    elif getattr(parameter, "is_flag", False):
        parameter.metavar = ""
    elif parameter.metavar is None:
        parameter.metavar = NAMES.get(shown, "NUMBER" if shown.endswith("range>") else None)
    return parameter
