"""What can be chosen of a Mastodon source, and the token that reads it: checked when they are typed."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from connectors.text.hashtags import read_tag


def _a_tag(text: object) -> str:
    """Raises ValueError with a sentence for the form."""
    if isinstance(text, str) and (tag := read_tag(text)):
        return tag
    raise ValueError(f"“{text}” is no hashtag: letters, digits and _ only, and not digits alone.")


def _a_token(text: object) -> object:
    """As it is sent: without the word before it that people copy along. Raises ValueError with a sentence."""
    if not isinstance(text, str):
        return text
    token = text.strip()
    if token.lower().startswith("bearer "):
        token = token[len("bearer ") :].strip()
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise ValueError("An access token has letters, digits and signs of ASCII alone, and no blanks: copy it anew.")
    return token


Tags = Annotated[
    list[Annotated[str, BeforeValidator(_a_tag)]], Field(max_length=4, json_schema_extra={"noun": "hashtags"})
]
"""More hashtags beside the first; the family's servers take four at most."""


class Credentials(BaseModel):
    """Who reads. Without a token we see what a passer-by sees, which is enough on most servers."""

    model_config = ConfigDict(extra="forbid")

    token: Annotated[str, BeforeValidator(_a_token)] = Field(
        default="",
        repr=False,
        title="Access token",
        description="Of an account on that server that posts nothing itself, with the permission `read` (or "
        "`read:statuses` and `read:accounts`); only where the server wants it.",
        json_schema_extra={"format": "password"},
    )


class Options(BaseModel):
    """What to take and what to leave. Tags concern hashtags; replies, boosts and unlisted posts concern accounts."""

    model_config = ConfigDict(extra="forbid")

    any: Tags = Field(default=[], title="Or these", description="Up to four more hashtags, each as good as the first.")
    all: Tags = Field(default=[], title="And these", description="Up to four hashtags that must be there as well.")
    none: Tags = Field(default=[], title="But not these", description="Up to four hashtags that must not be there.")
    exclude_replies: bool = Field(
        default=False, title="Leave out replies", description="What an account answers to others stays off the wall."
    )
    exclude_reblogs: bool = Field(
        default=False, title="Leave out boosts", description="Only what an account says itself, not what it passes on."
    )
    unlisted: bool = Field(
        default=False,
        title="Unlisted posts too",
        description="What an account has posted for everyone but out of public places; many GoToSocial accounts post "
        "like that by default. Unlisted posts of others stay away, boosted or not.",
    )
    only_media: bool = Field(
        default=False, title="Only with media", description="Only posts with pictures, films or sound."
    )
