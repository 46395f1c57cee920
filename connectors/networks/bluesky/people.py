"""From a Bluesky profile to a Person. Pure."""

from __future__ import annotations

from typing import Final

from connectors.contract import Person
from connectors.networks.bluesky.addresses import DID, HANDLE
from connectors.networks.bluesky.entities import Author
from connectors.networks.bluesky.facets import profile
from connectors.networks.bluesky.values import string
from connectors.text.characters import visible
from connectors.text.urls import web

INVALID: Final = "handle.invalid"
"""The handle that a service shows for one that no longer leads to its account."""


def to_person(author: Author) -> Person:
    """The Person. The URL names the account's DID, since a handle may change its owner."""
    handle = handle_of(author)
    return Person(
        name=visible(string(author.display_name)) or handle.removeprefix("@"),
        handle=handle,
        url=profile(author.did),
        avatar=web(author.avatar),
    )


def handle_of(author: Author) -> str:
    """`@ada.example`, or the account's DID where its handle is invalid."""
    handle = string(author.handle).lower()
    return f"@{handle}" if HANDLE.fullmatch(handle) and handle != INVALID else author.did


def did_of(url: str) -> str:
    """The DID in the URL of a Person; empty if it has none."""
    did = url.rpartition("/profile/")[2]
    return did if DID.fullmatch(did) else ""
