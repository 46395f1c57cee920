"""Storing the posts of a page, once for all walls: new ones are inserted, superseded ones replaced.

Rows are locked by id, in the order that every writer keeps.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import bindparam, func, update
from sqlalchemy import select as columns
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.intake.incoming import IncomingPost, sort_time
from aggregator.intake.versions import Dispute, SourceAuthority, is_disputed, recounted, restamped, supersedes
from aggregator.items.ids import author_id
from aggregator.items.tables import StoredPost
from aggregator.sources.tables import Sighting, Source
from aggregator.store.sql import chunks, inserting
from connectors.contract import Person, Post
from connectors.contract.origin import is_at

IsOrigin = Callable[[str], bool]
"""Whether the server of a page is the origin of the post with this key."""


class StoredBatch(NamedTuple):
    """The stored posts of a page: each in its current version, and those with new content.

    `numbers` are the posts' numbers in the store; `first` are the posts that no earlier page had; `redated` have a
    corrected timestamp and no other change. `renamed` are authors with a new name or avatar at their origin.
    `before` are the edited posts as they were.
    `disputed` are versions that only the origin can confirm.
    """

    posts: dict[str, IncomingPost]
    edits: dict[str, IncomingPost]
    redated: frozenset[str]
    numbers: dict[str, int]
    first: frozenset[str]
    renamed: tuple[Person, ...]
    before: dict[str, Post]
    disputed: tuple[Dispute, ...]


class _Row(NamedTuple):
    """A stored post. `body` is None if the post is gone."""

    n: int
    body: bytes | None
    at: int
    first_seen_at: datetime
    from_origin: bool


async def store_posts(
    db: AsyncSession,
    source: Source,
    arrivals: Mapping[str, IncomingPost],
    now: datetime,
    *,
    is_origin: IsOrigin,
    others: Collection[str] = (),
    only_known: Collection[str] = (),
) -> StoredBatch:
    """Insert new posts and replace superseded ones, leaving out posts that are permanently gone.

    The `others` are locked too, because one poller may store the posts that another one removes. Posts of
    `only_known` are never inserted.
    """
    stored = await _stored(db, arrivals, others)
    fresh = [arrival for id_, arrival in arrivals.items() if id_ not in stored and id_ not in only_known]
    posts = {arrival.id: arrival for arrival in fresh}
    posts |= {id_: arrivals[id_] for id_, row in stored.items() if row.body is not None}
    versions = await _compare(db, source, arrivals, stored, is_origin)
    posts |= versions.current
    first = await _insert(db, [_row_of(arrival, now, is_origin) for arrival in fresh])
    numbers = {id_: row.n for id_, row in stored.items()} | first
    if len(first) < len(fresh):
        numbers |= {id_: row.n for id_, row in (await _stored(db, arrivals)).items()}
    await _rewrite(db, versions.rows)
    await _mark_as_origin(db, versions.confirmed)
    return StoredBatch(
        {id_: posts[id_] for id_ in arrivals if id_ in posts},
        versions.edits,
        frozenset(versions.redated),
        numbers,
        frozenset(first),
        tuple(versions.renamed),
        versions.before,
        tuple(versions.disputed),
    )


async def _stored(db: AsyncSession, wanted: Collection[str], others: Collection[str] = ()) -> dict[str, _Row]:
    """Return the wanted posts that are stored, locked with the others until the transaction ends."""
    found: dict[str, _Row] = {}
    names = map(col, (StoredPost.n, StoredPost.body, StoredPost.at, StoredPost.first_seen_at, StoredPost.from_origin))
    query: Any = columns(col(StoredPost.id), *names).order_by(col(StoredPost.id)).with_for_update(key_share=True)
    for chunk in chunks(sorted({*wanted, *others})):
        for id_, *values in await db.exec(query.where(col(StoredPost.id).in_(chunk))):
            if id_ in wanted:
                found[id_] = _Row(*values)
    return found


class _Versions:
    """The decisions about incoming versions that differ from the stored ones."""

    def __init__(self) -> None:
        self.current: dict[str, IncomingPost] = {}  # the stored words, whose dates may be corrected
        self.edits: dict[str, IncomingPost] = {}
        self.redated: set[str] = set()
        self.rows: list[dict[str, Any]] = []
        self.confirmed: list[str] = []  # now received from their origin, too
        self.renamed: list[Person] = []
        self.before: dict[str, Post] = {}  # the edited posts as they were
        self.disputed: list[Dispute] = []

    def take(self, arrival: IncomingPost, at: int, *, from_origin: bool) -> None:
        author = author_id(arrival.post.network, arrival.post.author)
        self.rows.append(
            {"this": arrival.id, "body": arrival.body, "at": at, "author": author, "from_origin": from_origin}
        )


async def _compare(
    db: AsyncSession,
    source: Source,
    arrivals: Mapping[str, IncomingPost],
    stored: Mapping[str, _Row],
    is_origin: IsOrigin,
) -> _Versions:
    found = _Versions()
    origins = {id_: is_origin(arrivals[id_].post.key) for id_ in stored}
    living = {id_: row for id_, row in stored.items() if row.body is not None}
    changed = [id_ for id_, row in living.items() if row.body != arrivals[id_].body]
    found.confirmed = [id_ for id_, row in living.items() if origins[id_] and not row.from_origin]
    primary = await _primary_for(db, source, changed) if changed else set()
    shared = await _shared(db, source, changed) if changed else set()
    for id_ in changed:
        authority = SourceAuthority(origins[id_], id_ in primary, id_ not in shared)
        _choose_version(found, arrivals[id_], living[id_], authority)
    if found.disputed:
        heard = await _from_origin(db, {id_: arrivals[id_].post.key for id_ in changed if living[id_].from_origin})
        found.disputed = [dispute for dispute in found.disputed if dispute.claimed.key not in heard]
    return found


async def _from_origin(db: AsyncSession, keys: Mapping[str, str]) -> set[str]:
    """Return the keys (by post id) whose origin is a source, followed or not: it is asked again in any case."""
    heard: set[str] = set()
    for chunk in chunks(sorted(keys)):
        query = select(StoredPost.id, Source.server).join(Sighting, col(Sighting.post_n) == col(StoredPost.n))
        query = query.join(Source, col(Source.id) == col(Sighting.source_id)).where(col(StoredPost.id).in_(chunk))
        heard.update(keys[id_] for id_, server in await db.exec(query) if is_at(server, keys[id_]))
    return heard


def _choose_version(found: _Versions, arrival: IncomingPost, row: _Row, authority: SourceAuthority) -> None:
    """Decide about one version that differs: an edit, a corrected date, or a version that does not count."""
    old = msgspec.json.decode(row.body or b"", type=Post)
    from_origin = row.from_origin or authority.is_origin
    is_first = authority.is_primary and not row.from_origin
    weighs = authority.is_origin or is_first
    same = restamped(arrival.post, old)
    if same is not None:
        at = sort_time(same, row.first_seen_at)
        if weighs and at != row.at:
            newer = arrival._replace(post=same, body=msgspec.json.encode(same))
            found.take(newer, at, from_origin=from_origin)
            found.redated.add(arrival.id)
            found.current[arrival.id] = newer
            return
    elif supersedes(arrival.post, old, authority, old_from_origin=row.from_origin):
        found.take(arrival, sort_time(arrival.post, row.first_seen_at), from_origin=from_origin)
        found.edits[arrival.id] = arrival
        found.before[arrival.id] = old
        if authority.is_origin and row.from_origin and arrival.post.author != old.author:
            found.renamed.append(arrival.post.author)
        return
    elif is_first and (counted := recounted(arrival.post, old)):
        newer = arrival._replace(post=counted, body=msgspec.json.encode(counted))
        found.take(newer, row.at, from_origin=False)
        found.edits[arrival.id] = newer
        found.before[arrival.id] = old
        return
    elif not authority.is_origin and is_disputed(arrival.post, old):
        found.disputed.append(Dispute(arrival.post, old))
    found.current[arrival.id] = arrival._replace(post=old, body=row.body or b"")


async def _primary_for(db: AsyncSession, source: Source, post_ids: Collection[str]) -> set[str]:
    """Return the posts that no older source shows: of several servers' versions, the oldest source's counts."""
    primary = set(post_ids)
    for chunk in chunks(sorted(post_ids)):
        first = func.min(Sighting.source_id)
        query = select(StoredPost.id).join(Sighting).where(col(StoredPost.id).in_(chunk), col(Sighting.shown).is_(True))
        earlier = query.group_by(col(StoredPost.id)).having(first < source.id)
        primary.difference_update((await db.exec(earlier)).all())
    return primary


async def _shared(db: AsyncSession, source: Source, post_ids: Collection[str]) -> set[str]:
    """Return the posts that a source on another server, which is still followed, shows on any wall."""
    shared: set[str] = set()
    for chunk in chunks(sorted(post_ids)):
        query = select(StoredPost.id).join(Sighting).join(Source, col(Source.id) == col(Sighting.source_id))
        followed = (col(Sighting.shown).is_(True), col(Source.ended_at).is_(None))
        elsewhere = (*followed, Source.server != source.server)
        shared.update(await db.exec(query.where(col(StoredPost.id).in_(chunk), *elsewhere)))
    return shared


async def _insert(db: AsyncSession, rows: list[dict[str, Any]]) -> dict[str, int]:
    """Insert new posts and return their numbers; posts that another poller has just inserted are left unchanged."""
    if not rows:
        return {}
    inserted = inserting(db, StoredPost).on_conflict_do_nothing()
    statement = inserted.returning(StoredPost.id, StoredPost.n)
    given = await (await db.connection()).execute(statement, sorted(rows, key=itemgetter("id")))
    return {row.id: row.n for row in given}


def _row_of(arrival: IncomingPost, now: datetime, is_origin: IsOrigin) -> dict[str, Any]:
    post = arrival.post
    return {
        "id": arrival.id,
        "network": post.network,
        "body": arrival.body,
        "at": sort_time(post, now),
        "first_seen_at": now,
        "author": author_id(post.network, post.author),
        "from_origin": is_origin(post.key),
    }


async def _rewrite(db: AsyncSession, rows: list[dict[str, Any]]) -> None:
    """Replace the content of these posts."""
    if rows:
        table: Any = StoredPost.__table__  # type: ignore[attr-defined]  # SQLModel gives it and does not declare it
        columns_: dict[str, Any] = {name: bindparam(f"new_{name}") for name in ("body", "at", "author", "from_origin")}
        statement = update(table).where(table.c.id == bindparam("this")).values(**columns_)
        renamed = [
            {name if name == "this" else f"new_{name}": value for name, value in row.items()}
            for row in sorted(rows, key=itemgetter("this"))
        ]
        await (await db.connection()).execute(statement, renamed)


async def _mark_as_origin(db: AsyncSession, post_ids: Collection[str]) -> None:
    for chunk in chunks(sorted(post_ids)):
        await db.exec(update(StoredPost).where(col(StoredPost.id).in_(chunk)).values(from_origin=True))
