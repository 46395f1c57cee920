"""The software of a server, by NodeInfo: https://nodeinfo.diaspora.software/protocol.html."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from connectors.errors import ConnectorError
from connectors.http.client import Http

WELL_KNOWN = "/.well-known/nodeinfo"
SCHEMA = "http://nodeinfo.diaspora.software/ns/schema/"
TIMEOUT = 5.0
"""Seconds for both requests: a person waits."""
MAX_BYTES = 8 * 1024


async def software_of(http: Http, server: str) -> str:
    """Return the name of the program at the origin `server`, in lower case; empty if it does not say.

    Raises nothing.
    """
    try:
        with http.trusting(server):
            async with asyncio.timeout(TIMEOUT):
                links = (await http.get(server + WELL_KNOWN, accept="application/json", limit=MAX_BYTES)).json()
                address = _document(links, server)
                return _name((await http.get(address, accept="application/json", limit=MAX_BYTES)).json())
    except (ConnectorError, TimeoutError, ValueError, httpx.InvalidURL):
        return ""


def _document(links: Any, server: str) -> str:
    """Return the address of the server's own document. Raises ValueError if it names none."""
    for link in links.get("links") or () if isinstance(links, dict) else ():
        if isinstance(link, dict) and str(link.get("rel", "")).startswith(SCHEMA):
            address = httpx.URL(server).join(str(link.get("href", "")))
            if address.host == httpx.URL(server).host:
                return str(address)
    raise ValueError("no document")


def _name(document: Any) -> str:
    software = document.get("software") if isinstance(document, dict) else None
    name = software.get("name") if isinstance(software, dict) else None
    return name.strip().lower() if isinstance(name, str) else ""
