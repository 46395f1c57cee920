"""The errors of a Mastodon server, in an organiser's words."""

from __future__ import annotations

from typing import Final

from connectors.errors import Forbidden, InvalidResponse, NotFound

HAND_OVER: Final = "and follow again with it"


class Unreadable(InvalidResponse):
    """The sandbox ended without a result, which says nothing about the server's kind."""


def unauthorised(host: str, status: int, *, has_token: bool) -> Forbidden:
    """The server wants a token, or another one."""
    if has_token:
        return Forbidden(
            f"Invalid access token ({status}): create a new one on {host}, with the permission `read` "
            f"(or `read:statuses` and `read:accounts`), {HAND_OVER}."
        )
    return Forbidden(
        f"Access token required ({status}): {host} shows this only to its own accounts. "
        f"Create one there, with the permission `read`, {HAND_OVER}."
    )


def not_mastodon(host: str) -> InvalidResponse:
    """The server does not speak Mastodon's API, or not now."""
    return InvalidResponse(
        f"Not a Mastodon API: {host} did not answer as a Mastodon server does. It may be under maintenance; "
        "if it isn't one, check the address, or name another server."
    )


def without_timeline(host: str, acct: str) -> NotFound:
    """The server knows the account, and does not find its posts: a failure, never the account's end."""
    return NotFound(f"Timeline not found: {host} knows @{acct}, but does not find its posts. It may pass.")


def unreadable(host: str) -> Unreadable:
    return Unreadable(
        f"Unreadable response: {host} sent what takes too long to read, or crashes the reader. It may pass."
    )


def not_streaming(host: str, status: int, *, has_token: bool) -> Forbidden:
    """The server streams to accounts of its own only, or not to this one: its sources are polled."""
    if has_token:
        return Forbidden(
            f"Access token refused for streaming ({status}): {host} wants one with the permission `read` "
            f"(or `read:statuses`). Create it there, {HAND_OVER}; until then it is polled."
        )
    return Forbidden(
        f"Access token required for streaming ({status}): {host} streams to its own accounts only. "
        f"Create one there, with the permission `read`, {HAND_OVER}; until then it is polled."
    )
