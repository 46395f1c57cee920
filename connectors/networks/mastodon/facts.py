"""Single values from a response that may be large: an account's id, a server's version, an object's type.

They are read in the sandbox (`connectors/sandbox.py`), since decoding or repairing a megabyte of strangers' JSON takes
some tenths of a second.
"""

from __future__ import annotations

from typing import Any, Final

import httpx

from connectors.errors import InvalidResponse
from connectors.http.client import Http, Reply
from connectors.networks.mastodon.errors import unreadable
from connectors.networks.mastodon.posts import NETWORK
from connectors.sandbox import SandboxCrashed
from connectors.text.lenient_json import decode

Fact = str | int | float | bool | None

MAX_FACT_LENGTH: Final = 10_000
"""Characters of a value; longer ones are left out."""
WIDEST: Final = 63
"""Bits of an integer that msgpack can carry."""


async def read_facts(http: Http, reply: Reply, *paths: str) -> dict[str, Fact]:
    """The single values of a JSON object at these paths, such as `contact.account.acct`.

    Raises InvalidResponse if it is not JSON, and Unreadable.
    """
    try:
        return await http.sandbox(NETWORK).run(
            facts, reply.body, paths, returns=dict[str, Fact], raises=InvalidResponse
        )
    except SandboxCrashed as error:
        raise unreadable(httpx.URL(reply.url).netloc.decode()) from error


# --- in the sandbox ---------------------------------------------------------------------------------------------


def facts(body: bytes, paths: list[str]) -> dict[str, Fact]:
    """Path → value, without the paths that have none. Raises InvalidResponse."""
    try:
        whole = decode(body)
    except ValueError as error:
        raise InvalidResponse("Invalid JSON in a response.") from error
    found = {path: _at(whole, path) for path in paths}
    return {path: value for path, value in found.items() if _is_fact(value)}


def _at(value: Any, path: str) -> Any:
    """The value at a path; an object, which counts as none, if a step of the path is missing."""
    for name in path.split("."):
        if not isinstance(value, dict) or name not in value:
            return {}
        value = value[name]
    return value


def _is_fact(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= MAX_FACT_LENGTH
    if isinstance(value, int):
        return value.bit_length() <= WIDEST
    return value is None or isinstance(value, float)
