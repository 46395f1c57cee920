"""The entries of a response, each as JSON or decoded, so that each can be read by itself."""

from __future__ import annotations

from typing import Any, Final

from connectors.errors import InvalidResponse
from connectors.text.json_items import decode_listing, items
from connectors.text.lenient_json import as_list, begins_with, decode

NO_JSON: Final = "Invalid JSON in a response."
NO_LIST: Final = "Invalid response: it is not a list of posts."


def listed(body: bytes, fields: frozenset[str]) -> list[Any]:
    """Each entry of a list, or the single one. Raises InvalidResponse if no entry has any of these `fields`."""
    try:
        found = [body] if begins_with(body, "{") else items(body, lambda value: _has(value, fields))
    except ValueError as error:
        raise InvalidResponse(NO_JSON) from error
    return _checked(found, fields)


def listed_in(body: bytes, name: str, fields: frozenset[str]) -> list[Any]:
    """Each entry of the list `name` of an object. Raises InvalidResponse as `listed` does."""
    try:
        whole = decode_listing(body, name, lambda value: _has(value, fields))
    except ValueError as error:
        raise InvalidResponse(NO_JSON) from error
    return _checked(as_list(whole.get(name)) if isinstance(whole, dict) else None, fields)


def _checked(found: list[Any] | None, fields: frozenset[str]) -> list[Any]:
    if found is None or (found and not any(_may_be(each, fields) for each in found)):
        raise InvalidResponse(NO_LIST)
    return found


def _has(value: Any, fields: frozenset[str]) -> bool:
    return isinstance(value, dict) and value.keys() >= fields


def _may_be(each: Any, fields: frozenset[str]) -> bool:
    """Whether it has an entry's fields, however invalid; a list of shoes has not."""
    if isinstance(each, bytes | str):
        try:
            each = decode(each if isinstance(each, bytes) else each.encode())
        except ValueError:
            text = each if isinstance(each, bytes) else each.encode("utf-8", "replace")
            return any(b'"%s"' % name.encode() in text for name in fields)
    return isinstance(each, dict) and not fields.isdisjoint(each)
