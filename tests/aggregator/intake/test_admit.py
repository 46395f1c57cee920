"""Admitting a page: posts that are stored, replaced, withdrawn and published."""

import asyncio
from datetime import timedelta

import msgspec
import pytest
from sqlmodel import col, select

from aggregator.audit.tables import AuditEntry, SubjectKind
from aggregator.channel.read import position
from aggregator.intake.admit import AdmitResult, admit
from aggregator.items.tables import Item, StoredPost
from aggregator.media.pictures import picture_id
from aggregator.media.tables import PictureUse
from aggregator.moderation.decisions import approve, hide
from aggregator.sources.tables import Sighting, Source
from aggregator.store.store import Store
from aggregator.timestamps import to_micros
from aggregator.walls.tables import Mode, Wall
from connectors.contract import Choice, Page, Person, Poll, Post
from tests.aggregator.invented import (
    ADA,
    BEN,
    KIM,
    NETWORK,
    ONE,
    START,
    TWO,
    a_source,
    a_wall,
    bring,
    said,
    shown,
    words,
)
from tests.statements import statements

NOW = START + timedelta(hours=1)
ABOUT_POSTS = col(AuditEntry.subject_kind) == SubjectKind.POST


async def heads(store: Store, wall: Wall) -> tuple[int, int]:
    async with store.read() as db:
        return (await position(db, wall.channel))[1], (await position(db, wall.desk))[1]


async def uses(store: Store) -> set[tuple[str, str]]:
    async with store.read() as db:
        query = select(StoredPost.id, PictureUse.picture_id).join(PictureUse)
        return set((await db.exec(query)).all())


async def stored_post(store: Store, id_: str) -> StoredPost:
    async with store.read() as db:
        return (await db.exec(select(StoredPost).where(StoredPost.id == id_))).one()


# --- new --------------------------------------------------------------------------------------------------------


async def test_new_posts_are_stored_placed_and_shown(store: Store, wall: Wall, source: Source) -> None:
    admitted = await bring(store, source, Page(posts=(said("1"), said("2", "<p>b</p>")), refs={"1": "r1"}), NOW)
    assert admitted == AdmitResult(new=frozenset({ONE, TWO}))
    assert await words(store, wall.channel) == {ONE: "<p>Good morning.</p>", TWO: "<p>b</p>"}
    stored = await stored_post(store, ONE)
    assert msgspec.json.decode(stored.body or b"", type=Post) == said("1")
    assert (stored.network, stored.first_seen_at) == (NETWORK, NOW)
    assert stored.at == to_micros(START + timedelta(minutes=1))
    async with store.read() as db:
        sightings = await db.exec(select(Sighting, StoredPost.id).join(StoredPost).order_by(col(Sighting.key)))
        assert [(s.source_id, id_, s.key, s.ref, s.checked_at) for s, id_ in sightings] == [
            (source.id, ONE, "1", "r1", to_micros(NOW)),
            (source.id, TWO, "2", "", to_micros(NOW)),
        ]


async def test_post_that_two_pollers_bring_at_once_is_stored_once(store: Store, wall: Wall, source: Source) -> None:
    """The second poller reads before the first has committed, and learns of the post only on its insert."""
    other = await a_source(store, wall, "harbour")
    page = Page(posts=(said("1"), said("2")))
    async with store.write() as db:
        await admit(db, source, wall, Page(posts=(said("1"),)), NOW)
        second = asyncio.create_task(bring(store, other, page, NOW))
        await asyncio.sleep(0.3)
    assert await second == AdmitResult(new=frozenset({TWO}))
    async with store.read() as db:
        seen = await db.exec(select(Sighting.source_id, StoredPost.id).join(StoredPost))
        assert set(seen) == {(source.id, ONE), (other.id, ONE), (other.id, TWO)}
    assert set(await words(store, wall.channel)) == {ONE, TWO}


async def test_same_page_again_changes_nothing(store: Store, wall: Wall, source: Source) -> None:
    page = Page(posts=(said("1"), said("1"), said("2")), boosts={"2": BEN})
    await bring(store, source, page)
    before = await heads(store, wall)
    assert await bring(store, source, page) == AdmitResult()
    assert await heads(store, wall) == before


async def test_empty_page_changes_nothing(store: Store, wall: Wall, source: Source) -> None:
    before = await heads(store, wall)
    assert await bring(store, source, Page(gone=("1",))) == AdmitResult()
    assert await heads(store, wall) == before


async def test_post_of_another_wall_is_placed_on_this_one_too_and_stored_once(
    store: Store, wall: Wall, source: Source
) -> None:
    foyer = await a_wall(store, "foyer")
    await bring(store, await a_source(store, foyer), Page(posts=(said("1"),)))
    before = await heads(store, foyer)
    assert await bring(store, source, Page(posts=(said("1"),))) == AdmitResult(new=frozenset({ONE}))
    assert await words(store, wall.channel) == {ONE: "<p>Good morning.</p>"}
    assert await heads(store, foyer) == before


async def test_posts_wait_for_approval_where_the_wall_says_so(store: Store) -> None:
    wall = await a_wall(store, mode=Mode.APPROVE)
    await bring(store, await a_source(store, wall), Page(posts=(said("1"),)))
    assert await shown(store, wall.channel) == {}
    desk = (await shown(store, wall.desk))[ONE]
    assert (desk["state"], desk["why"]) == ("held", "new posts wait for approval on this wall")


async def test_author_who_asks_to_be_left_out_is_not_shown(store: Store, wall: Wall, source: Source) -> None:
    await bring(store, source, Page(posts=(said("1", opted_out="#nobot"),)))
    assert await shown(store, wall.channel) == {}
    assert (await shown(store, wall.desk))[ONE]["state"] == "hidden"


async def test_date_in_the_future_does_not_hold_the_top_of_the_wall(store: Store, wall: Wall, source: Source) -> None:
    await bring(store, source, Page(posts=(said("1", created_at=NOW + timedelta(days=365)),)), NOW)
    assert (await stored_post(store, ONE)).at == to_micros(NOW)


async def test_post_that_cannot_be_stored_is_counted_and_the_others_come_in(
    store: Store, wall: Wall, source: Source
) -> None:
    admitted = await bring(store, source, Page(posts=(said("nul\0"), said("1")), broken=("Entry 3 has no date.",)))
    assert admitted.new == {ONE}
    assert admitted.broken == (
        "Entry 3 has no date.",
        "Post not stored: its key has a character that cannot be stored.",
    )


async def test_boost_is_shown_as_the_original_with_who_passed_it_on(store: Store, wall: Wall, source: Source) -> None:
    await bring(store, source, Page(posts=(said("1"), said("2")), boosts={"2": BEN}))
    boosters = {
        id_: (body.get("boosted_by") or {}).get("name") for id_, body in (await shown(store, wall.channel)).items()
    }
    assert boosters == {ONE: None, TWO: "Ben Rook"}


async def test_boost_of_what_is_on_the_wall_already_changes_nothing(store: Store, wall: Wall, source: Source) -> None:
    await bring(store, source, Page(posts=(said("1"),)))
    assert await bring(store, source, Page(posts=(said("1"),), boosts={"1": BEN})) == AdmitResult()
    assert "boosted_by" not in (await shown(store, wall.channel))[ONE]


# --- edited -----------------------------------------------------------------------------------------------------


async def test_edit_reaches_every_wall_that_has_the_post(store: Store, wall: Wall, source: Source) -> None:
    foyer = await a_wall(store, "foyer")
    await bring(store, await a_source(store, foyer), Page(posts=(said("1"),)))
    await bring(store, source, Page(posts=(said("1"),)))
    edit = said("1", "<p>Better.</p>", edited_at=NOW)
    assert await bring(store, source, Page(posts=(edit,))) == AdmitResult(edited=frozenset({ONE}))
    assert await words(store, wall.channel) == await words(store, foyer.channel) == {ONE: "<p>Better.</p>"}


async def test_older_edit_does_not_replace_a_newer_one(store: Store, wall: Wall, source: Source) -> None:
    await bring(store, source, Page(posts=(said("1", "<p>new</p>", edited_at=NOW),)))
    for late in (said("1", "<p>old</p>", edited_at=START), said("1", "<p>oldest</p>")):
        assert await bring(store, source, Page(posts=(late,))) == AdmitResult()
    assert await words(store, wall.channel) == {ONE: "<p>new</p>"}


async def test_votes_are_counted_without_an_edit(store: Store, wall: Wall, source: Source) -> None:
    def poll(votes: int) -> Post:
        return said("1", poll=Poll(choices=(Choice(title="tea", votes=votes),), votes=votes))

    await bring(store, source, Page(posts=(poll(1),)))
    assert (await bring(store, source, Page(posts=(poll(2),)))).edited == {ONE}
    assert (await shown(store, wall.channel))[ONE]["poll"]["votes"] == 2


async def test_two_servers_that_tell_of_a_post_differently_do_not_take_turns(
    store: Store, wall: Wall, source: Source
) -> None:
    other = await a_source(store, wall, "elsewhere")
    await bring(store, source, Page(posts=(said("1", "<p>here</p>"),)))
    assert await bring(store, other, Page(posts=(said("1", "<p>there</p>"),))) == AdmitResult()
    assert await words(store, wall.channel) == {ONE: "<p>here</p>"}
    edit = said("1", "<p>there, edited</p>", edited_at=NOW)
    assert (await bring(store, other, Page(posts=(edit,)))).edited == {ONE}
    assert await words(store, wall.channel) == {ONE: "<p>there, edited</p>"}


async def test_post_new_to_a_wall_is_shown_as_it_is_known_and_not_as_it_comes_late(
    store: Store, wall: Wall, source: Source
) -> None:
    foyer = await a_wall(store, "foyer")
    await bring(store, source, Page(posts=(said("1", "<p>edited</p>", edited_at=NOW, opted_out="#nobot"),)))
    await bring(store, await a_source(store, foyer), Page(posts=(said("1", "<p>before</p>"),)))
    assert await shown(store, foyer.channel) == {}
    assert (await shown(store, foyer.desk))[ONE]["post"]["html"] == "<p>edited</p>"


async def test_edit_leaves_what_organisers_decided(store: Store, wall: Wall, source: Source) -> None:
    await bring(store, source, Page(posts=(said("1"),)))
    async with store.write() as db:
        await hide(db, wall, ONE, by=KIM)
    await bring(store, source, Page(posts=(said("1", "<p>Better.</p>", edited_at=NOW),)))
    assert await shown(store, wall.channel) == {ONE: None}
    assert (await shown(store, wall.desk))[ONE]["post"]["html"] == "<p>Better.</p>"


async def test_author_who_asks_later_is_left_out_from_then_on_until_they_change_their_mind(
    store: Store, wall: Wall, source: Source
) -> None:
    await bring(store, source, Page(posts=(said("1"),)))
    await bring(store, source, Page(posts=(said("1", opted_out="#nobot"),)))
    assert await shown(store, wall.channel) == {ONE: None}
    async with store.read() as db:
        entries = (
            await db.exec(select(AuditEntry.before, AuditEntry.after, AuditEntry.actor_kind).where(ABOUT_POSTS))
        ).all()
    assert entries == [("live", "hidden", "author")]
    await bring(store, source, Page(posts=(said("1"),)))
    assert await shown(store, wall.channel) == {ONE: None}
    async with store.write() as db:
        await approve(db, wall, ONE, by=KIM)
    assert await words(store, wall.channel) == {ONE: "<p>Good morning.</p>"}


async def test_ref_is_kept_when_a_later_page_leaves_it_out(store: Store, source: Source) -> None:
    for refs in ({"1": "old"}, {"1": "new"}, {}):
        await bring(store, source, Page(posts=(said("1"),), refs=refs))
    async with store.read() as db:
        assert (await db.exec(select(Sighting.ref))).all() == ["new"]


# --- gone -------------------------------------------------------------------------------------------------------


async def test_deleted_post_is_gone_from_every_wall_and_from_the_store(
    store: Store, wall: Wall, source: Source
) -> None:
    foyer = await a_wall(store, "foyer")
    await bring(store, await a_source(store, foyer), Page(posts=(said("1"),)))
    await bring(store, source, Page(posts=(said("1"), said("2"))))
    assert await bring(store, source, Page(gone=("1",))) == AdmitResult(gone=frozenset({ONE}), authors_to_check=(ADA,))
    assert await words(store, wall.channel) == {TWO: "<p>Good morning.</p>"}
    for channel in (foyer.channel, foyer.desk):
        assert await shown(store, channel) == {ONE: None}
    assert (await stored_post(store, ONE)).body is None
    async with store.read() as db:
        assert (await db.exec(select(StoredPost.id).join(Sighting).distinct())).all() == [TWO]
        entries = (
            await db.exec(select(AuditEntry.after, AuditEntry.actor_kind, AuditEntry.why).where(ABOUT_POSTS))
        ).all()
    assert entries == [("withdrawn", "origin", "gone at its origin")] * 2


async def test_late_update_never_brings_a_deleted_post_back(store: Store, wall: Wall, source: Source) -> None:
    await bring(store, source, Page(posts=(said("1"),)))
    await bring(store, source, Page(gone=("1",)))
    before = await heads(store, wall)
    late = Page(posts=(said("1", "<p>late</p>", edited_at=NOW),), boosts={"1": BEN})
    other = await a_source(store, await a_wall(store, "foyer"))
    for teller in (source, other):
        assert await bring(store, teller, late) == AdmitResult()
    assert await heads(store, wall) == before
    async with store.read() as db:
        assert (await db.exec(select(Item.state))).all() == ["withdrawn"]


async def test_post_that_comes_and_goes_in_one_page_is_never_shown(store: Store, wall: Wall, source: Source) -> None:
    before = await heads(store, wall)
    assert await bring(store, source, Page(posts=(said("1"),), gone=("1",))) == AdmitResult(
        gone=frozenset({ONE}), authors_to_check=(ADA,)
    )
    assert await bring(store, source, Page(posts=(said("1"),))) == AdmitResult()
    assert await heads(store, wall) == before


async def test_source_cannot_take_away_what_it_never_brought(store: Store, wall: Wall, source: Source) -> None:
    stranger = await a_source(store, wall, "elsewhere")
    await bring(store, source, Page(posts=(said("1"),)))
    assert await bring(store, stranger, Page(gone=("1",))) == AdmitResult()
    assert await words(store, wall.channel) == {ONE: "<p>Good morning.</p>"}


# --- pictures ---------------------------------------------------------------------------------------------------


async def test_pictures_follow_what_a_post_shows(store: Store, source: Source) -> None:
    def pictured(avatar: str) -> Post:
        return said("1", author=msgspec.structs.replace(ADA, avatar=avatar), edited_at=NOW if "new" in avatar else None)

    ben = Person(name="Ben", handle="@ben", url="", avatar="https://invented.example/ben.png")
    old, new, booster = (
        (ONE, picture_id(NETWORK, f"https://invented.example/{name}.png", "avatar")) for name in ("old", "new", "ben")
    )
    await bring(store, source, Page(posts=(pictured("https://invented.example/old.png"),), boosts={"1": ben}))
    assert await uses(store) == {old, booster}
    await bring(store, source, Page(posts=(pictured("https://invented.example/new.png"),)))
    assert await uses(store) == {new, booster}
    await bring(store, source, Page(gone=("1",)))
    assert await uses(store) == set()


# --- cost -------------------------------------------------------------------------------------------------------


async def test_page_of_many_posts_takes_as_many_statements_as_a_page_of_one(store: Store, source: Source) -> None:
    async def count(first: int, posts: int) -> int:
        with statements() as asked:
            await bring(store, source, Page(posts=tuple(said(str(n)) for n in range(first, first + posts))))
        return len(asked)

    assert await count(1000, 300) == await count(0, 1) > 1


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
async def test_every_look_up_of_a_page_uses_an_index(store: Store, source: Source) -> None:
    """On SQLite, whose plans do not depend on the number of rows: no statement scans a growing table."""
    await bring(store, source, Page(posts=(said("1"), said("2"))))
    edits = Page(posts=(said("1", "<p>b</p>"), said("3", opted_out="no")), gone=("2",), boosts={"3": BEN})
    with statements() as asked:
        await bring(store, source, edits)
    assert asked
    async with store.read() as db:
        connection = await db.connection()
        plans = []
        for statement, parameters in asked:
            if statement.startswith(("SELECT", "UPDATE", "DELETE")):
                row = parameters[0] if isinstance(parameters, list) else parameters
                plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", row)
                plans += [f"{step.detail} in {statement}" for step in plan if step.detail.startswith("SCAN")]
    assert plans == []
