"""What a status code means to those who follow a source (RFC 9110, 15), in one plain sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import httpx

from connectors.errors import ConnectorError, NotFound, Rejected, Unavailable

FORBIDDEN: Final = frozenset({401, 403})
PARTIAL: Final = frozenset({205, 206, 226})
"""What has no body, a part of it, or what has changed in it (RFC 9110, 15.3; RFC 3229)."""


def trouble(host: str, path: str, status: int, *, is_own: bool) -> ConnectorError:
    """`is_own` says that the answer is that of the address which was asked for, or of one to which it moved."""
    if status == httpx.codes.NOT_FOUND:
        return NotFound(f"{host} has nothing at {path} (404): check the address.")
    if status == httpx.codes.GONE:
        return NotFound(f"{host} says that {path} is gone for good (410).", gone=is_own)
    if status in FORBIDDEN:
        return Rejected(f"{host} doesn't let us see {path} ({status}): it may want a token.", status)
    if status in (httpx.codes.REQUEST_TIMEOUT, httpx.codes.TOO_EARLY) or not httpx.codes.is_client_error(status):
        return Unavailable(f"{host} answers with an error of its own ({status}), which may pass.")
    return Rejected(f"{host} refuses what we ask of {path} ({status}).", status)


def is_busy(status: int, headers: Mapping[str, str]) -> bool:
    """Whether the server asks us to come back later."""
    unavailable = status == httpx.codes.SERVICE_UNAVAILABLE and "retry-after" in headers
    return status == httpx.codes.TOO_MANY_REQUESTS or unavailable
