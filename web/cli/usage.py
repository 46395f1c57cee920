"""Wrong usage told in our own words, and a help that shows no types of Python's."""

from __future__ import annotations

from typing import Any

import typer

QUOTE = "Quote hashtags, which begin a comment in the shell: '#tag'"
NAMES = {"<int>": "NUMBER", "<float>": "NUMBER", "<str>": "TEXT"}


def reword(error: typer.BadParameter) -> None:
    """Say what is wrong with a value as settings and options do, and what may have become of one that is missing."""
    from pydantic import ValidationError  # noqa: PLC0415  # slow, and most commands are typed well

    from aggregator.validation import reason  # noqa: PLC0415  # it imports pydantic, too

    if isinstance(error.__cause__, ValidationError):
        error.message = f"{reason(error.__cause__.errors()[0])}."
    elif not error.message and error.param is not None and error.param.name == "text":
        error.message = QUOTE + "."


def name_values(parameters: list[Any]) -> list[Any]:
    """The same parameters, flags without a type, values with a word for what they are."""
    return [_name(parameter) for parameter in parameters]


def drop_types(command: Any) -> Any:
    """Flags without a type, values with a word for what they are; in all commands below this one, too."""
    for parameter in command.params:
        _name(parameter)
    for below in getattr(command, "commands", {}).values():
        drop_types(below)
    made = command.get_help_option
    command.get_help_option = lambda context: _name(made(context))
    return command


def _name(parameter: Any) -> Any:
    """`metavar` is what a help shows for a value; of an argument the type stands beside it, and only choices help."""
    shown = str(parameter.display_type(None)) if hasattr(parameter, "display_type") else ""
    if parameter is None:
        return None
    if parameter.param_type_name == "argument":
        parameter.display_type_rich = lambda **_: shown if "|" in shown else None
    elif getattr(parameter, "is_flag", False):
        parameter.metavar = ""
    elif parameter.metavar is None:
        parameter.metavar = NAMES.get(shown, "NUMBER" if shown.endswith("range>") else None)
    return parameter
