"""An author's presence: by the word of their repository, and on the source's service."""

from __future__ import annotations

from typing import Final

from connectors.contract import Person, Presence
from connectors.errors import NotFound
from connectors.networks.bluesky.client import Service
from connectors.networks.bluesky.errors import Refused
from connectors.networks.bluesky.people import did_of
from connectors.networks.bluesky.repository import Repositories, RepoState

HIDDEN: Final = frozenset({"AccountTakedown", "AccountDeactivated"})
PRESENT: Final = frozenset({RepoState.ACTIVE, RepoState.UNKNOWN})
SENTENCES: Final = {
    RepoState.GONE: "Account deleted: {} no longer exists.",
    RepoState.DEACTIVATED: "Account deactivated: {} is paused by its owner, who may bring it back.",
    RepoState.TAKEN_DOWN: "Account taken down: the server of {} has suspended it.",
}
UNSHOWN: Final = "Account not shown: {} shows no posts of {}. Check the spelling, or whether moderators have hidden it."


async def presence(service: Service, author: Person) -> Presence:
    """The presence of this author. Raises ConnectorError if the service fails.

    A service that can't find the profile says nothing by that; one that has taken it down, or knows that its owner has
    deactivated it, says so.
    """
    did = did_of(author.url)
    if not did:
        return Presence.PRESENT
    state = await Repositories(service.http).state(did)
    if state is RepoState.GONE:
        return Presence.GONE
    if state not in PRESENT:
        return Presence.MISSING
    try:
        await service.query("app.bsky.actor.getProfile", {"actor": did})
    except Refused as refusal:
        return Presence.MISSING if refusal.name in HIDDEN else Presence.PRESENT
    return Presence.PRESENT


async def not_shown(service: Service, did: str, name: str) -> NotFound:
    """The error for an account whose posts the service does not list. It has ended only if its repository has."""
    state = await Repositories(service.http).state(did)
    shown = name if name.startswith("did:") else f"@{name}"
    return NotFound(
        SENTENCES.get(state, UNSHOWN.format(service.host, "{}")).format(shown), gone=state is RepoState.GONE
    )
