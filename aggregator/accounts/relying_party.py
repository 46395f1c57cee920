"""The relying party of WebAuthn: for which host passkeys are made, and at which origin they are used."""

from __future__ import annotations

from ipaddress import ip_address
from typing import NamedTuple

import httpx

from aggregator.accounts.errors import PasskeysUnavailable

LOCAL = "localhost"
"""Browsers take it for secure without HTTPS (Web Authentication, section 5.1, “secure contexts”)."""
NO_HTTPS = (
    "Passkeys need HTTPS: open the desk at an address with https://, which the server's operator sets as"
    " BACKCHANNEL_PUBLIC_URL."
)
NO_NAME = "Passkeys need a host name: {} is an address. On this machine, open the desk at http://{}{}."


class RelyingParty(NamedTuple):
    """The server as browsers know it: `id` is a host, `origin` a scheme and a host, `name` is for people."""

    id: str
    origin: str
    name: str


def relying_party(public_url: str, host: str, name: str) -> RelyingParty:
    """Return the relying party at the public URL; where none is set, at `localhost`, if `host` (a header) says so.

    Raises PasskeysUnavailable with a reason: browsers make passkeys for host names with HTTPS, and for localhost.
    """
    try:
        url = httpx.URL(public_url or f"http://{host}")
    except httpx.InvalidURL:
        raise PasskeysUnavailable(NO_HTTPS) from None
    id_ = url.raw_host.decode("ascii", errors="replace")
    if _is_address(url.host):
        port = f":{url.port}" if url.port else ""
        raise PasskeysUnavailable(NO_NAME.format(url.host, LOCAL, port))
    if url.scheme != "https" and id_ != LOCAL:
        raise PasskeysUnavailable(NO_HTTPS)
    return RelyingParty(id_, f"{url.scheme}://{url.netloc.decode('ascii', errors='replace')}", name)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
