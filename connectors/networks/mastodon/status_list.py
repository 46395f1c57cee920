"""The statuses of a response as JSON each, so that each can be read by itself."""

from __future__ import annotations

from typing import Final

from connectors.errors import InvalidResponse
from connectors.text.json_items import items
from connectors.text.lenient_json import begins_with, decode
from connectors.timeline.portions import MAX_ENTRIES

STATUS_FIELDS: Final = frozenset({"uri", "account"})
MAX_STATUSES: Final = MAX_ENTRIES


def statuses_in(body: bytes) -> list[bytes]:
    """Each status of a list, or the single one. Raises InvalidResponse if it is neither."""
    try:
        raw = [body] if _is_status(body) else items(body, _has_status_fields)
    except ValueError as error:
        raise InvalidResponse("Invalid JSON in a response.") from error
    if raw is None:
        raise InvalidResponse("Invalid response: it is not a list of statuses.")
    if raw and not any(map(_may_be_status, raw)):
        raise InvalidResponse("Invalid response: its list has no statuses.")
    return raw[:MAX_STATUSES]


def _has_status_fields(value: object) -> bool:
    return isinstance(value, dict) and value.keys() >= STATUS_FIELDS


def _may_be_status(raw: bytes) -> bool:
    """Whether it has a status's fields, however invalid; a list of shoes has not."""
    try:
        found = decode(raw)
    except ValueError:
        return any(b'"%s"' % name.encode() in raw for name in STATUS_FIELDS)
    return isinstance(found, dict) and not STATUS_FIELDS.isdisjoint(found)


def _is_status(body: bytes) -> bool:
    return begins_with(body, "{") and isinstance(found := decode(body), dict) and "uri" in found
