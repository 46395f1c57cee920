"""Networks that people ask for and that cannot be followed yet: known by their hosts, told before anything is asked."""

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
    "bsky.app": "Bluesky",
    "bsky.social": "Bluesky",
    "youtube.com": "YouTube",
    "youtu.be": "YouTube",
    "reddit.com": "Reddit",
}
"""With all hosts below them, such as www. and m."""
FEEDS: Mapping[str, str] = {
    "Bluesky": "https://bsky.app/profile/NAME/rss",
    "YouTube": "https://www.youtube.com/feeds/videos.xml?channel_id=ID",
    "Reddit": "https://www.reddit.com/r/NAME/.rss",
}
"""Where such a network has web feeds of its own."""
IS_FEED = re.compile(r"(?:[./](?:rss|atom|xml)|/feeds?/.+)/?", re.IGNORECASE)
ANY_HOST = "any.example"


def unsupported(text: str, on: str, address: Address | None, connector: Connector | None) -> str:
    """The name of the network that is meant and cannot be followed; empty where all is well.

    `address` is what `connector` makes of the text. A connector that knows this host for its own is right; one that
    takes every host alike knows nothing of this one.
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
    """A sentence about that network, and one about what can be followed instead."""
    if name in FEEDS:
        return f"{name} is not supported yet, but its web feeds are: {FEEDS[name]}"
    kinds = [kind.example for each in connectors.values() for kind in each.kinds]
    examples = sorted(example for example in kinds if not example.startswith(tuple(f"{each}:" for each in connectors)))
    return f"{name} is not supported yet. What can be followed: {', '.join(examples)}."


def _host(text: str) -> str:
    """Of an address, a server, or a name such as `@ada@host` and `@ada.host`; empty where there is none."""
    typed = text.strip().lower()
    try:
        host = urlsplit(typed if "://" in typed else f"https://{typed.removeprefix('@')}").hostname or ""
    except ValueError:
        return ""
    return host if "." in host else ""
