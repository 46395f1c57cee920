"""An author's presence: on the source's server, and at their origin.

A server that has deleted or suspended an account answers its look-up with 404, or with `suspended`. Some servers have
no such look-up, and some answer everything with 404: a witness, an account that must exist, tells them apart.
"""

from __future__ import annotations

from typing import Final

from connectors.contract import Person, Presence
from connectors.contract.origin import host_of_key
from connectors.errors import ConnectorError, NotFound
from connectors.networks.mastodon.client import INSTANCE, Server
from connectors.networks.mastodon.gaps import is_empty
from connectors.networks.mastodon.origin import is_ended

CONTACTS: Final = ("contact.account.acct", "contact_account.acct")
"""Paths to an operator's account in version 2 and version 1 of a server's description."""


async def presence(server: Server, author: Person, timeline: str) -> Presence:
    """The presence of this author. `timeline` is the path of the source's timeline on the server.

    Raises ConnectorError if a server fails.
    """
    acct, home = author.handle.lstrip("@"), host_of_key(author.url)
    if not acct or not home:
        return Presence.PRESENT
    try:
        await server.account(acct)
    except NotFound:
        if not await _is_reliable(server, acct, timeline):
            return Presence.PRESENT
    else:
        return Presence.PRESENT
    if home == host_of_key(server.origin):
        return Presence.GONE
    return Presence.GONE if await is_ended(server.http, author.url) else Presence.MISSING


async def _is_reliable(server: Server, acct: str, timeline: str) -> bool:
    """Whether this server's 404 to an account look-up is meaningful: an account that must exist is found.

    The witness is a just listed author, or an operator. Without either, an empty timeline confirms the 404; a timeline
    with posts of this very author contradicts it.
    """
    listed = await server.timeline_page(timeline, {}) if timeline else None
    authors = {status.author for status in listed.statuses if status.author} if listed else set()
    if acct in authors or acct.partition("@")[0] in authors:
        return False
    for witness in [*sorted(authors)[:1], await _contact_of(server)]:
        if witness:
            try:
                await server.account(witness)
            except ConnectorError:
                return False
            return True
    return listed is None or is_empty(listed)


async def _contact_of(server: Server) -> str:
    for path in INSTANCE:
        try:
            found = await server.facts(path, *CONTACTS)
        except ConnectorError:
            continue
        if acct := next((acct for acct in found.values() if acct and isinstance(acct, str)), ""):
            return acct
    return ""
