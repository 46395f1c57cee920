"""The errors of a Lemmy or PieFed server, in an organiser's words.

Lemmy answers with a status of 4xx and a code in `error`, PieFed with 400 and a sentence in `message`.
"""

from __future__ import annotations

import re
from typing import Final

from connectors.errors import ConnectorError, Forbidden, InvalidResponse, NotFound, Rejected
from connectors.text.lenient_json import decode_small

ABSENT: Final = re.compile(r"couldnt_find_|not.?found|no object found|no row was found", re.IGNORECASE)
PRIVATE: Final = re.compile(r"instance_is_private|not_logged_in|incorrect.?login|authentication|private", re.IGNORECASE)
UNAUTHORISED: Final = frozenset({401, 403})
SWITCHED_OFF: Final = "not enabled"


def error_of(error: Rejected | NotFound, host: str, *, has_token: bool) -> ConnectorError:
    """The error that a refusal means. NotFound without `gone` only if the API itself says so."""
    code = code_of(error.body)
    if isinstance(error, NotFound) and error.gone:
        return error
    if SWITCHED_OFF in code:
        return Forbidden(f"API switched off: the operator of {host} has to enable it, or name another server.")
    if ABSENT.search(code):
        return NotFound(f"Not found: {host} no longer shows it, or never had it.")
    if PRIVATE.search(code) or (isinstance(error, Rejected) and error.status in UNAUTHORISED):
        return _unauthorised(host, has_token=has_token, is_api=bool(code))
    return not_lemmy(host) if not code or isinstance(error, NotFound) else error


def code_of(body: bytes) -> str:
    """The code or sentence in the body of a refusal; empty if it is not one of these APIs'."""
    try:
        found = decode_small(body)
    except ValueError:
        return ""
    said = found.get("error") or found.get("message") if isinstance(found, dict) else ""
    return said if isinstance(said, str) else ""


def not_lemmy(host: str) -> InvalidResponse:
    """The server speaks neither API, or not now."""
    return InvalidResponse(
        f"Not a Lemmy or PieFed API: {host} did not answer as such a server does. It may be under maintenance; "
        "if it isn't one, check the address, or name another server."
    )


def no_community(host: str, name: str) -> NotFound:
    return NotFound(
        f"Community not found: {host} does not know !{name}. Check the spelling, or follow it on its own server."
    )


def unreadable(host: str) -> InvalidResponse:
    return InvalidResponse(
        f"Unreadable response: {host} sent what takes too long to read, or crashes the reader. It may pass."
    )


def _unauthorised(host: str, *, has_token: bool, is_api: bool) -> Forbidden:
    again = "and follow again with it"
    if has_token:
        return Forbidden(f"Invalid access token: log in on {host} for a new one, {again}.")
    if is_api:
        return Forbidden(
            f"Access token required: {host} shows this only to its own accounts. Log in there for one, {again}."
        )
    return Forbidden(f"Access denied: {host} keeps programs out. Ask its operator, or follow on another server.")
