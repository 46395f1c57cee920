"""Types of options and credentials that several networks ask for, validated as they are typed."""

from __future__ import annotations

from typing import Annotated

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
