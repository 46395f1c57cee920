"""YouTube without a key: the feeds of channels and playlists, and its errors in an organiser's words."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from connectors.contract import Address
from connectors.errors import ConnectorError, Forbidden, InvalidResponse, NotFound, Rejected, Unavailable
from connectors.http.client import Http
from connectors.networks.youtube.addresses import CHANNEL_ID, NETWORK, SITE
from connectors.networks.youtube.reading import read_channel, read_videos
from connectors.sandbox import SandboxCrashed
from connectors.timeline.entries import read_entries
from connectors.timeline.walk import EntryPage, digest_of

FEED: Final = f"{SITE}/feeds/videos.xml"
UNREADABLE: Final = "Unreadable response: YouTube sent what takes too long to read, or crashes the reader. It may pass."
UNAVAILABLE: Final = (
    "Feed unavailable: YouTube's feeds answer “not found” for hours at times, and this passes. If it lasts for a day, "
    "check the address, and whether the {} is public."
)
FORBIDDEN: Final = (
    "Access denied ({}): YouTube refuses programs from this server's address at present. It may pass; "
    "if it lasts, follow the channel by another network or by its own web feed."
)


async def channel_id(http: Http, name: str) -> str:
    """The id of a channel by its handle or older name, from its page. Raises ConnectorError."""
    if CHANNEL_ID.fullmatch(name):
        return name
    try:
        reply = await http.get(f"{SITE}/{quote(name, safe='@/')}", accept="text/html")
        found = await http.sandbox(NETWORK).run(read_channel, reply.body, returns=str, raises=InvalidResponse)
    except NotFound as error:
        raise NotFound(f"Channel not found: YouTube has no channel {name}. Check the spelling.") from error
    except Rejected as error:
        raise Forbidden(FORBIDDEN.format(error.status)) from error
    except SandboxCrashed as error:
        raise InvalidResponse(UNREADABLE) from error
    if not found:
        raise InvalidResponse(
            f"No channel in YouTube's page of {name}: it may be a page that asks for consent. "
            "Follow the channel by its address with /channel/UC…, which its page has under “Share channel”."
        )
    return found


async def videos(http: Http, source: Address, channel: str) -> EntryPage:
    """The newest videos of a channel or playlist: fifteen at most. Raises ConnectorError."""
    asked = {"channel_id": channel} if source.kind == "channel" else {"playlist_id": source.value}
    try:
        reply = await http.get(FEED, params=asked, accept="application/atom+xml, text/xml;q=0.9")
        entries = await read_entries(http, NETWORK, read_videos, reply.body, reply.url)
    except (NotFound, Rejected) as error:
        raise _error_of(error, source.kind) from error
    except SandboxCrashed as error:
        raise InvalidResponse(UNREADABLE) from error
    return EntryPage(entries, digest=digest_of(reply.body))


def _error_of(error: NotFound | Rejected, kind: str) -> ConnectorError:
    """The error that a refusal means. A 404 never means that a channel is gone: the feeds fail so for hours."""
    return (
        Unavailable(UNAVAILABLE.format(kind))
        if isinstance(error, NotFound)
        else Forbidden(FORBIDDEN.format(error.status))
    )
