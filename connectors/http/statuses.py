"""The meaning of a status code for a followed source (RFC 9110, 15), in one plain sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import httpx

from connectors.errors import ConnectorError, NotFound, Rejected, Unavailable

FORBIDDEN: Final = frozenset({401, 403})
PARTIAL: Final = frozenset({205, 206, 226})
"""Successful statuses without the whole body: none, a part or a delta (RFC 9110, 15.3; RFC 3229)."""


def error_for(host: str, path: str, status: int, *, is_own: bool) -> ConnectorError:
    """The error that a status means. `is_own`: the answer came from the requested address, or from where it moved."""
    if status == httpx.codes.NOT_FOUND:
        return NotFound(f"Not found (404): {host} has nothing at {path}. Check the address.")
    if status == httpx.codes.GONE:
        return NotFound(f"Gone (410): {host} has removed {path} permanently.", gone=is_own)
    if status in FORBIDDEN:
        return Rejected(f"Access denied ({status}): {host} doesn't show {path}. It may want an access token.", status)
    if status in (httpx.codes.REQUEST_TIMEOUT, httpx.codes.TOO_EARLY) or not httpx.codes.is_client_error(status):
        problem = "Server error" if httpx.codes.is_server_error(status) else "Unexpected status"
        return Unavailable(f"{problem} ({status}) from {host}: it may pass.")
    return Rejected(f"Request rejected ({status}): {host} refuses the request for {path}.", status)


def is_busy(status: int, headers: Mapping[str, str]) -> bool:
    """Whether the server asks us to come back later."""
    unavailable = status == httpx.codes.SERVICE_UNAVAILABLE and "retry-after" in headers
    return status == httpx.codes.TOO_MANY_REQUESTS or unavailable
