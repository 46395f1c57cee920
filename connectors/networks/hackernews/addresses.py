"""Typed or pasted searches, sites, accounts and threads, read without a request."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import SplitResult, parse_qs

from connectors.contract import Address
from connectors.text.characters import visible
from connectors.timeline.addresses import MAX_TEXT_LENGTH, split

NETWORK: Final = "hackernews"
SITE: Final = "https://news.ycombinator.com"
HOST: Final = "news.ycombinator.com"
SEARCH_HOST: Final = "hn.algolia.com"
USER: Final = re.compile(r"[A-Za-z0-9_-]{2,32}")
NUMBER: Final = re.compile(r"[1-9][0-9]{0,11}")
MAX_QUERY: Final = 200
_SITE: Final = re.compile(r"(?:[a-z0-9-]+\.)+[a-z0-9-]+(?:/[\w./~-]*)?")


def recognise(text: str, on: str) -> Address | None:
    """A page of Hacker News or of its search; with it as the server, any words to search for."""
    text = text.strip()
    if not text or len(text) > MAX_TEXT_LENGTH:
        return None
    if on:
        return _search(text.lstrip("#\uff03")) if _host(on) in (HOST, SEARCH_HOST) and "://" not in text else None
    parts = split(text if "://" in text else f"https://{text}")
    if parts is None or parts.scheme not in ("http", "https") or parts.hostname not in (HOST, SEARCH_HOST):
        return None
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return _search(asked.get("q", asked.get("query", ""))) if parts.hostname == SEARCH_HOST else _page(parts, asked)


def _page(parts: SplitResult, asked: dict[str, str]) -> Address | None:
    id_, site = asked.get("id", ""), asked.get("site", "").lower()
    if parts.path in ("/user", "/submitted", "/threads") and USER.fullmatch(id_):
        return Address(network=NETWORK, kind="account", value=id_)
    if parts.path == "/item" and NUMBER.fullmatch(id_):
        return Address(network=NETWORK, kind="thread", value=id_)
    if parts.path == "/from" and _SITE.fullmatch(site):
        return Address(network=NETWORK, kind="site", value=site)
    return None


def _search(words: str) -> Address | None:
    shown = visible(words[: MAX_QUERY + 1])
    is_query = 0 < len(shown) <= MAX_QUERY and any(char.isalnum() for char in shown)
    return Address(network=NETWORK, kind="search", value=shown) if is_query else None


def _host(server: str) -> str:
    parts = split(server if "://" in server else f"https://{server}")
    return (parts.hostname or "") if parts else ""
