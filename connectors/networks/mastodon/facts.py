"""Single facts from an answer that may be large: an account's id, a server's version, an object's type.

They are looked up apart from the wall (`connectors/sandbox.py`): to decode a megabyte of strangers' JSON, or to mend
it, takes some tenths of a second, and so would the handing over of all of it.
"""

from __future__ import annotations

from typing import Any, Final

from connectors.errors import InvalidResponse
from connectors.http.client import Http, Reply
from connectors.networks.mastodon.posts import NETWORK
from connectors.sandbox import Collapsed
from connectors.text.lenient_json import decode

Fact = str | int | float | bool | None

LONGEST: Final = 10_000
"""Characters of a fact; a longer one is none."""
WIDEST: Final = 63
"""Bits of a number that can be handed over."""


async def read_facts(http: Http, reply: Reply, *paths: str) -> dict[str, Fact]:
    """What a JSON object says at these paths, such as `contact.account.acct`, as far as it says it in one value.

    Raises InvalidResponse for what is not JSON.
    """
    try:
        return await http.sandbox(NETWORK).run(
            facts, reply.body, paths, returns=dict[str, Fact], raises=InvalidResponse
        )
    except Collapsed as error:
        raise InvalidResponse(f"An answer cannot be read: {error}") from error


# --- apart from the wall ----------------------------------------------------------------------------------------


def facts(body: bytes, paths: list[str]) -> dict[str, Fact]:
    """Path → value, without the paths at which there is none. Raises InvalidResponse."""
    try:
        whole = decode(body)
    except ValueError as error:
        raise InvalidResponse("An answer is not JSON.") from error
    found = {path: _at(whole, path) for path in paths}
    return {path: value for path, value in found.items() if _is_fact(value)}


def _at(value: Any, path: str) -> Any:
    """What stands there; an object, which is no fact, where something is missing on the way."""
    for name in path.split("."):
        if not isinstance(value, dict) or name not in value:
            return {}
        value = value[name]
    return value


def _is_fact(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= LONGEST
    if isinstance(value, int):
        return value.bit_length() <= WIDEST
    return value is None or isinstance(value, float)
