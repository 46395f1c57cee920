"""The errors of a Misskey server, in an organiser's words.

Its API answers with a status of 4xx and, in the body, a code: https://misskey-hub.net/docs/for-developers/api/.
"""

from __future__ import annotations

from typing import Final

from connectors.errors import ConnectorError, Forbidden, InvalidResponse, NotFound, Rejected
from connectors.text.lenient_json import decode_small

HAND_OVER: Final = "and follow again with it"
ABSENT: Final = frozenset({"NO_SUCH_NOTE", "NO_SUCH_USER", "SIGNIN_REQUIRED"})
"""Codes for what does not exist, or is not shown to us: a note whose author wants readers to sign in."""
UNAUTHORISED: Final = frozenset({401, 403})


def error_of(error: Rejected | NotFound, host: str, *, has_token: bool) -> ConnectorError:
    """The error that a refusal means. NotFound without `gone` only if the API itself says so."""
    code = code_of(error.body)
    if code in ABSENT:
        return NotFound(f"Not found ({code}): {host} no longer shows it, or never had it.")
    if isinstance(error, NotFound):
        return error if error.gone else not_misskey(host)
    if error.status in UNAUTHORISED:
        return _unauthorised(host, error.status, code, has_token=has_token)
    return not_misskey(host) if not code else error


def code_of(body: bytes) -> str:
    """The code in the body of a refusal; empty if it is not one of Misskey's."""
    try:
        found = decode_small(body)["error"]["code"]
    except (ValueError, TypeError, KeyError, IndexError):
        return ""
    return found if isinstance(found, str) else ""


def not_misskey(host: str) -> InvalidResponse:
    """The server does not speak Misskey's API, or not now."""
    return InvalidResponse(
        f"Not a Misskey API: {host} did not answer as a Misskey server does. It may be under maintenance; "
        "if it isn't one, check the address, or name another server."
    )


def no_account(host: str, acct: str) -> NotFound:
    return NotFound(f"Account not found: {host} has no account @{acct}, or has suspended it. Check the spelling.")


def unreadable(host: str) -> InvalidResponse:
    return InvalidResponse(
        f"Unreadable response: {host} sent what takes too long to read, or crashes the reader. It may pass."
    )


def _unauthorised(host: str, status: int, code: str, *, has_token: bool) -> Forbidden:
    if has_token:
        return Forbidden(f"Invalid access token ({status}): create a new one on {host}, {HAND_OVER}.")
    if code:
        return Forbidden(
            f"Access token required ({status}): {host} shows this only to its own accounts. "
            f"Create one there, {HAND_OVER}."
        )
    return Forbidden(
        f"Access denied ({status}): {host} keeps programs out. Ask its operator, or follow on another server."
    )
