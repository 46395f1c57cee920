"""A page comes in: posts kept once, placed on the wall that follows them, and published, in the caller's transaction.

It refuses to know networks and time-tables. Everything is done for the whole page at once, in a number of statements
that does not depend on the store's size. Rows are locked in one order (posts, items, channels), so that two pollers
never wait for each other in a ring.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import bindparam, case, func, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.intake.arrivals import Arrival, ids, moment, replaces, unpack
from aggregator.items.bodies import wanted
from aggregator.items.showing import chunks, places, show_on
from aggregator.items.tables import Item, Sighting, StoredPost
from aggregator.media.pictures import release, want
from aggregator.moderation.origin import forget, leave_out, let_go
from aggregator.moderation.rules import judge
from aggregator.moment import to_micros
from aggregator.walls.tables import Source, Wall
from connectors._base import Page, Person, Post

ORIGIN = "origin"
"""Who withdrew a post that its own network says is gone, in the audit trail."""
GONE = "gone at its origin"


class Admitted(NamedTuple):
    """What came of a page: ids of the items new on the wall, of edited and withdrawn posts; what could not be read."""

    new: frozenset[str] = frozenset()
    edited: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()
    broken: tuple[str, ...] = ()


class Kept(NamedTuple):
    """What the store has after a page: each post of it as it stands now, and those whose content is new.

    `numbers` are the posts' own in the store; `first` are those that this page was the first to bring.
    """

    posts: dict[str, Arrival]
    edits: dict[str, Arrival]
    numbers: dict[str, int]
    first: frozenset[str]


async def admit(
    session: AsyncSession, source: Source, wall: Wall, page: Page, now: datetime, *, also: Collection[str] = ()
) -> Admitted:
    """Store, place and publish what `source` said for `wall`. The same page again changes nothing.

    What is gone stays gone, whatever comes late. A source can take away only what it has itself brought. `also` are
    keys of posts that the caller will touch after us, so that they are locked in their turn.
    """
    arrivals, broken = unpack(page)
    lost = ids(source.network, page.gone)
    kept = await _keep(session, source, arrivals, {*lost, *ids(source.network, also)}, now)
    new = await _place(session, wall, kept, page.boosts)
    await _note_sightings(session, source, kept, now)
    await _want_pictures(session, new, kept.edits, page.boosts)
    gone = await _brought(session, source, lost)
    left = ids(source.network, page.left) & kept.posts.keys()
    hidden = await let_go(session, source, left - gone)
    await _show(session, wall, new.keys() | hidden, kept.edits, gone)
    return Admitted(frozenset(new) - gone, frozenset(kept.edits) - gone, gone, (*page.broken, *broken))


# --- posts ------------------------------------------------------------------------------------------------------


async def _keep(
    session: AsyncSession, source: Source, arrivals: dict[str, Arrival], others: Collection[str], now: datetime
) -> Kept:
    """Insert what is new, replace what is newer; leaves out what has gone, for good."""
    numbers, stored = await _stored(session, arrivals, others)
    fresh = [arrival for id_, arrival in arrivals.items() if id_ not in stored]
    changed = {id_: body for id_, body in stored.items() if body is not None and body != arrivals[id_].body}
    edits, posts = {}, {id_: arrival for id_, arrival in arrivals.items() if stored.get(id_, b"") is not None}
    if changed:
        words = await _with_the_word(session, source, changed)
        for id_, body in changed.items():
            old, arrival = msgspec.json.decode(body, type=Post), arrivals[id_]
            if replaces(arrival.post, old, has_the_word=id_ in words):
                edits[id_] = arrival
            else:
                posts[id_] = arrival._replace(post=old, body=body)
    first = await _insert(session, [_post_row(arrival, now) for arrival in fresh])
    if len(first) < len(fresh):
        numbers, _ = await _stored(session, arrivals)
    await _rewrite(session, edits)
    return Kept(posts, edits, numbers | first, frozenset(first))


async def _stored(
    session: AsyncSession, wanted_ids: Collection[str], others: Collection[str] = ()
) -> tuple[dict[str, int], dict[str, bytes | None]]:
    """The numbers and the content of those posts that are in the store (None: gone), locked until the end.

    The `others` are locked with them: of two pollers, each may keep what the other loses.
    """
    numbers: dict[str, int] = {}
    stored: dict[str, bytes | None] = {}
    for chunk in chunks(sorted({*wanted_ids, *others})):
        query = select(StoredPost.id, StoredPost.n, StoredPost.body).where(col(StoredPost.id).in_(chunk))
        for id_, n, body in await session.exec(query.order_by(StoredPost.id).with_for_update(key_share=True)):
            if id_ in wanted_ids:
                numbers[id_], stored[id_] = n or 0, body
    return numbers, stored


async def _insert(session: AsyncSession, rows: list[dict[str, Any]]) -> dict[str, int]:
    """New posts, and the numbers that they get. Those that another poller has just put there stay as they are."""
    if not rows:
        return {}
    statement = _inserting(session, StoredPost).on_conflict_do_nothing().returning(StoredPost.id, StoredPost.n)
    given = await (await session.connection()).execute(statement, sorted(rows, key=itemgetter("id")))
    return {row.id: row.n for row in given}


async def _with_the_word(session: AsyncSession, source: Source, post_ids: Collection[str]) -> set[str]:
    """Those posts that no source followed earlier has seen: this one's small changes count, the others' don't."""
    words = set(post_ids)
    for chunk in chunks(sorted(post_ids)):
        first = func.min(Sighting.source_id)
        query = select(StoredPost.id).join(Sighting).where(col(StoredPost.id).in_(chunk)).group_by(col(StoredPost.id))
        words.difference_update((await session.exec(query.having(first < source.id))).all())
    return words


def _post_row(arrival: Arrival, now: datetime) -> dict[str, Any]:
    return {
        "id": arrival.id,
        "network": arrival.post.network,
        "body": arrival.body,
        "at": moment(arrival.post, now),
        "first_seen_at": now,
    }


async def _rewrite(session: AsyncSession, edits: Mapping[str, Arrival]) -> None:
    """New content under the same id; a post keeps its place in time."""
    if edits:
        table: Any = StoredPost.__table__  # type: ignore[attr-defined]  # SQLModel gives it and does not declare it
        statement = update(table).where(table.c.id == bindparam("this")).values(body=bindparam("newer"))
        rows = [{"this": id_, "newer": edits[id_].body} for id_ in sorted(edits)]
        await (await session.connection()).execute(statement, rows)


# --- items, sightings, pictures ---------------------------------------------------------------------------------


async def _place(session: AsyncSession, wall: Wall, kept: Kept, boosts: Mapping[str, Person]) -> dict[str, Arrival]:
    """Give each post its place on the wall, by the wall's rules, unless it has one; returns the new ones."""
    new = {id_: kept.posts[id_] for id_ in sorted(kept.posts)}
    for chunk in chunks(sorted(kept.posts.keys() - kept.first)):
        query = select(StoredPost.id).join(Item).where(Item.wall_id == wall.id, col(StoredPost.id).in_(chunk))
        for known in await session.exec(query):
            del new[known]
    rows = []
    for id_, arrival in new.items():
        state, why = judge(wall.mode, arrival.post)
        booster = boosts.get(arrival.post.key)
        boosted_by = msgspec.json.encode(booster) if booster else None
        n = kept.numbers[id_]
        rows.append({"wall_id": wall.id, "post_n": n, "state": state, "why": why, "boosted_by": boosted_by})
    await _run(session, _inserting(session, Item).on_conflict_do_nothing(), rows)
    return new


async def _note_sightings(session: AsyncSession, source: Source, kept: Kept, now: datetime) -> None:
    """This source saw these posts just now. What its server calls a post is kept when a later page leaves it out."""
    at = to_micros(now)
    rows = [
        {"source_id": source.id, "post_n": kept.numbers[id_], "key": a.post.key, "ref": a.ref, "checked_at": at}
        for id_, a in sorted(kept.posts.items())
    ]
    statement = _inserting(session, Sighting)
    newer = statement.excluded
    ref = case((newer.ref != "", newer.ref), else_=col(Sighting.ref))
    upsert = statement.on_conflict_do_update(
        index_elements=["source_id", "post_n"], set_={"ref": ref, "checked_at": newer.checked_at}
    )
    await _run(session, upsert, rows)


async def _want_pictures(
    session: AsyncSession, new: Mapping[str, Arrival], edits: Mapping[str, Arrival], boosts: Mapping[str, Person]
) -> None:
    await release(session, edits.keys())
    boosters = [(edits[id_].post, person) for id_, person in await _boosters(session, edits)]
    posts = [(arrival.post, boosts.get(arrival.post.key)) for arrival in (*new.values(), *edits.values())]
    await want(session, [picture for post, booster in (*posts, *boosters) for picture in wanted(post, booster)])


async def _boosters(session: AsyncSession, edits: Mapping[str, Arrival]) -> list[tuple[str, Person]]:
    """Who brought these posts to the walls on which they are: their pictures are still needed."""
    found: list[tuple[str, Person]] = []
    for chunk in chunks(sorted(edits)):
        query = select(StoredPost.id, Item.boosted_by).join(Item)
        query = query.where(col(StoredPost.id).in_(chunk), col(Item.boosted_by).is_not(None))
        found += [(id_, msgspec.json.decode(body or b"", type=Person)) for id_, body in await session.exec(query)]
    return found


# --- what goes, and what is shown -------------------------------------------------------------------------------


async def _brought(session: AsyncSession, source: Source, post_ids: Collection[str]) -> frozenset[str]:
    """Those of these posts that this source has seen."""
    found: set[str] = set()
    for chunk in chunks(sorted(post_ids)):
        query = select(StoredPost.id).join(Sighting)
        found.update(await session.exec(query.where(Sighting.source_id == source.id, col(StoredPost.id).in_(chunk))))
    return frozenset(found)


async def _show(
    session: AsyncSession, wall: Wall, new: Collection[str], edits: Mapping[str, Arrival], gone: Collection[str]
) -> None:
    """Publish all that has changed, wall after wall."""
    await leave_out(session, {id_: arrival.post for id_, arrival in edits.items()})
    await forget(session, gone, ORIGIN, GONE)
    changed = await places(session, {*edits, *gone})
    changed[wall.id or 0].update(new)
    await show_on(session, changed)


# --- how --------------------------------------------------------------------------------------------------------


def _inserting(session: AsyncSession, table: type[SQLModel]) -> Any:
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(table)


async def _run(session: AsyncSession, statement: Any, rows: list[dict[str, Any]]) -> None:
    """Rows come in the order of the posts' ids, which every writer keeps."""
    if rows:
        await (await session.connection()).execute(statement, rows)
