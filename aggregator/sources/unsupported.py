"""Networks that are not supported yet, recognised by their hosts before any request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from connectors.contract import Address, Connector

HOSTS: Mapping[str, str] = {
    "x.com": "X",
    "twitter.com": "X",
    "t.co": "X",
    "instagram.com": "Instagram",
    "threads.net": "Threads",
    "threads.com": "Threads",
    "facebook.com": "Facebook",
    "fb.com": "Facebook",
    "linkedin.com": "LinkedIn",
    "tiktok.com": "TikTok",
    "youtube.com": "YouTube",
    "youtu.be": "YouTube",
    "reddit.com": "Reddit",
}
"""Hosts, including their subdomains such as www. and m."""
FEEDS: Mapping[str, str] = {
    "YouTube": "https://www.youtube.com/feeds/videos.xml?channel_id=ID",
    "Reddit": "https://www.reddit.com/r/NAME/.rss",
}
"""Web feeds of unsupported networks."""
IS_FEED = re.compile(r"(?:[./](?:rss|atom|xml)|/feeds?/.+)/?", re.IGNORECASE)
ANY_HOST = "any.example"
MAX_EXAMPLES = 2
"""Examples of each network in a sentence."""


def unsupported(text: str, on: str, address: Address | None, connector: Connector | None) -> str:
    """Return the name of the unsupported network; empty if the source can be followed.

    `address` is the result of `connector` for the text. A connector that recognises this host specifically is right;
    one that accepts any host is not.
    """
    host = _host(address.server or address.value) if address else _host(text) or _host(on)
    name = next((label for known, label in HOSTS.items() if f".{host}".endswith(f".{known}")), "")
    if not name or address is None or connector is None:
        return name
    if connector.last_resort and name in FEEDS and IS_FEED.search(urlsplit(address.value).path):
        return ""
    elsewhere = re.compile(re.escape(host), re.IGNORECASE)
    alike = connector.recognise(elsewhere.sub(ANY_HOST, text), elsewhere.sub(ANY_HOST, on))
    return name if alike else ""


def refusal(name: str, connectors: Mapping[str, Connector]) -> str:
    """Return a sentence about that network, and the alternatives, which may be other addresses of the same one."""
    supported = next((each for each in connectors.values() if each.label == name), None)
    if supported:
        return f"{name} has no such source: follow one like {' or '.join(kind.example for kind in supported.kinds)}."
    if name in FEEDS:
        return f"{name} is not supported yet, but its web feeds are: {FEEDS[name]}"
    found = examples_of(connectors)
    examples = [example for example in found if not example.startswith(tuple(f"{each}:" for each in connectors))]
    return f"{name} is not supported yet. Supported sources: {', '.join(examples)}."


def examples_of(connectors: Mapping[str, Connector]) -> list[str]:
    """Return what a person may type, a few for each network.

    Of networks that a server's software tells apart, only kinds that others don't have are named.
    """
    plain = [kind for each in connectors.values() if not each.software for kind in each.kinds[:MAX_EXAMPLES]]
    known = {kind.name for kind in plain}
    told = [kind for each in connectors.values() if each.software for kind in each.kinds if kind.name not in known]
    return sorted({kind.example for kind in [*plain, *told]})


def _host(text: str) -> str:
    """Return the host of a URL, a server, or a name such as `@ada@host` and `@ada.host`; empty if there is none."""
    typed = text.strip().lower()
    try:
        host = urlsplit(typed if "://" in typed else f"https://{typed.removeprefix('@')}").hostname or ""
    except ValueError:
        return ""
    return host if "." in host else ""
