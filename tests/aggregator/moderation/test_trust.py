"""Trusted authors on a wall, and sources that are stricter than their wall."""

from __future__ import annotations

import pytest

from aggregator.audit.tables import SubjectKind
from aggregator.audit.trail import list_entries
from aggregator.items.lookup import DecisionError
from aggregator.moderation.trust import distrust_author, trust_author, trusted_handles
from aggregator.moderation.undo import undo
from aggregator.sources.errors import SourceError
from aggregator.store.store import Store
from aggregator.walls.source_settings import set_source_mode
from aggregator.walls.tables import Mode, Wall
from aggregator.walls.walls import change_wall, find_wall
from connectors.contract import Page
from tests.aggregator.invented import ADA, BEN, KIM, LEE, ONE, TWO, a_source, a_wall, bring, said, shown, words

ADA_BARE = "ada@invented.example"


async def trust(store: Store, wall: Wall, handle: str = ADA.handle) -> int | None:
    async with store.write() as db:
        return await trust_author(db, wall, handle, KIM, "a speaker")


async def trusted(store: Store, wall: Wall) -> list[str]:
    async with store.read() as db:
        return list(await trusted_handles(db, wall))


async def test_trusted_author_is_live_at_once_and_all_others_are_held(store: Store) -> None:
    wall = await a_wall(store, mode=Mode.TRUSTED)
    source = await a_source(store, wall)
    await bring(store, source, Page(posts=(said("2"),)))
    assert await trust(store, wall, " ADA@Invented.example") is not None
    assert await trust(store, wall) is None
    await bring(store, source, Page(posts=(said("1"), said("3", author=BEN))))
    assert list(await words(store, wall.channel)) == [ONE], "what was held already stays held"
    why = "posts of authors whom nobody has trusted wait for approval on this wall"
    assert (await shown(store, wall.desk))[TWO]["why"] == why
    async with store.write() as db:
        assert await distrust_author(db, wall, ADA.handle, LEE) is not None
        assert await distrust_author(db, wall, ADA.handle, LEE) is None
    await bring(store, source, Page(posts=(said("4"),)))
    assert list(await words(store, wall.channel)) == [ONE], "what is live already stays live"
    async with store.read() as db:
        entries = [each for each in await list_entries(db) if each.subject_kind == SubjectKind.AUTHOR]
    told = [(str(e.by), e.action, e.subject, e.before, e.after, e.why) for e in entries]
    assert told == [
        ("person:lee", "distrust", ADA_BARE, "trusted", "", ""),
        ("person:kim", "trust", ADA_BARE, "", "trusted", "a speaker"),
    ]


async def test_trust_is_of_one_wall_and_can_be_undone(store: Store) -> None:
    hall, foyer = await a_wall(store, mode=Mode.TRUSTED), await a_wall(store, "foyer", Mode.TRUSTED)
    given = await trust(store, hall)
    assert (await trusted(store, hall), await trusted(store, foyer)) == ([ADA_BARE], [])
    undone = await undo(store, given or 0, LEE)
    assert await trusted(store, hall) == []
    await undo(store, undone.entry_id or 0, LEE)
    assert await trusted(store, hall) == [ADA_BARE]


@pytest.mark.parametrize("handle", ["", " @", "a\0b", "a" * 401])
async def test_what_is_not_a_handle_is_not_trusted(store: Store, handle: str) -> None:
    with pytest.raises(DecisionError, match="Not a handle"):
        await trust(store, await a_wall(store), handle)


async def test_source_is_judged_by_the_stricter_of_two_modes(store: Store) -> None:
    wall = await a_wall(store)
    strict, lax = await a_source(store, wall, "strict"), await a_source(store, wall, "lax")
    async with store.write() as db:
        await set_source_mode(db, strict.id or 0, Mode.TRUSTED, KIM)
        await set_source_mode(db, strict.id or 0, Mode.TRUSTED, KIM)
    await trust(store, wall)
    await bring(store, strict, Page(posts=(said("1"), said("2", author=BEN))))
    await bring(store, lax, Page(posts=(said("3", author=BEN),)))
    assert {key: body["state"] for key, body in (await shown(store, wall.desk)).items()}.get(TWO) == "held"
    assert len(await words(store, wall.channel)) == 2
    async with store.write() as db:
        await change_wall(db, await find_wall(db, "hall"), mode=Mode.APPROVE, by=KIM)
    await bring(store, strict, Page(posts=(said("4"),)))
    assert len(await words(store, wall.channel)) == 2, "the wall is stricter by now"
    async with store.write() as db:
        await change_wall(db, await find_wall(db, "hall"), mode=Mode.OPEN, by=KIM)
        await set_source_mode(db, strict.id or 0, None, LEE)
    await bring(store, strict, Page(posts=(said("5", author=BEN),)))
    assert len(await words(store, wall.channel)) == 3
    async with store.read() as db:
        changes = [e for e in await list_entries(db) if (e.subject_kind, e.action) == (SubjectKind.SOURCE, "change")]
    assert [(str(e.by), e.subject, e.before, e.after) for e in changes] == [
        ("person:lee", str(strict.id), "trusted", ""),
        ("person:kim", str(strict.id), "", "trusted"),
    ]
    with pytest.raises(SourceError):
        async with store.write() as db:
            await set_source_mode(db, 99, None, KIM)
