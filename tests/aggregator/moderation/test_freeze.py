"""A frozen wall: what waits, what goes through, and what the release brings."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from aggregator.audit.tables import AuditEntry
from aggregator.channel.read import snapshot
from aggregator.items.tables import Item
from aggregator.moderation.author_decisions import approve_author, hide_author
from aggregator.moderation.decisions import approve, hide
from aggregator.moderation.freeze import freeze, release
from aggregator.moderation.presence import UNSHOWN
from aggregator.moderation.rules import FROZEN
from aggregator.moderation.undo import undo
from aggregator.sources.tables import Source
from aggregator.store.store import Store
from aggregator.walls.errors import WallError
from aggregator.walls.tables import Mode, Wall
from connectors.contract import Page
from tests.aggregator.invented import BEN, KIM, LEE, ONE, START, TWO, a_source, a_wall, bring, said, shown, words

WAITS = ("held", FROZEN)
EDIT = said("1", "<p>Mended.</p>", edited_at=START + timedelta(minutes=5))


@pytest.fixture
async def wall(store: Store) -> Wall:
    return await a_wall(store)


@pytest.fixture
async def source(store: Store, wall: Wall) -> Source:
    """The wall has the post 1, and is frozen."""
    source = await a_source(store, wall)
    await bring(store, source, Page(posts=(said("1"),)))
    await freeze(store, wall.slug, KIM, "a storm")
    return source


async def stands(store: Store, wall: Wall, post_id: str = TWO) -> tuple[str, str]:
    desk = (await shown(store, wall.desk))[post_id]
    assert ((await shown(store, wall.channel)).get(post_id) is not None) == (desk["state"] == "live")
    return desk["state"], desk["why"]


async def decide(store: Store, verb: Any, wall: Wall, post_id: str = TWO) -> int | None:
    async with store.write() as db:
        entry_id: int | None = await verb(db, wall, post_id, LEE, "by hand")
        return entry_id


async def told(store: Store, channel: str) -> Any:
    async with store.read() as db:
        return json.loads((await snapshot(db, channel, 1)).records[0].body or b"")


async def test_what_arrives_waits_and_the_release_brings_exactly_that(store: Store, wall: Wall, source: Source) -> None:
    await bring(store, source, Page(posts=(said("2"), said("3", opted_out="#nobot"))))
    assert await stands(store, wall) == WAITS
    assert list(await words(store, wall.channel)) == [ONE]
    released = await release(store, wall.slug, LEE)
    assert (released.posts, await stands(store, wall)) == (1, ("live", ""))
    assert set(await words(store, wall.channel)) == {ONE, TWO}
    await bring(store, source, Page(posts=(said("4"),)))
    assert len(await words(store, wall.channel)) == 3
    async with store.read() as db:
        acts = select(AuditEntry).where(col(AuditEntry.action).in_(["freeze", "release"]), AuditEntry.subject == "hall")
        entries = [(str(e.by), e.action, e.before, e.after, e.why) for e in await db.exec(acts)]
    assert entries == [
        ("person:kim", "freeze", "", "frozen", "a storm"),
        ("person:lee", "release", "frozen", "", ""),
    ]


async def test_what_waits_for_approval_is_not_released(store: Store) -> None:
    wall = await a_wall(store, "strict", Mode.APPROVE)
    await freeze(store, wall.slug, KIM)
    await bring(store, await a_source(store, wall), Page(posts=(said("1"), said("2"))))
    assert await decide(store, approve, wall) is not None
    assert await stands(store, wall) == WAITS, "what a person approves waits for the release, too"
    assert await decide(store, approve, wall) is None
    assert (await release(store, wall.slug, KIM)).posts == 1
    assert (await stands(store, wall, ONE))[1] == "new posts wait for approval on this wall"
    assert await stands(store, wall) == ("live", "")


async def test_edits_and_deletions_go_through(store: Store, wall: Wall, source: Source) -> None:
    await bring(store, source, Page(posts=(said("2"), EDIT)))
    assert await words(store, wall.channel) == {ONE: "<p>Mended.</p>"}
    await bring(store, source, Page(posts=(said("2", "<p>Two.</p>", edited_at=START + timedelta(minutes=6)),)))
    assert (await shown(store, wall.desk))[TWO]["post"]["html"] == "<p>Two.</p>"
    await bring(store, source, Page(gone=("1",)))
    assert await words(store, wall.channel) == {}
    await bring(store, source, Page(gone=("2",)))
    assert (await release(store, wall.slug, KIM)).posts == 0
    assert await shown(store, wall.desk) == {ONE: None, TWO: None}


async def test_nothing_comes_back_to_a_frozen_wall_before_its_release(store: Store, wall: Wall, source: Source) -> None:
    """Neither with its source, nor with its author, nor by an undo."""
    await bring(store, source, Page(missing=("1",)))
    await bring(store, source, Page(posts=(said("1"), said("2", author=BEN))))
    assert (await stands(store, wall, ONE), await stands(store, wall)) == (WAITS, WAITS)
    await hide_author(store, BEN.handle, None, KIM)
    await approve_author(store, BEN.handle, None, KIM)
    assert await stands(store, wall) == WAITS
    hidden = await decide(store, hide, wall, ONE)
    await undo(store, hidden or 0, KIM)
    assert (await stands(store, wall, ONE), await words(store, wall.channel)) == (WAITS, {})
    assert (await release(store, wall.slug, KIM)).posts == 2
    assert set(await words(store, wall.channel)) == {ONE, TWO}


@pytest.mark.parametrize(
    ("page", "then"),
    [
        (Page(missing=("2",)), ("hidden", UNSHOWN)),
        (Page(posts=(said("2", opted_out="#nobot"),)), ("hidden", "the author asks to be left out: #nobot")),
    ],
)
async def test_what_has_left_meanwhile_is_not_released(
    store: Store, wall: Wall, source: Source, page: Page, then: tuple[str, str]
) -> None:
    await bring(store, source, Page(posts=(said("2"),)))
    await bring(store, source, page)
    assert (await release(store, wall.slug, KIM)).posts == 0
    assert await stands(store, wall) == then
    await bring(store, source, Page(posts=(said("2"),)))
    assert (await stands(store, wall))[0] == ("live" if then[1] == UNSHOWN else "hidden")


async def test_only_the_desk_is_told_that_a_wall_is_frozen(store: Store, wall: Wall, source: Source) -> None:
    at = (await told(store, wall.desk))["frozen"]
    assert at.endswith("Z")
    assert "frozen" not in await told(store, wall.channel)
    assert (await freeze(store, wall.slug, LEE)).entry_id is None
    assert (await told(store, wall.desk))["frozen"] == at
    await release(store, wall.slug, KIM)
    assert "frozen" not in await told(store, wall.desk)
    assert (await release(store, wall.slug, KIM)).entry_id is None
    with pytest.raises(WallError, match="There is no wall “foyer”"):
        await freeze(store, "foyer", KIM)


async def test_freezing_and_releasing_can_be_undone(store: Store, wall: Wall, source: Source) -> None:
    await bring(store, source, Page(posts=(said("2"),)))
    async with store.read() as db:
        frozen = (await db.exec(select(AuditEntry.id).where(AuditEntry.action == "freeze"))).one()
    undone = await undo(store, frozen or 0, LEE)
    assert (undone.restored, await stands(store, wall)) == (1, ("live", ""))
    await bring(store, source, Page(posts=(said("3"),)))
    again = await undo(store, undone.entry_id or 0, KIM)
    assert (again.restored, await stands(store, wall)) == (1, WAITS)
    assert len(await words(store, wall.channel)) == 2, "what came in between is not touched"
    released = await release(store, wall.slug, LEE)
    assert (await undo(store, again.entry_id or 0, KIM)).entry_id is not None
    assert (await stands(store, wall))[0] == "live", "it was released since: that stays"
    await undo(store, released.entry_id or 0, KIM)
    assert await stands(store, wall) == WAITS
    async with store.read() as db:
        assert list(await db.exec(select(Item.frozen_from).where(col(Item.frozen_from).is_not(None)))) == ["live"]
