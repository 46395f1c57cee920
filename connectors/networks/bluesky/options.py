"""The options and the app password of a Bluesky source, validated as they are typed."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from connectors.contract.options import secret
from connectors.networks.bluesky.addresses import DID, HANDLE

HOST: Final = re.compile(r"wss?://[A-Za-z0-9.-]+(?::\d{1,5})?|wss?://\[[0-9A-Fa-f:.]+\](?::\d{1,5})?")


def _an_account(text: object) -> object:
    """The handle without @. Raises ValueError with a sentence for the form."""
    if not isinstance(text, str):
        return text
    name = text.strip().removeprefix("@").lower()
    if name and not (HANDLE.fullmatch(name) or DID.fullmatch(name)):
        raise ValueError(f"“{text}” is not a handle: write it in full, such as reader.bsky.social.")
    return name


def _a_password(text: object) -> object:
    """The app password. Raises ValueError with a sentence."""
    if not isinstance(text, str):
        return text
    password = text.strip()
    if not password.isprintable():
        raise ValueError("Invalid app password: it is one line of letters, digits and hyphens. Copy it again.")
    return password


def _a_host(text: object) -> object:
    """The address of a host. Raises ValueError with a sentence for the form."""
    if not isinstance(text, str):
        return text
    host = text.strip().rstrip("/")
    if not HOST.fullmatch(host):
        raise ValueError(f"“{text}” is not a host of Jetstream: write wss:// and its name.")
    return host


class Credentials(BaseModel):
    """The password of the reader's account (see the option `account`): only searches for hashtags need it."""

    model_config = ConfigDict(extra="forbid")

    token: Annotated[str, BeforeValidator(_a_password)] = secret(
        "App password",
        "Of the account that reads: create one in Bluesky's settings, under “Privacy and security”, and "
        "never give the account's own password. Only searches for hashtags need it.",
    )


class Options(BaseModel):
    """Filters of a source, and the account that reads hashtags."""

    model_config = ConfigDict(extra="forbid")

    exclude_replies: bool = Field(
        default=False, title="Exclude replies", description="Leave out replies to others; an author's own threads stay."
    )
    exclude_reposts: bool = Field(
        default=False, title="Exclude reposts", description="Leave out what accounts only repost."
    )
    account: Annotated[str, BeforeValidator(_an_account)] = Field(
        default="",
        title="Account",
        description="For hashtags, which are then searched for as well as listened to: the handle of the account whose "
        "app password is given, best one that posts nothing.",
    )
    jetstream: Annotated[list[Annotated[str, BeforeValidator(_a_host)]], Field(max_length=8)] = Field(
        default=[],
        title="Jetstream",
        description="Hosts of Jetstream (`wss://…`) to listen to instead of Bluesky's own, the first that answers.",
    )
