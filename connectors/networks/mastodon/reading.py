"""From servers' statuses to values, each by itself: a broken status affects no other.

It runs in the sandbox (`connectors/sandbox.py`), which reads an unchanged status only once; `portions.py` calls it.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from datetime import datetime
from hashlib import blake2b
from itertools import islice
from math import inf
from typing import Final

import msgspec

from connectors.contract import Person, Post, Value
from connectors.contract.bounds import bounded, person
from connectors.networks.mastodon.entities import Status, id_of, leading_id, read
from connectors.networks.mastodon.people import opted_out, to_person
from connectors.networks.mastodon.posts import all_tags, lists_tags, says_nothing, to_post
from connectors.networks.mastodon.status_list import MAX_STATUSES, statuses_in
from connectors.networks.mastodon.values import moment
from connectors.networks.mastodon.visibility import has_known_visibility, is_open, is_private, is_quiet
from connectors.text.lenient_json import decode

REMEMBERED: Final = 2_000
"""Statuses that are cached once read: some fifty pages."""
MAX_ENCODED: Final = 200_000
"""Bytes of one status once read; a larger one keeps only its text."""
STRANGE: Final = "its address, author or visibility is missing or invalid"


class ParsedStatus(Value, frozen=True):
    """One status of a list.

    For a boost, `id` is the boost's own id; `ref` (the server's id) and `key` (the global URI) are those of the post.
    `post` is None if it is not public (`closed`), or could not be read (`broken` says so). The post itself is not
    public if it is `private`; else its boost is not. `quiet` posts are unlisted. `tags` are those of the server's list
    and of the text; `lists_tags`, whether all of that list can be read. `author` is the account's own name. `edited`
    means that it was edited after it was written, or by a clock that can't be compared.
    """

    id: str
    ref: str = ""
    key: str = ""
    post: Post | None = None
    booster: Person | None = None
    is_boost: bool = False
    closed: bool = False
    private: bool = False
    quiet: bool = False
    tags: tuple[str, ...] = ()
    lists_tags: bool = True
    author: str = ""
    edited: bool = False
    broken: str = ""


_known: OrderedDict[bytes, bytes] = OrderedDict()


def read_all(body: bytes, at: str) -> list[bytes]:
    """Each status of a list, or the single one, as a ParsedStatus in msgpack; `at` replaces a time that can't be read.

    Raises InvalidResponse if it is neither a status nor a list with one: other programs list other values.
    """
    return read_some(body, at, 0, MAX_STATUSES, inf)[1]


def read_some(body: bytes, at: str, start: int, most: int, seconds: float) -> tuple[int, list[bytes]]:
    """Return (number of statuses, up to `most` of them from index `start` on); parse no further one after `seconds`."""
    raw, until = statuses_in(body), time.monotonic() + seconds
    found: list[bytes] = []
    for each in islice(raw, start, None):
        if found and (len(found) >= most or time.monotonic() >= until):
            break
        found.append(_remembered(each, at))
    return len(raw), found


def _remembered(raw: bytes, at: str) -> bytes:
    digest = blake2b(raw, digest_size=16).digest()
    if digest in _known:
        _known.move_to_end(digest)
        return _known[digest]
    encoded = _known[digest] = _encoded(_read(raw, datetime.fromisoformat(at)))
    if len(_known) > REMEMBERED:
        _known.popitem(last=False)
    return encoded


def _encoded(found: ParsedStatus) -> bytes:
    encoded = msgspec.msgpack.encode(found)
    if len(encoded) <= MAX_ENCODED or found.post is None:
        return encoded
    post = msgspec.structs.replace(found.post, media=(), emojis={}, mentions=(), quote=None, card=None)
    return msgspec.msgpack.encode(msgspec.structs.replace(found, post=post, tags=found.tags[:100]))


def _read(raw: bytes, at: datetime) -> ParsedStatus:
    """The status as a ParsedStatus, which also reports its faults. Never raises."""
    id_ = leading_id(raw)
    try:
        data = decode(raw)
        id_ = id_of(data)
        return _unwrapped(read(data, Status), id_, at)
    except msgspec.ValidationError:
        return _broken(id_, STRANGE)
    except Exception:  # noqa: BLE001  a library may raise anything over foreign bytes
        return _broken(id_, "it holds an invalid value")


def _broken(id_: str, why: str) -> ParsedStatus:
    return ParsedStatus(id=id_, broken=f"Unreadable post ({id_ or 'without an id'}): {why}.")


def _unwrapped(outer: Status, id_: str, at: datetime) -> ParsedStatus:
    if not outer.reblog:  # null, or a careless program's substitute for it
        return _entry(outer, id_, at)
    inner = read(outer.reblog, Status)
    found = _entry(inner, id_, at)
    is_own = inner.account.id == outer.account.id
    booster = None if is_own or opted_out(outer.account) else person(to_person(outer.account))
    closed = found.closed or not is_open(outer)
    quiet = is_quiet(outer) or found.quiet if is_own else is_quiet(outer)
    if not is_own and found.quiet:
        closed = True  # an unlisted post, boosted by another person
    return msgspec.structs.replace(
        found,
        post=None if closed else found.post,
        closed=closed,
        quiet=quiet,
        booster=booster,
        is_boost=not is_own,
    )


def _entry(status: Status, id_: str, at: datetime) -> ParsedStatus:
    if not has_known_visibility(status):
        return _broken(id_, STRANGE)
    shown = is_open(status)
    whole = to_post(status, at) if shown else None
    post = bounded(whole) if whole else None
    if post is not None and says_nothing(post):
        return _broken(id_, "it has no words, pictures or poll")
    return ParsedStatus(
        id=id_,
        ref=id_of({"id": status.id}),
        key=status.uri,
        post=post,
        closed=not shown,
        private=is_private(status),
        quiet=is_quiet(status),
        tags=all_tags(status, whole.tags) if whole else (),
        lists_tags=lists_tags(status),
        author=str(status.account.acct)[:300],
        edited=_is_edited(status, at),
    )


def _is_edited(status: Status, at: datetime) -> bool:
    """Whether it was edited after the writing: some servers fill the field in any case, or with a zero.

    A date of writing that is still to come, or can't be read, says nothing about the order of the two.
    """
    edited, created = moment(status.edited_at), moment(status.created_at)
    if edited is None or edited == created:
        return False
    return created is None or edited > created or created > at
