"""Typed or pasted names of accounts, lists, feeds and hashtags of Bluesky, read without a request.

The syntax of handles, DIDs and `at://` URIs: https://atproto.com/specs/handle, `/did` and `/at-uri-scheme`.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from connectors.contract import Address
from connectors.text.hashtags import read_tag
from connectors.text.urls import web

NETWORK: Final = "bluesky"
APP: Final = "https://bsky.app"
"""The app, whose addresses show profiles and posts."""
OWN_HOSTS: Final = frozenset({"bsky.app", "bsky.social", "api.bsky.app", "public.api.bsky.app"})
"""Names that people give to Bluesky's own servers."""
HANDLE: Final = re.compile(
    r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE
)
DID: Final = re.compile(r"did:(?:plc:[a-z0-9]{1,64}|web:[A-Za-z0-9.%-]{0,252}[A-Za-z0-9])")
RECORD_KEY: Final = re.compile(r"(?!\.\.?\Z)[A-Za-z0-9._:~-]{1,512}")
COLLECTIONS: Final = {"list": "app.bsky.graph.list", "feed": "app.bsky.feed.generator"}
"""The collection of a repository that holds the sources of a kind."""
SECTIONS: Final = {"lists": "list", "feed": "feed"}
"""The part of the app's addresses that stands for a kind."""
MAX_TEXT_LENGTH: Final = 1_000

Named = tuple[str, str] | None
"""(kind, value) of a source."""


def recognise(text: str, on: str) -> Address | None:
    """The address that `text` means; `on` is another service to ask, or a name of Bluesky's own.

    What another network writes alike (`#tag`, `@name.example`) is taken only where no other server is named.
    """
    text, server = text.strip(), origin(on) if on else ""
    if len(text) > MAX_TEXT_LENGTH or (on and not server):
        return None
    is_own = not server or (urlsplit(server).hostname or "") in OWN_HOSTS
    found = _surely_ours(text) or (_written_alike(text, is_named=bool(on)) if is_own else None)
    if found is None:
        return None
    return Address(network=NETWORK, kind=found[0], value=found[1], server="" if is_own else server)


def origin(server: str) -> str:
    """`https://service.example` from a host name or an address with scheme and port; empty if it is neither."""
    typed = server.strip().lower().rstrip("/")
    parts = _split(web(typed if "://" in typed else f"https://{typed}"))
    if parts is None or not parts.netloc or parts.path or parts.query or parts.fragment:
        return ""
    return f"{parts.scheme}://{parts.netloc}"


def _surely_ours(text: str) -> Named:
    """A DID, an `at://` URI, or an address of the app."""
    if DID.fullmatch(text):
        return ("account", text)
    parts = _split(text)
    if parts is None:
        return None
    path = [part for part in unquote(parts.path).split("/") if part]
    if parts.scheme == "at":
        return _record(parts.netloc, path)
    if parts.scheme in ("http", "https") and parts.netloc.lower().removeprefix("www.") == "bsky.app":
        return _in_app(path, parts.query)
    return None


def _record(actor: str, path: list[str]) -> Named:
    if not path:
        return ("account", _actor(actor)) if _actor(actor) else None
    kind = next((kind for kind, collection in COLLECTIONS.items() if path[0] == collection), "")
    return _collected(kind, actor, path[1:])


def _in_app(path: list[str], query: str) -> Named:
    match path:
        case ["profile", actor]:
            return ("account", _actor(actor)) if _actor(actor) else None
        case ["profile", actor, section, *key] if section in SECTIONS:
            return _collected(SECTIONS[section], actor, key)
        case ["hashtag", tag]:
            return _hashtag(tag)
        case ["search"]:
            asked = parse_qs(query).get("q", [""])[0].strip()
            return _hashtag(asked) if asked.startswith("#") else None
    return None


def _collected(kind: str, actor: str, key: list[str]) -> Named:
    """A list or a feed, by its owner and its key."""
    owner = _actor(actor)
    if not kind or not owner or len(key) != 1 or not RECORD_KEY.fullmatch(key[0]):
        return None
    return kind, f"at://{owner}/{COLLECTIONS[kind]}/{key[0]}"


def _written_alike(text: str, *, is_named: bool) -> Named:
    """What other networks write alike. A bare `#tag` or `@name` needs a name of Bluesky's own servers (`is_named`)."""
    name = text.removeprefix("@")
    if HANDLE.fullmatch(name) and (name != text or name.lower().endswith(".bsky.social")):
        return ("account", name.lower())
    if is_named and text.startswith(("#", "\uff03")):
        return _hashtag(text)
    if is_named and name != text and HANDLE.fullmatch(f"{name}.bsky.social"):
        return ("account", f"{name}.bsky.social".lower())
    return None


def _hashtag(text: str) -> Named:
    tag = read_tag(text)
    return ("hashtag", tag) if tag else None


def _actor(text: str) -> str:
    """A handle in lower case, or a DID; empty if it is neither."""
    name = text.removeprefix("@")
    return name if DID.fullmatch(name) else name.lower() if HANDLE.fullmatch(name) else ""


def _split(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:  # an unclosed bracket in the host
        return None
