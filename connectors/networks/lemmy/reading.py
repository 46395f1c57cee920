"""From a server's lists and people to values, each by itself; in the sandbox (`connectors/sandbox.py`)."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any, Final

from connectors.contract.fields import id_of, part, read, string
from connectors.errors import InvalidResponse
from connectors.networks.lemmy.entities import Creator, PostView
from connectors.networks.lemmy.people import name_of, opted_out
from connectors.networks.lemmy.posts import has_ended, is_open, is_pinned, to_post
from connectors.text.lenient_json import decode
from connectors.text.urls import web
from connectors.timeline.entries import STRANGE, Entry, StrangeEntry, read_some
from connectors.timeline.lists import NO_JSON, listed_in

VIEW_FIELDS: Final = frozenset({"post", "creator"})
SINGLE: Final = b'"post_view"'


def read_posts(body: bytes, at: str, start: int, most: int, seconds: float) -> tuple[int, list[bytes]]:
    """The posts of a list, or a single one, as Entries (see `read_some`). Raises InvalidResponse."""
    if SINGLE in body and isinstance(view := _object(body).get("post_view"), dict):
        views: list[Any] = [view]
    else:
        views = listed_in(body, "posts", VIEW_FIELDS)
    return read_some(views, partial(_entry, at=datetime.fromisoformat(at)), start, most, seconds, name=_id)


def read_next(body: bytes) -> str:
    """What the following page is asked for by; empty at the end. Raises InvalidResponse."""
    found = _object(body).get("next_page")
    return str(found)[:500] if isinstance(found, str | int) and str(found) != "None" else ""


def read_community(body: bytes) -> bool:
    """Whether it is a community. Raises InvalidResponse."""
    return isinstance(_object(body).get("community_view"), dict)


def read_person(body: bytes) -> tuple[str, bool]:
    """(the wish of a single person, whether the account has ended). Raises InvalidResponse."""
    view = _object(body).get("person_view")
    person = part(view.get("person"), Creator) if isinstance(view, dict) else None
    if person is None:
        raise InvalidResponse("Invalid response: it is not a person.")
    return opted_out(person), person.deleted is True or person.banned is True


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = decode(body)
    except ValueError as error:
        raise InvalidResponse(NO_JSON) from error
    if not isinstance(found, dict):
        raise InvalidResponse("Invalid response: it is not an object.")
    return found


def _id(data: Any) -> str:
    return id_of(data.get("post")) if isinstance(data, dict) else ""


def _entry(data: Any, *, at: datetime) -> Entry:
    view = read(data, PostView)
    id_, key = str(view.post.id), web(view.post.ap_id)
    if not key or not string(view.creator.actor_id):
        raise StrangeEntry(STRANGE)
    pinned = is_pinned(view.post)
    if not is_open(view):
        return Entry(id=id_, ref=id_, key=key, ended=has_ended(view), pinned=pinned)
    return Entry(id=id_, ref=id_, key=key, post=to_post(view, at), pinned=pinned, author=name_of(view.creator))
