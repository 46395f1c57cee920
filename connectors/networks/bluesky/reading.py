"""From a service's listing to values, each entry by itself: a broken entry affects no other.

It runs in the sandbox (`connectors/sandbox.py`); `portions.py` calls it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec

from connectors.contract import Person, Post, Value
from connectors.contract.bounds import bounded, person
from connectors.contract.consent import wish_in
from connectors.errors import InvalidResponse
from connectors.networks.bluesky.addresses import DID
from connectors.networks.bluesky.entities import POST_URI, Author, FeedItem, PostView, Reason, part, read
from connectors.networks.bluesky.people import did_of, to_person
from connectors.networks.bluesky.posts import says_nothing, to_post
from connectors.networks.bluesky.values import moment, string
from connectors.text.json_items import decode_listing
from connectors.text.lenient_json import as_list

REPOST: Final = "app.bsky.feed.defs#reasonRepost"
PIN: Final = "app.bsky.feed.defs#reasonPin"
MAX_ENTRIES: Final = 200
"""Entries of one response; services send 100 at most."""
MAX_ENCODED: Final = 100_000
"""Bytes of one post once read; a larger one keeps only its text."""
MAX_CURSOR: Final = 2_000
MAX_PROFILE: Final = 20_000
"""Characters of a profile that are read for a wish; Bluesky's longest have 2,560 bytes."""
CID_END: Final = 12
"""Characters at the end of a `cid` that tell versions of a post apart."""
WORDS: Final = ("description", "displayName")
"""The texts of a profile that may have a wish."""
STRANGE: Final = "its address, author or record is missing or invalid"


class Entry(Value, frozen=True):
    """One entry of a listing.

    `id` is the URI of the post, or of the repost that the entry is listed for; `at` the time by which listings are
    sorted. `post` is None if it could not be read (`broken` says so). `hidden` posts are hidden by Bluesky's
    moderators, `pinned` ones are out of order.
    """

    id: str
    key: str = ""
    cid: str = ""
    at: datetime | None = None
    post: Post | None = None
    booster: Person | None = None
    is_boost: bool = False
    pinned: bool = False
    hidden: bool = False
    broken: str = ""


class Listing(Value, frozen=True):
    """Some entries of a response, in its order, their number in all, and the service's cursor to the following page."""

    entries: tuple[Entry, ...] = ()
    total: int = 0
    cursor: str = ""


def read_listing(body: bytes, name: str, at: str, start: int = 0, most: int = MAX_ENTRIES) -> Listing:
    """Up to `most` entries, from index `start` on, of the list called `name` (`feed` or `posts`).

    `at` replaces a time that can't be read. Raises InvalidResponse.
    """
    try:
        whole = decode_listing(body, name, _is_entry)
    except ValueError as error:
        raise InvalidResponse("Invalid JSON in a response.") from error
    listed = as_list(whole.get(name)) if isinstance(whole, dict) else None
    if listed is None:
        raise InvalidResponse(f"Invalid response: it has no list “{name}”.")
    now = datetime.fromisoformat(at)
    cursor = string(whole.get("cursor"), MAX_CURSOR + 1)
    return Listing(
        entries=tuple(_slim(_read(item, now)) for item in listed[:MAX_ENTRIES][start : start + most]),
        total=min(len(listed), MAX_ENTRIES),
        cursor=cursor if len(cursor) <= MAX_CURSOR else "",
    )


def read_people(body: bytes) -> dict[str, Person]:
    """DID → the person, of the profiles in a response. Raises InvalidResponse."""
    found = (part(each, Author) for each in _profiles(body))
    return {author.did: person(to_person(author)) for author in found if author and DID.fullmatch(author.did)}


def read_wishes(body: bytes) -> dict[str, str]:
    """DID → wish to be left out, or nothing, of the profiles in a response. Raises InvalidResponse."""
    found = [each for each in _profiles(body) if isinstance(each.get("did"), str)]
    return {each["did"]: wish_in(*(string(each.get(name), MAX_PROFILE) for name in WORDS)) for each in found}


def _profiles(body: bytes) -> list[dict[str, Any]]:
    """The profiles in a response. Raises InvalidResponse."""
    try:
        whole = decode_listing(body, "profiles", lambda value: isinstance(value, dict) and "did" in value)
    except ValueError as error:
        raise InvalidResponse("Invalid JSON in a response.") from error
    listed = as_list(whole.get("profiles")) if isinstance(whole, dict) else None
    if listed is None:
        raise InvalidResponse("Invalid response: it has no profiles.")
    return [each for each in listed[:MAX_ENTRIES] if isinstance(each, dict)]


def _is_entry(value: Any) -> bool:
    return isinstance(value, dict) and ("post" in value or "uri" in value)


def _read(item: Any, now: datetime) -> Entry:
    """The entry, which also reports its faults. Never raises."""
    name = _uri_in(item)
    try:
        found = read(item if _is_feed_item(item) else {"post": item}, FeedItem)
        return _entry(found, now)
    except msgspec.ValidationError:
        return _broken(name, STRANGE)
    except ValueError as error:
        return _broken(name, str(error))
    except Exception:  # noqa: BLE001  a library may raise anything over foreign bytes
        return _broken(name, "it holds an invalid value")


def _entry(item: FeedItem, now: datetime) -> Entry:
    meaning = to_post(item.post, now)
    post = bounded(meaning.post)
    if says_nothing(post):
        raise ValueError("it has no words, pictures or link")
    reason = part(item.reason, Reason)
    found = Entry(
        id=post.key,
        key=post.key,
        cid=string(item.post.cid, 200)[-CID_END:],
        at=post.created_at,
        post=post,
        hidden=meaning.hidden,
        pinned=reason is not None and reason.type == PIN,
    )
    return _reposted(found, item.post, reason) if reason is not None and reason.type == REPOST else found


def _reposted(found: Entry, view: PostView, reason: Reason) -> Entry:
    """The entry as a boost. Without its own URI it goes by that of its post and the person."""
    by = part(reason.by, Author)
    by = by if by and DID.fullmatch(by.did) else None
    uri = string(reason.uri, 1_000) or f"{found.key} {by.did if by else ''}"
    is_own = by is not None and by.did == view.author.did
    return msgspec.structs.replace(
        found,
        id=uri,
        at=moment(reason.indexed_at) or found.at,
        booster=None if by is None or is_own else person(to_person(by)),
        is_boost=not is_own,
    )


def people_in(entry: Entry) -> tuple[str, ...]:
    """The DIDs of the people whom a card of the entry shows: its author, its booster, and the quoted author."""
    if entry.post is None:
        return ()
    quoted = entry.post.quote.author if entry.post.quote else None
    shown = (entry.post.author, entry.booster, quoted)
    return tuple(filter(None, (did_of(someone.url) for someone in shown if someone)))


def _slim(entry: Entry) -> Entry:
    if entry.post is None or len(msgspec.msgpack.encode(entry)) <= MAX_ENCODED:
        return entry
    post = msgspec.structs.replace(entry.post, media=(), mentions=(), quote=None, card=None)
    return msgspec.structs.replace(entry, post=post)


def _is_feed_item(item: Any) -> bool:
    return isinstance(item, dict) and "post" in item


def owner_of(uri: str) -> str:
    """The DID of the repository that a post is in; empty if it is not a post's URI."""
    found = POST_URI.fullmatch(uri)
    return found[1] if found else ""


def _uri_in(item: Any) -> str:
    """The URI of an entry that may be broken; empty if it has none."""
    view = item.get("post") if _is_feed_item(item) else item
    uri = view.get("uri") if isinstance(view, dict) else None
    return uri if isinstance(uri, str) and POST_URI.fullmatch(uri) else ""


def _broken(uri: str, why: str) -> Entry:
    return Entry(id=uri, broken=f"Unreadable post ({uri or 'without an address'}): {why}.")
