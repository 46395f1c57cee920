"""Statuses as servers send them become values, each by itself: one strange status costs itself and no other.

`read_all` runs apart from the wall (`connectors/sandbox.py`); what has not changed since it was last read there is not
read again. `read_statuses` is the way to it.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Final

import msgspec

from connectors.contract import Person, Post, Value
from connectors.contract.bounds import bounded, person
from connectors.errors import InvalidResponse
from connectors.http.client import Http
from connectors.networks.mastodon.entities import Status, id_of, moment, read
from connectors.networks.mastodon.people import opted_out, to_person
from connectors.networks.mastodon.posts import NETWORK, all_tags, is_open, is_quiet, says_nothing, to_post
from connectors.sandbox import Collapsed
from connectors.text.lenient_json import begins_with, decode, items

REMEMBERED: Final = 2_000
"""Statuses whose reading is kept: some fifty pages."""
MAX_ENCODED: Final = 200_000
"""Bytes of one status once read; what is larger keeps its words alone."""
STRANGE: Final = "it lacks its address, its author or its visibility, or has something else in their place"


class Read(Value, frozen=True):
    """One status of a list. `id` is the list's own name for it, `ref` and `key` those of the post: a boost has others.

    `post` is None where it is not for everyone (`closed`), or could not be read (`broken` says so). `quiet` posts are
    unlisted. `tags` are all that the server lists and the words have. `author` is the account's own name.
    `edited` says that it was edited, whatever the clock of its server.
    """

    id: str
    ref: str = ""
    key: str = ""
    post: Post | None = None
    booster: Person | None = None
    is_boost: bool = False
    closed: bool = False
    quiet: bool = False
    tags: tuple[str, ...] = ()
    author: str = ""
    edited: bool = False
    broken: str = ""


async def read_statuses(http: Http, body: bytes) -> list[Read]:
    """A list of statuses in JSON, or a single one. Raises InvalidResponse where it is neither."""
    at = datetime.now(UTC).isoformat()
    try:
        found = await http.sandbox(NETWORK).run(read_all, body, at, returns=list[bytes], raises=InvalidResponse)
    except Collapsed as error:
        raise InvalidResponse(f"Its answer cannot be read: {error}") from error
    statuses = []
    for encoded in found:
        statuses.append(msgspec.msgpack.decode(encoded, type=Read))
        await asyncio.sleep(0)  # the wall has its turn between two of them
    return statuses


# --- apart from the wall ----------------------------------------------------------------------------------------

_known: OrderedDict[bytes, bytes] = OrderedDict()


def read_all(body: bytes, at: str) -> list[bytes]:
    """Each status as a Read in msgpack; `at` is the time of those that have none that can be read.

    Raises InvalidResponse for what is neither a list nor a status.
    """
    try:
        raw = [body] if _is_status(body) else items(body)
    except ValueError as error:
        raise InvalidResponse("It is not JSON.") from error
    if raw is None:
        raise InvalidResponse("It is not a list of statuses.")
    return [_remembered(each, at) for each in raw]


def _is_status(body: bytes) -> bool:
    return begins_with(body, "{") and isinstance(found := decode(body), dict) and "uri" in found


def _remembered(raw: bytes, at: str) -> bytes:
    digest = blake2b(raw, digest_size=16).digest()
    if digest in _known:
        _known.move_to_end(digest)
        return _known[digest]
    encoded = _known[digest] = _encoded(_read(raw, datetime.fromisoformat(at)))
    if len(_known) > REMEMBERED:
        _known.popitem(last=False)
    return encoded


def _encoded(found: Read) -> bytes:
    encoded = msgspec.msgpack.encode(found)
    if len(encoded) <= MAX_ENCODED or found.post is None:
        return encoded
    post = msgspec.structs.replace(found.post, media=(), emojis={}, mentions=(), quote=None, card=None)
    return msgspec.msgpack.encode(msgspec.structs.replace(found, post=post, tags=found.tags[:100]))


def _read(raw: bytes, at: datetime) -> Read:
    """Never raises: whatever is wrong with a status is told in its Read."""
    id_ = ""
    try:
        data = decode(raw)
        id_ = id_of(data)
        return _unwrapped(read(data, Status), id_, at)
    except msgspec.ValidationError:
        return _broken(id_, STRANGE)
    except Exception:  # noqa: BLE001  a library may raise anything over what a stranger wrote
        return _broken(id_, "something in it cannot be understood")


def _broken(id_: str, why: str) -> Read:
    return Read(id=id_, broken=f"A post could not be read ({id_ or 'without an id'}): {why}.")


def _unwrapped(outer: Status, id_: str, at: datetime) -> Read:
    if not outer.reblog:  # null, or what careless programs write in its place
        return _told(outer, id_, at)
    inner = read(outer.reblog, Status)
    found = _told(inner, id_, at)
    is_own = inner.account.id == outer.account.id
    booster = None if is_own or opted_out(outer.account) else person(to_person(outer.account))
    closed = found.closed or not is_open(outer)
    quiet = is_quiet(outer) or found.quiet if is_own else is_quiet(outer)
    if not is_own and found.quiet:
        closed = True  # its author chose quiet, and another person passed it on
    return msgspec.structs.replace(
        found,
        post=None if closed else found.post,
        closed=closed,
        quiet=quiet,
        booster=booster,
        is_boost=not is_own,
    )


def _told(status: Status, id_: str, at: datetime) -> Read:
    shown = is_open(status)
    post = bounded(to_post(status, at)) if shown else None
    if post is not None and says_nothing(post):
        return _broken(id_, "it has nothing to show")
    return Read(
        id=id_,
        ref=id_of({"id": status.id}),
        key=status.uri,
        post=post,
        closed=not shown,
        quiet=is_quiet(status),
        tags=all_tags(status) if shown else (),
        author=str(status.account.acct)[:300],
        edited=moment(status.edited_at) not in (None, moment(status.created_at)),
    )
