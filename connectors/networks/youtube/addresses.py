"""Typed or pasted addresses of channels and playlists, read without a request."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import SplitResult, parse_qs, unquote

from connectors.contract import Address
from connectors.timeline.addresses import MAX_TEXT_LENGTH, split

NETWORK: Final = "youtube"
SITE: Final = "https://www.youtube.com"
HOSTS: Final = frozenset({"youtube.com", "www.youtube.com", "m.youtube.com", "music.youtube.com"})
SHORT_HOSTS: Final = frozenset({"youtu.be", "www.youtu.be"})
CHANNEL_ID: Final = re.compile(r"UC[A-Za-z0-9_-]{22}")
HANDLE: Final = re.compile(r"@[\w.·-]{2,60}")
_NAMED: Final = re.compile(r"(?P<kind>c|user)/(?P<name>[\w.-]{1,100})")
_PLAYLIST_ID: Final = re.compile(r"(?!WL|LL|LM|RD)[A-Za-z0-9_-]{12,64}")
"""Not the lists that belong to the person who looks: “Watch later”, liked videos, and mixes."""
_TABS: Final = re.compile(r"/(?:featured|videos|shorts|streams|live|playlists|community|posts|about|join|store)$")


def recognise(text: str, on: str) -> Address | None:
    """A channel's or playlist's address, on any of YouTube's hosts; `@name` only with one of them as the server."""
    text = text.strip()
    if len(text) > MAX_TEXT_LENGTH or (on and _host(on) not in HOSTS | SHORT_HOSTS):
        return None
    if on and HANDLE.fullmatch(text):
        return _channel(text)
    parts = split(text if "://" in text else f"https://{text}")
    host = (parts.hostname or "") if parts else ""
    if parts is None or parts.scheme not in ("http", "https") or host not in HOSTS | SHORT_HOSTS:
        return None
    return _playlist(parts) or (_from_path(parts) if host in HOSTS else None)


def _host(server: str) -> str:
    parts = split(server if "://" in server else f"https://{server}")
    return (parts.hostname or "") if parts else ""


def _playlist(parts: SplitResult) -> Address | None:
    """The playlist that the query names, which also a video's address may do."""
    asked = parse_qs(parts.query)
    list_ = (asked.get("list") or asked.get("playlist_id") or [""])[0]
    return Address(network=NETWORK, kind="playlist", value=list_) if _PLAYLIST_ID.fullmatch(list_) else None


def _from_path(parts: SplitResult) -> Address | None:
    path = _TABS.sub("", unquote(parts.path).rstrip("/")).strip("/")
    if path == "feeds/videos.xml":
        path = f"channel/{parse_qs(parts.query).get('channel_id', [''])[0]}"
    id_ = path.removeprefix("channel/")
    if path != id_ and CHANNEL_ID.fullmatch(id_):
        return Address(network=NETWORK, kind="channel", value=id_)
    return _channel(path) if HANDLE.fullmatch(path) or _NAMED.fullmatch(path) else None


def _channel(name: str) -> Address:
    """A channel by its handle (`@name`) or an older name (`c/name`, `user/name`); YouTube ignores their case."""
    return Address(network=NETWORK, kind="channel", value=name.lower())
