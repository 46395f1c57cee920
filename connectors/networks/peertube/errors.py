"""The errors of a PeerTube server, in an organiser's words.

Its API answers with a status of 4xx and a `detail` (RFC 7807): https://docs.joinpeertube.org/api-rest-reference.html.
"""

from __future__ import annotations

from typing import Final

from connectors.errors import ConnectorError, Forbidden, InvalidResponse, NotFound, Rejected
from connectors.text.lenient_json import decode_small

UNAUTHORISED: Final = frozenset({401, 403})


def error_of(error: Rejected | NotFound, host: str, *, is_single: bool) -> ConnectorError:
    """The error that a refusal means. NotFound without `gone` only if the API itself says so.

    A `single` video that is private by now, or blocked, is not shown to us any more either.
    """
    detail = detail_of(error.body)
    if isinstance(error, NotFound):
        if error.gone:
            return error
        return NotFound(f"Not found: {host} no longer shows it, or never had it.") if detail else not_peertube(host)
    if error.status in UNAUTHORISED:
        if detail and is_single:
            return NotFound(f"Not public ({error.status}): {host} no longer shows it.")
        return Forbidden(
            f"Access denied ({error.status}): {host} shows this only to its own accounts, or keeps programs out. "
            "Ask its operator, or follow on another server."
        )
    return error if detail else not_peertube(host)


def detail_of(body: bytes) -> str:
    """The API's own sentence in the body of a refusal; empty if there is none. Old versions call it `error`."""
    try:
        found = decode_small(body)
    except ValueError:
        return ""
    said = found.get("detail") or found.get("error") if isinstance(found, dict) else ""
    return said if isinstance(said, str) else ""


def not_peertube(host: str) -> InvalidResponse:
    """The server does not speak PeerTube's API, or not now."""
    return InvalidResponse(
        f"Not a PeerTube API: {host} did not answer as a PeerTube server does. It may be under maintenance; "
        "if it isn't one, check the address, or name another server."
    )


def no_channel(host: str, name: str) -> NotFound:
    return NotFound(f"Channel not found: {host} has no channel and no account @{name}. Check the spelling.")


def unreadable(host: str) -> InvalidResponse:
    return InvalidResponse(
        f"Unreadable response: {host} sent what takes too long to read, or crashes the reader. It may pass."
    )
