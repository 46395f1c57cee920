"""From replies of Hacker News's search and API to values, each by itself; in the sandbox (`connectors/sandbox.py`)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from connectors.contract.consent import wish_in
from connectors.contract.fields import flag, read, string
from connectors.errors import InvalidResponse
from connectors.networks.hackernews.addresses import NUMBER, USER
from connectors.networks.hackernews.entities import Hit, Item
from connectors.networks.hackernews.posts import item_of, key_of, to_post
from connectors.text.lenient_json import decode
from connectors.timeline.entries import STRANGE, Entry, StrangeEntry, read_some
from connectors.timeline.lists import NO_JSON, listed, listed_in

HIT_FIELDS: Final = frozenset({"objectID"})
ITEM_FIELDS: Final = frozenset({"id"})
MAX_TEXT: Final = 20_000


def read_hits(body: bytes, at: str, start: int, most: int, seconds: float) -> tuple[int, list[bytes]]:
    """What the search has found, as Entries (see `read_some`). Raises InvalidResponse."""
    moment = datetime.fromisoformat(at)
    hits = listed_in(body, "hits", HIT_FIELDS)
    return read_some(hits, lambda data: _hit(data, moment), start, most, seconds, name=_id)


def read_item(body: bytes, at: str, start: int, most: int, seconds: float) -> tuple[int, list[bytes]]:
    """A single story or comment as an Entry; none if there is no such item. Raises InvalidResponse."""
    moment = datetime.fromisoformat(at)
    items = [] if body.strip() == b"null" else listed(body, ITEM_FIELDS)
    return read_some(items, lambda data: _item(data, moment), start, most, seconds)


def read_user(body: bytes) -> str:
    """The wish in an account's profile; empty if there is none. Raises InvalidResponse."""
    try:
        user = decode(body)
    except ValueError as error:
        raise InvalidResponse(NO_JSON) from error
    return wish_in(string(user.get("about"), MAX_TEXT)) if isinstance(user, dict) else ""


def _id(data: Any) -> str:
    found = data.get("objectID") if isinstance(data, dict) else None
    return found if isinstance(found, str) and NUMBER.fullmatch(found) else ""


def _hit(data: Any, at: datetime) -> Entry:
    hit = read(data, Hit)
    if not NUMBER.fullmatch(hit.objectID):
        raise StrangeEntry(STRANGE)
    return _shown(item_of(hit), at)


def _item(data: Any, at: datetime) -> Entry:
    item = read(data, Item)
    if flag(item.deleted) or flag(item.dead):
        id_ = str(item.id)
        return Entry(id=id_, ref=id_, key=key_of(id_), ended=flag(item.deleted))
    return _shown(item, at)


def _shown(item: Item, at: datetime) -> Entry:
    id_, name = str(item.id), string(item.by)
    if not USER.fullmatch(name):
        raise StrangeEntry(STRANGE)
    return Entry(id=id_, ref=id_, key=key_of(id_), post=to_post(item, at), author=name)
