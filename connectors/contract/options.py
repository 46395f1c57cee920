"""Types of options and credentials that several networks ask for, validated as they are typed."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from connectors.text.hashtags import read_tag


def _a_tag(text: object) -> str:
    """The normalised hashtag. Raises ValueError with a sentence for the form."""
    if isinstance(text, str) and (tag := read_tag(text)):
        return tag
    raise ValueError(f"“{text}” is not a hashtag: use letters, digits and _, and not only digits.")


def _a_token(text: object) -> object:
    """The token without the word “Bearer” that is copied along. Raises ValueError with a sentence."""
    if not isinstance(text, str):
        return text
    token = text.strip()
    if token.lower().startswith("bearer "):
        token = token[len("bearer ") :].strip()
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise ValueError(
            "Invalid access token: it has only ASCII letters, digits and signs, and no spaces. Copy it again."
        )
    return token


Tags = Annotated[
    list[Annotated[str, BeforeValidator(_a_tag)]], Field(max_length=4, json_schema_extra={"noun": "hashtags"})
]
"""Additional hashtags; the family's servers accept at most four."""
Token = Annotated[str, BeforeValidator(_a_token)]
"""An access token, as it is copied from a server's page."""


def secret(title: str, description: str) -> Any:
    """A field of credentials: shown as a password in forms, and in no repr."""
    return Field(default="", repr=False, title=title, description=description, json_schema_extra={"format": "password"})


def any_of(noun: str) -> Any:
    """The field of further hashtags of which a post (or what `noun` calls it) needs one."""
    return Field(
        default=[], title="Any of", description=f"Up to four more hashtags; a {noun} needs the first or one of these."
    )


def all_of(noun: str) -> Any:
    """The field of further hashtags all of which it needs."""
    return Field(
        default=[], title="All of", description=f"Up to four more hashtags; a {noun} needs all of them as well."
    )


def none_of(noun: str) -> Any:
    """The field of hashtags that it may not have."""
    return Field(
        default=[], title="None of", description=f"Up to four hashtags; a {noun} with one of them is left out."
    )


def exclude_replies() -> Any:
    """The switch that leaves out replies to others, for accounts."""
    return Field(default=False, title="Exclude replies", description="Leave out an account's replies to others.")
