"""Flickr without a key: its public feeds (https://www.flickr.com/services/feeds/), and its errors in plain words."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from connectors.contract import Address
from connectors.errors import Forbidden, InvalidResponse, NotFound, Rejected
from connectors.http.client import Http, Params
from connectors.networks.flickr.addresses import NETWORK, NSID, SITE
from connectors.networks.flickr.reading import read_nsid, read_photos
from connectors.sandbox import SandboxCrashed
from connectors.timeline.entries import read_entries
from connectors.timeline.walk import EntryPage, digest_of

FEEDS: Final = f"{SITE}/services/feeds"
PUBLIC: Final = "photos_public"
POOL: Final = "groups_pool"
UNREADABLE: Final = "Unreadable response: Flickr sent what takes too long to read, or crashes the reader. It may pass."
FORBIDDEN: Final = (
    "Access denied ({}): Flickr does not show this to everybody, or refuses programs from this server's address. "
    "Check whether the page can be seen signed out; if it can, this may pass."
)


async def nsid(http: Http, source: Address) -> str:
    """Flickr's id of the source's person or group, which their page names. Raises ConnectorError."""
    if NSID.fullmatch(source.value):
        return source.value
    folder, feed = ("groups", POOL) if source.kind == "group" else ("photos", PUBLIC)
    try:
        reply = await http.get(f"{SITE}/{folder}/{quote(source.value)}/", accept="text/html")
        found = await http.sandbox(NETWORK).run(read_nsid, reply.body, feed, returns=str, raises=InvalidResponse)
    except (NotFound, Rejected) as error:
        raise _error_of(error, source) from error
    except SandboxCrashed as error:
        raise InvalidResponse(UNREADABLE) from error
    if not found:
        raise InvalidResponse(
            f"No feed on Flickr's page of {source.value}: it is not public, or Flickr has changed its pages. "
            "Follow it by the address with its id, such as https://www.flickr.com/photos/12345678@N00."
        )
    return found


async def photos(http: Http, source: Address, id_: str) -> EntryPage:
    """The newest photos of a tag, a person or a group: twenty at most. Raises ConnectorError."""
    feed = POOL if source.kind == "group" else PUBLIC
    chosen: Params = {"id": id_} if id_ else {"tags": source.value}
    try:
        reply = await http.get(f"{FEEDS}/{feed}.gne", params={**chosen, "format": "atom", "lang": "en-us"})
        entries = await read_entries(http, NETWORK, read_photos, reply.body, reply.url)
    except (NotFound, Rejected) as error:
        raise _error_of(error, source) from error
    except SandboxCrashed as error:
        raise InvalidResponse(UNREADABLE) from error
    return EntryPage(entries, digest=digest_of(reply.body))


def _error_of(error: NotFound | Rejected, source: Address) -> NotFound | Forbidden:
    """The error that a refusal means. No answer about a feed ends the photos that it has shown."""
    if isinstance(error, NotFound):
        return NotFound(f"Not found: Flickr has no public photos of {source.value}. Check the spelling of its address.")
    return Forbidden(FORBIDDEN.format(error.status))
