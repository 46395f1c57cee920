"""A page comes in: posts stored once, placed on the wall that follows them, and published, in the caller's transaction.

Everything is done for the whole page at once, in a number of statements that does not depend on the store's size. Rows
are locked in the order of every writer (see `aggregator.walls.lock`), so that no two wait for each other in a ring.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import case
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.audit.actor import ORIGIN, RULE, source_actor
from aggregator.audit.tables import Action
from aggregator.audit.trail import Before, record_posts
from aggregator.intake.incoming import IncomingPost, booster, ids, unpack
from aggregator.intake.posts import IsOrigin, StoredBatch, store_posts
from aggregator.intake.versions import Dispute
from aggregator.items.listing import bare
from aggregator.items.pictures import renew_pictures, want_pictures
from aggregator.items.publishing import show_on, walls_of
from aggregator.items.tables import Item, StoredPost
from aggregator.moderation.edits import Edit, judge_edits
from aggregator.moderation.judge import Judge
from aggregator.moderation.opt_outs import opted_out_among
from aggregator.moderation.origin import erase
from aggregator.moderation.presence import LEFT, UNSHOWN, bring_back, returning, take_off
from aggregator.moderation.rules import Verdict
from aggregator.sources.tables import Sighting, Source
from aggregator.store.sql import chunks, inserting, stored_id
from aggregator.timestamps import to_micros
from aggregator.walls.tables import Wall
from connectors.contract import Page, Person, Post

GONE = "gone at its origin"


class AdmitResult(NamedTuple):
    """What came of a page: ids of the items new on the wall, of edited and withdrawn posts; what could not be read.

    `authors_to_check` wrote posts of which some are gone or no longer shown; `renamed` have a new name or picture.
    `disputed` are versions that only the origin can confirm.
    """

    new: frozenset[str] = frozenset()
    edited: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()
    broken: tuple[str, ...] = ()
    authors_to_check: tuple[Person, ...] = ()
    renamed: tuple[Person, ...] = ()
    disputed: tuple[Dispute, ...] = ()


def always(_key: str) -> bool:
    """The default for networks with a single server, which is the origin of all its posts."""
    return True


async def admit(
    db: AsyncSession,
    source: Source,
    wall: Wall,
    page: Page,
    now: datetime,
    *,
    also: Collection[str] = (),
    is_origin: IsOrigin = always,
    heard: bool = False,
) -> AdmitResult:
    """Store, place and publish what `source` said for `wall`. The same page again changes nothing.

    What is gone stays gone, whatever comes late. A source can take away only what it has itself brought. `also` are
    keys of posts that the caller will touch after us, so that they are locked in their turn. `heard` means that a
    stream has told this page.
    """
    arrivals, broken = unpack(page, now)
    arrivals = await _without_opted_out(db, wall, arrivals)
    gone_ids, missing = ids(source.network, page.gone), ids(source.network, page.missing)
    unmatched = ids(source.network, page.unmatched)
    others = {*gone_ids, *missing, *ids(source.network, also)}
    batch = await store_posts(db, source, arrivals, now, is_origin=is_origin, others=others, only_known=unmatched)
    new, boosters, judge = await _place(db, source, wall, batch, page)
    already_placed = batch.posts.keys() - new.keys() - unmatched
    not_opted_out = [id_ for id_ in already_placed if not batch.posts[id_].post.opted_out]
    back = await bring_back(db, wall, await returning(db, wall, not_opted_out), source_actor(source.id))
    await _note_sightings(db, source, batch, now, unmatched, heard=heard)
    await renew_pictures(db, batch.edits.keys())
    await want_pictures(db, [(new[id_].post, boosters.get(id_)) for id_ in new], batch.numbers)
    gone = await _brought(db, source, gone_ids)
    absent = await _brought(db, source, missing - gone - batch.posts.keys())
    authors = await _authors(db, gone | absent)
    edits = {id_: Edit(arrival.post, batch.before[id_]) for id_, arrival in batch.edits.items()}
    # Before `take_off`: a post whose author has opted out must not come back with its hashtag.
    await judge_edits(db, edits, {stored_id(wall): judge})
    hidden = await take_off(db, source, absent, UNSHOWN)
    hidden |= await take_off(db, source, (unmatched & batch.posts.keys()) - gone, LEFT)
    await erase(db, gone, ORIGIN, GONE)
    await _show(db, wall, new.keys() | hidden | back, batch, gone)
    edited = frozenset(batch.edits) - gone
    return AdmitResult(
        frozenset(new) - gone, edited, gone, (*page.broken, *broken), authors, batch.renamed, batch.disputed
    )


async def _without_opted_out(
    db: AsyncSession, wall: Wall, arrivals: dict[str, IncomingPost]
) -> dict[str, IncomingPost]:
    """Leave out the posts of authors who have asked an organiser for it: nothing of them is stored.

    A page that was on its way when they asked is judged by the same (`Judge`), and hidden.
    """
    handles = {bare(arrival.post.author.handle) for arrival in arrivals.values()}
    left_out = await opted_out_among(db, stored_id(wall), handles)
    return {id_: each for id_, each in arrivals.items() if bare(each.post.author.handle) not in left_out}


# --- items, sightings, pictures ---------------------------------------------------------------------------------


async def _place(
    db: AsyncSession, source: Source, wall: Wall, batch: StoredBatch, page: Page
) -> tuple[dict[str, IncomingPost], dict[str, Person], Judge]:
    """Give each post that has no item on the wall one, by the wall's rules.

    A post that has an item is not judged here, edited or not (see `judge_edits`). Returns the new posts, who has
    boosted them (an author who is hidden on this wall is not named), and the judge.
    """
    unmatched = ids(source.network, page.unmatched)
    new = {id_: batch.posts[id_] for id_ in sorted(batch.posts) if id_ not in unmatched}
    for chunk in chunks(sorted(new.keys() - batch.first)):
        query = select(StoredPost.id).join(Item).where(Item.wall_id == wall.id, col(StoredPost.id).in_(chunk))
        for known in await db.exec(query):
            del new[known]
    boosters = {id_: who for id_, arrival in new.items() if (who := booster(page, arrival.post.key))}
    authors = [arrival.post.author for arrival in (*new.values(), *batch.edits.values())]
    judge = await Judge.load(db, wall, [*authors, *boosters.values()], source)
    boosters = {id_: who for id_, who in boosters.items() if not judge.hides(who.handle)}
    rows = []
    ruled_out: defaultdict[Verdict, list[Before]] = defaultdict(list)
    for id_, arrival in new.items():
        ruling = judge.initial_ruling(arrival.post)
        boosted_by = msgspec.json.encode(boosters[id_]) if id_ in boosters else None
        place = {"wall_id": wall.id, "post_n": batch.numbers[id_], "boosted_by": boosted_by}
        rows.append(place | ruling._asdict())
        if ruling.ruled_out is not None:
            ruled_out[ruling.verdict].append((stored_id(wall), id_, ruling.ruled_from or ""))
    await _run(db, inserting(db, Item).on_conflict_do_nothing(), rows)
    for verdict, items in ruled_out.items():
        await record_posts(db, RULE, Action.HIDE, items, verdict)
    return new, boosters, judge


async def _note_sightings(
    db: AsyncSession, source: Source, batch: StoredBatch, now: datetime, unmatched: Collection[str], *, heard: bool
) -> None:
    """Note that the source saw these posts just now. A stored ref stays where a later page has none.

    Whether a stream has told of a post, its first sighting says for all later ones.
    """
    at = to_micros(now)
    rows = [
        {
            "source_id": source.id,
            "post_n": batch.numbers[id_],
            "key": arrival.post.key,
            "ref": arrival.ref,
            "checked_at": at,
            "shown": True,
            "heard": heard,
        }
        for id_, arrival in sorted(batch.posts.items())
        if id_ not in unmatched
    ]
    statement = inserting(db, Sighting)
    newer = statement.excluded
    ref = case((newer.ref != "", newer.ref), else_=col(Sighting.ref))
    upsert = statement.on_conflict_do_update(
        index_elements=["source_id", "post_n"],
        set_={"ref": ref, "checked_at": newer.checked_at, "shown": newer.shown},
    )
    await _run(db, upsert, rows)


# --- what goes, and what is shown -------------------------------------------------------------------------------


async def _brought(db: AsyncSession, source: Source, post_ids: Collection[str]) -> frozenset[str]:
    """Those of these posts that this source has seen."""
    found: set[str] = set()
    for chunk in chunks(sorted(post_ids)):
        query = select(StoredPost.id).join(Sighting)
        found.update(await db.exec(query.where(Sighting.source_id == source.id, col(StoredPost.id).in_(chunk))))
    return frozenset(found)


async def _authors(db: AsyncSession, post_ids: Collection[str]) -> tuple[Person, ...]:
    """Who said these, each once, while their words are still there."""
    authors: dict[str, Person] = {}
    for chunk in chunks(sorted(post_ids)):
        query = select(StoredPost.body).where(col(StoredPost.id).in_(chunk), col(StoredPost.body).is_not(None))
        for body in await db.exec(query):
            author = msgspec.json.decode(body or b"", type=Post).author
            authors.setdefault(author.url or author.handle, author)
    return tuple(authors.values())


async def _show(db: AsyncSession, wall: Wall, here: Collection[str], batch: StoredBatch, gone: Collection[str]) -> None:
    """Publish all that has changed, wall after wall."""
    changed = await walls_of(db, {*batch.edits, *batch.redated, *gone})
    changed[stored_id(wall)].update(here)
    await show_on(db, changed)


async def _run(db: AsyncSession, statement: Any, rows: list[dict[str, Any]]) -> None:
    """Rows come in the order of the posts' ids, which every writer keeps."""
    if rows:
        await (await db.connection()).execute(statement, rows)
