"""The errors of a service with Bluesky's API, in an organiser's words.

The response to a refused request names the error: https://atproto.com/specs/xrpc#error-responses.
"""

from __future__ import annotations

from typing import Final

from connectors.errors import Forbidden, InvalidResponse, NotFound, Rejected
from connectors.text.characters import visible
from connectors.text.lenient_json import decode_small
from connectors.text.structure import shorten

EXPIRED: Final = frozenset({"ExpiredToken", "InvalidToken"})
UNKNOWN: Final = frozenset({"UnknownFeed", "UnknownList", "RecordNotFound", "RepoNotFound", "HandleNotFound"})
UNAUTHORISED: Final = 401
DENIED: Final = 403
MAX_NAME: Final = 60
MAX_MESSAGE: Final = 200
CREATE_ONE: Final = "create an app password in Bluesky's settings and follow again with it"


class Refused(Rejected):
    """A refusal with the `name` and the `message` that the service gives it; empty if it gives none."""

    def __init__(self, sentence: str, refusal: Rejected, name: str, message: str) -> None:
        super().__init__(sentence, refusal.status, refusal.body)
        self.name = name
        self.message = message

    @property
    def is_expired(self) -> bool:
        """Whether another access token may help."""
        return self.name in EXPIRED or self.status == UNAUTHORISED

    @property
    def is_unknown(self) -> bool:
        """Whether the service knows no such account, list, feed or record: some are told by the message alone."""
        return self.name in UNKNOWN or (
            self.name == "InvalidRequest"
            and self.message.lower().startswith(
                ("profile not found", "could not find", "could not locate", "list not found", "unable to resolve")
            )
        )


def refused(host: str, refusal: Rejected, *, has_login: bool) -> Refused:
    """The refusal as an organiser's sentence."""
    name, message = _reason(refusal.body)
    status = f"{refusal.status} {name}".strip()
    said = f"{host} says “{message}”." if message else f"{host} gives no reason."
    if refusal.status == UNAUTHORISED or name in EXPIRED or name == "AuthMissing":
        sentence = (
            f"Login expired or revoked ({status}): {CREATE_ONE}."
            if has_login
            else f"Login required ({status}): {host} shows this to signed-in readers only. Follow something public."
        )
    elif not name and refusal.status == DENIED:
        sentence = f"Access denied ({status}): {host} blocks this request. Wait a while, or ask its operator."
    else:
        sentence = f"Request rejected ({status}): {said} Check the address and the options."
    return Refused(sentence, refusal, name, message)


def not_a_service(host: str) -> InvalidResponse:
    """The server does not speak Bluesky's API, or not now."""
    return InvalidResponse(
        f"Not a Bluesky service: {host} did not answer as Bluesky's servers do. It may be under maintenance; "
        "if it isn't one, check the address."
    )


def unreadable(host: str) -> InvalidResponse:
    return InvalidResponse(
        f"Unreadable response: {host} sent what takes too long to read, or crashes the reader. It may pass."
    )


def without_password(has_account: bool) -> Forbidden:  # noqa: FBT001  (one fact, one sentence)
    """Hashtags are searched, which Bluesky allows to signed-in readers only."""
    missing = "the account's app password" if has_account else "an account, and give its app password"
    return Forbidden(f"App password required: Bluesky searches hashtags for signed-in readers only. Name {missing}.")


def wrong_password(host: str, account: str, name: str) -> Forbidden:
    return Forbidden(
        f"Login refused{f' ({name})' if name else ''}: {host} does not accept the app password of @{account}. "
        f"Check the account, {CREATE_ONE}."
    )


def no_such(kind: str, value: str, host: str) -> NotFound:
    return NotFound(f"{kind.capitalize()} not found: {host} has no {kind} {value}. Check the spelling.")


def _reason(body: bytes) -> tuple[str, str]:
    """(name, message) of an error response; both empty if it has none."""
    try:
        found = decode_small(body)
    except ValueError:
        return "", ""
    if not isinstance(found, dict):
        return "", ""
    name, message = (
        visible(value) if isinstance(value := found.get(field), str) else "" for field in ("error", "message")
    )
    return name[:MAX_NAME], shorten(message, MAX_MESSAGE)
