"""Typed or pasted names of hashtags, accounts and servers of the Fediverse, read without a request."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from connectors.contract import Address
from connectors.text.hashtags import read_tag

HOST: Final = r"(?:[^\W_](?:[\w-]*[^\W_])?\.)*[^\W_](?:[\w-]*[^\W_])?(?::\d{1,5})?"
SERVER: Final = re.compile(rf"{HOST}|\[[0-9a-fA-F:.]+\](?::\d{{1,5}})?")
ACCOUNT: Final = re.compile(rf"@?(?P<user>[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?)@(?P<host>{HOST})")
USER: Final = re.compile(r"@(?P<user>[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?)")
MAX_TEXT_LENGTH: Final = 500
ELSEWHERE: Final = frozenset(
    {
        "medium.com", "tiktok.com", "youtube.com", "m.youtube.com", "threads.net", "threads.com", "substack.com",
        "x.com", "bsky.app", "bsky.social", "api.bsky.app", "public.api.bsky.app", "news.ycombinator.com",
        "hn.algolia.com", "flickr.com", "m.flickr.com",
    }
)  # fmt: skip
"""Hosts of other networks whose addresses look alike (`/@name`), or which are named as servers of theirs."""


def origin(server: str) -> str:
    """`https://mastodon.example` from a host name or an address with scheme and port; empty if it is neither."""
    text = server.strip().lower()
    parts = split(text if "://" in text else f"https://{text}")
    if parts is None or parts.scheme not in ("http", "https") or not SERVER.fullmatch(parts.netloc):
        return ""
    return f"{parts.scheme}://{parts.netloc}"


def recognise(network: str, text: str, on: str) -> Address | None:
    """The address that `text` means, on the server `on` if one is given (a host, or an origin)."""
    found = _recognise(network, text, on)
    return None if found is None or _is_elsewhere(urlsplit(found.server)) else found


def _recognise(network: str, text: str, on: str) -> Address | None:
    text, server = text.strip(), origin(on) if on else ""
    if len(text) > MAX_TEXT_LENGTH or (on and not server):
        return None
    if "://" in text:
        return _from_url(network, text, server)
    if text.startswith(("#", "\uff03")):
        return _hashtag(network, text, server)
    if match := ACCOUNT.fullmatch(text):
        return _account(network, match["user"], match["host"], server or origin(match["host"]))
    if (match := USER.fullmatch(text)) and server:
        return _account(network, match["user"], urlsplit(server).netloc, server)
    return None


def _from_url(network: str, text: str, server: str) -> Address | None:
    """`https://host/@user`, `https://host/@user@remote` or `https://host/tags/tag`, on that host or on `server`."""
    parts = split(text)
    if parts is None or not (home := origin(f"{parts.scheme}://{parts.netloc}")) or _is_elsewhere(parts):
        return None
    path = unquote(parts.path).removeprefix("/web").strip("/")
    if path.startswith("tags/"):
        return _hashtag(network, path.removeprefix("tags/"), server or home)
    if match := ACCOUNT.fullmatch(path) if path.startswith("@") else None:
        return _account(network, match["user"], match["host"], server or home)
    if match := USER.fullmatch(path):
        return _account(network, match["user"], urlsplit(home).netloc, server or home)
    return None


def _hashtag(network: str, text: str, server: str) -> Address | None:
    tag = read_tag(text)
    return Address(network=network, kind="hashtag", value=tag, server=server) if tag and server else None


def _account(network: str, user: str, host: str, server: str) -> Address:
    """The account in lower case: every server ignores the case of names."""
    return Address(network=network, kind="account", value=f"{user}@{host}".lower(), server=server)


def _is_elsewhere(parts: SplitResult) -> bool:
    return (parts.hostname or "").removeprefix("www.") in ELSEWHERE


def split(url: str) -> SplitResult | None:
    """The parts of a URL; None if it can't be read."""
    try:
        return urlsplit(url)
    except ValueError:  # an unclosed bracket in the host
        return None


def id_in(key: str, pattern: re.Pattern[str]) -> tuple[str, str]:
    """(origin, id) of a post whose address has a path of this form, with a group `id`; both empty for any other."""
    parts = split(key)
    home = origin(f"{parts.scheme}://{parts.netloc}") if parts else ""
    found = pattern.fullmatch(parts.path) if parts and home else None
    return (home, found["id"]) if found else ("", "")
