"""The options and the token of a Mastodon source, validated as they are typed."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from connectors.contract import Address
from connectors.contract.options import Tags, Token, all_of, any_of, exclude_replies, none_of, secret


class Credentials(BaseModel):
    """The reader's account. Without a token, only public pages are seen, which is enough on most servers."""

    model_config = ConfigDict(extra="forbid")

    token: Token = secret(
        "Access token",
        "Of an account on that server, best one that posts nothing, with the permission `read` (or "
        "`read:statuses` and `read:accounts`); only if the server requires it.",
    )


class Options(BaseModel):
    """Filters of a source. Tags concern hashtags; replies, boosts and unlisted posts concern accounts."""

    model_config = ConfigDict(extra="forbid")

    any: Tags = any_of("post")
    all: Tags = all_of("post")
    none: Tags = none_of("post")
    exclude_replies: bool = exclude_replies()
    exclude_reblogs: bool = Field(
        default=False, title="Exclude boosts", description="Show only an account's own posts."
    )
    unlisted: bool = Field(
        default=False,
        title="Include unlisted posts",
        description="Show an account's own unlisted posts as well, which many GoToSocial accounts write by default. "
        "Unlisted posts of others are left out, boosted or not.",
    )
    only_media: bool = Field(
        default=False, title="Only with media", description="Show only posts with pictures, video or audio."
    )


def token_of(source: Address) -> str:
    """The source's access token; empty if it has none."""
    return Credentials.model_validate(source.credentials).token
