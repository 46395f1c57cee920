"""The posts of a page in the store, once for all walls: new ones inserted, superseded ones rewritten, gone ones left.

Rows are locked in the order of their ids, which every writer keeps.
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

from aggregator.intake.incoming import IncomingPost, Standing, moment, restamped, supersedes
from aggregator.items.ids import author_id
from aggregator.items.tables import StoredPost
from aggregator.sources.tables import Sighting, Source
from aggregator.store.sql import chunks, inserting
from connectors.contract import Person, Post

IsOrigin = Callable[[str], bool]
"""Whether the server that a page came from is where the post with this key was made."""


class StoredBatch(NamedTuple):
    """What the store has after a page: each post of it as it stands now, and those whose content is new.

    `numbers` are the posts' own in the store; `first` are those that this page was the first to bring; `moved` have
    another place in time, and nothing else that is new. `renamed` are authors who, by their origin, go by
    another name or picture now; `handles` are those under which the authors of the edited posts had written before.
    """

    posts: dict[str, IncomingPost]
    edits: dict[str, IncomingPost]
    moved: frozenset[str]
    numbers: dict[str, int]
    first: frozenset[str]
    renamed: tuple[Person, ...]
    handles: dict[str, str]


class _Row(NamedTuple):
    """A post as it is stored. `body` is None where it has gone."""

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
    """Insert what is new, replace what is superseded; leaves out what has gone permanently.

    The `others` are locked with these: of two pollers, each may keep what the other loses. Of `only_known` nothing new
    is inserted.
    """
    stored = await _stored(db, arrivals, others)
    fresh = [arrival for id_, arrival in arrivals.items() if id_ not in stored and id_ not in only_known]
    posts = {arrival.id: arrival for arrival in fresh}
    posts |= {id_: arrivals[id_] for id_, row in stored.items() if row.body is not None}
    versions = await _compare(db, source, arrivals, stored, is_origin)
    posts |= versions.standing
    first = await _insert(db, [_row_of(arrival, now, is_origin) for arrival in fresh])
    numbers = {id_: row.n for id_, row in stored.items()} | first
    if len(first) < len(fresh):
        numbers |= {id_: row.n for id_, row in (await _stored(db, arrivals)).items()}
    await _rewrite(db, versions.rows)
    await _mark_as_origin(db, versions.confirmed)
    return StoredBatch(
        {id_: posts[id_] for id_ in arrivals if id_ in posts},
        versions.edits,
        frozenset(versions.moved),
        numbers,
        frozenset(first),
        tuple(versions.renamed),
        versions.handles,
    )


async def _stored(db: AsyncSession, wanted: Collection[str], others: Collection[str] = ()) -> dict[str, _Row]:
    """Those of the wanted posts that are in the store, locked until the end; the others are locked with them."""
    found: dict[str, _Row] = {}
    names = map(col, (StoredPost.n, StoredPost.body, StoredPost.at, StoredPost.first_seen_at, StoredPost.from_origin))
    query: Any = columns(col(StoredPost.id), *names).order_by(col(StoredPost.id)).with_for_update(key_share=True)
    for chunk in chunks(sorted({*wanted, *others})):
        for id_, *values in await db.exec(query.where(col(StoredPost.id).in_(chunk))):
            if id_ in wanted:
                found[id_] = _Row(*values)
    return found


class _Versions:
    """What becomes of versions that differ from those in the store."""

    def __init__(self) -> None:
        self.standing: dict[str, IncomingPost] = {}  # those that stay as they were stored
        self.edits: dict[str, IncomingPost] = {}
        self.moved: set[str] = set()
        self.rows: list[dict[str, Any]] = []
        self.confirmed: list[str] = []  # the origin says what another server had told
        self.renamed: list[Person] = []
        self.handles: dict[str, str] = {}  # of the edited posts' authors, before

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
    for id_ in changed:
        _judge(found, arrivals[id_], living[id_], Standing(origins[id_], id_ in primary))
    return found


def _judge(found: _Versions, arrival: IncomingPost, row: _Row, standing: Standing) -> None:
    """One version that differs: an edit, a date put right, or nothing that counts."""
    old = msgspec.json.decode(row.body or b"", type=Post)
    from_origin = row.from_origin or standing.is_origin
    weighs = standing.is_origin or (standing.is_primary and not row.from_origin)
    same = restamped(arrival.post, old)
    if same is not None:
        at = moment(same, row.first_seen_at)
        if weighs and at != row.at:
            newer = arrival._replace(post=same, body=msgspec.json.encode(same))
            found.take(newer, at, from_origin=from_origin)
            found.moved.add(arrival.id)
            found.standing[arrival.id] = newer
            return
    elif supersedes(arrival.post, old, standing, old_from_origin=row.from_origin):
        found.take(arrival, moment(arrival.post, row.first_seen_at), from_origin=from_origin)
        found.edits[arrival.id] = arrival
        found.handles[arrival.id] = old.author.handle
        if standing.is_origin and row.from_origin and arrival.post.author != old.author:
            found.renamed.append(arrival.post.author)
        return
    found.standing[arrival.id] = arrival._replace(post=old, body=row.body or b"")


async def _primary_for(db: AsyncSession, source: Source, post_ids: Collection[str]) -> set[str]:
    """Those posts that no source followed earlier shows: of several servers' versions, the first source's counts."""
    primary = set(post_ids)
    for chunk in chunks(sorted(post_ids)):
        first = func.min(Sighting.source_id)
        query = select(StoredPost.id).join(Sighting).where(col(StoredPost.id).in_(chunk), col(Sighting.shown).is_(True))
        earlier = query.group_by(col(StoredPost.id)).having(first < source.id)
        primary.difference_update((await db.exec(earlier)).all())
    return primary


async def _insert(db: AsyncSession, rows: list[dict[str, Any]]) -> dict[str, int]:
    """New posts, and the numbers that they get. Those that another poller has just put there stay as they are."""
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
        "at": moment(post, now),
        "first_seen_at": now,
        "author": author_id(post.network, post.author),
        "from_origin": is_origin(post.key),
    }


async def _rewrite(db: AsyncSession, rows: list[dict[str, Any]]) -> None:
    """New content under the same id."""
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
