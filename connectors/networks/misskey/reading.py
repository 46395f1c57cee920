"""From a server's notes and users to values, each by itself; in the sandbox (`connectors/sandbox.py`)."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any, Final

import msgspec

from connectors.contract.fields import part, read
from connectors.errors import InvalidResponse
from connectors.networks.misskey.entities import Note, Profile
from connectors.networks.misskey.people import opted_out, to_person
from connectors.networks.misskey.posts import (
    VISIBILITIES,
    is_open,
    is_private,
    key_of,
    quoted_note,
    tags_of,
    to_post,
)
from connectors.text.hashtags import in_text
from connectors.text.html import plain
from connectors.text.lenient_json import as_list, decode
from connectors.timeline.entries import STRANGE, Entry, StrangeEntry, read_some
from connectors.timeline.lists import NO_JSON, listed

NOTE_FIELDS: Final = frozenset({"user", "visibility"})
MAX_USERS: Final = 200


class Hashtags(msgspec.Struct, frozen=True):
    """One of the `first` tags, every one of `every` and none of `never`, in normal form; without any, all match."""

    first: tuple[str, ...] = ()
    every: tuple[str, ...] = ()
    never: tuple[str, ...] = ()

    def match(self, tags: frozenset[str]) -> bool:
        return not self.first or (not tags.isdisjoint(self.first) and tags.issuperset(self.every))

    def leave_out(self, tags: frozenset[str]) -> bool:
        return not tags.isdisjoint(self.never)


def read_notes(  # noqa: PLR0917  arguments pass through the sandbox by their position
    body: bytes, origin: str, hashtags: dict[str, Any], at: str, start: int, most: int, seconds: float
) -> tuple[int, list[bytes]]:
    """The notes of a list, or the single one, as Entries (see `read_some`). Raises InvalidResponse."""
    wanted = msgspec.convert(hashtags, Hashtags)
    read_one = partial(_entry, origin=origin, hashtags=wanted, at=datetime.fromisoformat(at))
    return read_some(listed(body, NOTE_FIELDS), read_one, start, most, seconds)


def read_wishes(body: bytes) -> dict[str, str]:
    """The wishes of a list of users, by id. Raises InvalidResponse."""
    users = (part(each, Profile) for each in (as_list(_decoded(body)) or [])[:MAX_USERS])
    return {user.id: opted_out(user) for user in users if user}


def read_account(body: bytes) -> tuple[str, bool]:
    """(id of a single user, whether the account has ended). Raises InvalidResponse."""
    user = part(_decoded(body), Profile)
    if user is None:
        raise InvalidResponse("Invalid response: it is not a user.")
    return user.id, user.is_suspended is True or user.is_deleted is True


def _decoded(body: bytes) -> Any:
    try:
        return decode(body)
    except ValueError as error:
        raise InvalidResponse(NO_JSON) from error


def _entry(data: Any, *, origin: str, hashtags: Hashtags, at: datetime) -> Entry:
    outer = read(data, Note)
    if not _is_renote(outer):
        return _own(outer, outer.id, origin, hashtags, at)
    inner = read(outer.renote, Note)
    found = _own(inner, outer.id, origin, hashtags, at)
    is_boost = inner.user.id != outer.user.id
    booster = to_person(outer.user, origin, key_of(outer, origin), "") if is_boost else None
    return msgspec.structs.replace(
        found,
        post=found.post if is_open(outer) else None,
        booster=None if opted_out(outer.user) else booster,
        booster_name=outer.user.id if is_boost else "",
        is_boost=is_boost,
    )


def _is_renote(note: Note) -> bool:
    """Whether it has nothing of its own. A renoted note that is missing is not shown to us."""
    has_own = note.text or note.cw is not None or note.files or note.poll or note.reply_id
    return bool(note.renote_id or note.renote) and not has_own


def _own(note: Note, id_: str, origin: str, hashtags: Hashtags, at: datetime) -> Entry:
    if note.visibility not in VISIBILITIES:
        raise StrangeEntry(STRANGE)
    key = key_of(note, origin)
    if not is_open(note):
        return Entry(id=id_, ref=note.id, key=key, ended=is_private(note))
    post = to_post(note, origin, at)
    tags = frozenset([*tags_of(note), *in_text(plain(post.html))])
    if hashtags.leave_out(tags):
        return Entry(id=id_, ref=note.id, key=key)
    quoted = quoted_note(note)
    return Entry(
        id=id_,
        ref=note.id,
        key=key,
        post=post,
        matches=hashtags.match(tags) or post.edited_at is None,  # unedited, it is listed with the server's reasons
        author=note.user.id,
        quoted=quoted.user.id if quoted else "",
    )
