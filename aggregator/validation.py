"""Plain words for invalid values, in place of pydantic's, which are for programmers. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_network
from typing import Any, Final

from pydantic_core import ErrorDetails

NUMBERS: Final = (
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)
OTHERWISE: Final = "this value is not valid"
WANTED: Final[Mapping[str, str]] = {
    "bool": "it must be true or false",
    "date": "it must be a date, such as 2026-11-26",
    "datetime": "it must be a date and time with its time zone, such as 2026-11-26T09:00:00Z",
    "dict": "it must be a JSON object",
    "finite_number": "it must be a number",
    "float": "it must be a number, such as 2.5",
    "int": "it must be a whole number, such as 3",
    "list": 'it must be a list, such as ["quay", "pier"]',
    "missing": "it must be given",
    "string": "it must be text",
    "time": "it must be a time, such as 09:00",
    "timezone": "it must be a date and time with its time zone, such as 2026-11-26T09:00:00Z",
    "tuple": "it must be a list",
    "url": "it must be a web address, such as https://conference.example",
}
"""Reasons by pydantic's error type, or by its first word."""
BOUNDED: Final[Mapping[str, str]] = {
    "enum": "it must be {expected}",
    "greater_than": "it must be more than {gt}",
    "greater_than_equal": "it must be {ge} or more",
    "less_than": "it must be less than {lt}",
    "less_than_equal": "it must be {le} or less",
    "literal_error": "it must be {expected}",
    "multiple_of": "it must be a multiple of {multiple_of}",
    "string_too_long": "it must have {max_length} characters or fewer",
    "string_too_short": "it must have {min_length} characters or more",
    "too_long": "it must have {max_length} entries or fewer",
    "too_short": "it must have {min_length} entries or more",
}
"""Reasons by pydantic's error type, with the bound's name in its context in braces."""


def reason(detail: ErrorDetails) -> str:
    """Return why a value is invalid, to follow a colon, without a full stop and without the value."""
    kind, context = detail["type"], detail.get("ctx", {})
    if kind in {"value_error", "assertion_error"}:  # our own validators' messages are for people
        return str(context.get("error", OTHERWISE)).rstrip(".")
    if kind in BOUNDED:
        return _filled(BOUNDED[kind], context)
    return WANTED.get(kind) or WANTED.get(kind.partition("_")[0], OTHERWISE)


def number(count: int) -> str:
    """Return the number as a word up to twelve, else in digits."""
    return NUMBERS[count] if 0 <= count < len(NUMBERS) else str(count)


def is_network(text: str) -> bool:
    """Whether this is an IP address, or a network such as 10.0.0.0/8."""
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def looks_numeric(text: str) -> bool:
    """Such as 10.0.0.300: it was meant as an address, so that taking it for a name would hide the mistake."""
    return text.replace(".", "").isdigit()


def _filled(words: str, context: Mapping[str, Any]) -> str:
    """Return the words with the bounds filled in; a list of choices reads `open or approve`."""
    shown = {name: f"{each:g}" if isinstance(each, float) else str(each) for name, each in context.items()}
    try:
        return words.format_map(shown).replace("'", "")
    except KeyError:
        return OTHERWISE
