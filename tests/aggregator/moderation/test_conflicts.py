"""Decisions about what has been seen: a version that is not there any more is refused, with who has decided what."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from aggregator.audit.actor import AUTHOR, ORIGIN, Actor, source_actor
from aggregator.audit.tables import Action
from aggregator.audit.trail import list_entries
from aggregator.moderation.author_decisions import hide_author
from aggregator.moderation.decisions import DecidedMeanwhile, approve, hide, withdraw
from aggregator.sources.tables import Source
from aggregator.store.store import Store
from aggregator.timestamps import now
from aggregator.walls.tables import Wall
from connectors.contract import Choice, Page, Poll
from tests.aggregator.invented import ADA, KIM, LEE, ONE, START, a_source, a_wall, bring, said, shown

EDITED = START + timedelta(minutes=5)


@pytest.fixture
async def wall(store: Store) -> Wall:
    return await a_wall(store)


@pytest.fixture
async def source(store: Store, wall: Wall) -> Source:
    source = await a_source(store, wall)
    await bring(store, source, Page(posts=(said("1"),)))
    return source


async def version(store: Store, wall: Wall) -> int:
    return int((await shown(store, wall.desk))[ONE]["version"])


async def decide(store: Store, verb: Any, wall: Wall, by: Actor, expected: int | None = None) -> int | None:
    async with store.write() as db:
        entry_id: int | None = await verb(db, wall, ONE, by, expected=expected)
        return entry_id


async def test_decision_about_what_was_seen_is_taken_and_returns_its_entry(
    store: Store, wall: Wall, source: Source
) -> None:
    seen = await version(store, wall)
    entry_id = await decide(store, hide, wall, KIM, seen)
    async with store.read() as db:
        [entry, *_] = await list_entries(db)
    assert (entry.id, entry.action) == (entry_id, "hide")
    assert await version(store, wall) == seen + 1
    assert await decide(store, hide, wall, KIM, seen + 1) is None
    assert await version(store, wall) == seen + 1


Meanwhile = Callable[[Store, Wall, Source], Awaitable[Any]]
EDIT = said("1", "<p>Mended.</p>", edited_at=EDITED)
MEANWHILE: dict[str, tuple[Meanwhile, Action, Callable[[Source], Actor]]] = {
    "hide": (lambda store, wall, _: decide(store, hide, wall, LEE), Action.HIDE, lambda _: LEE),
    "hide author": (lambda store, *_: hide_author(store, ADA.handle, None, LEE), Action.HIDE, lambda _: LEE),
    "gone": (lambda store, _, source: bring(store, source, Page(gone=("1",))), Action.WITHDRAW, lambda _: ORIGIN),
    "unshown": (
        lambda store, _, source: bring(store, source, Page(missing=("1",))),
        Action.HIDE,
        lambda source: source_actor(source.id),
    ),
    "edit": (lambda store, _, source: bring(store, source, Page(posts=(EDIT,))), Action.EDIT, lambda _: AUTHOR),
}


@pytest.mark.parametrize("verb", [hide, approve, withdraw])
@pytest.mark.parametrize(("meanwhile", "action", "actor"), MEANWHILE.values(), ids=MEANWHILE)
async def test_decision_about_what_has_changed_since_is_refused_with_who_did_what(
    store: Store,
    wall: Wall,
    source: Source,
    *,
    verb: Any,
    meanwhile: Meanwhile,
    action: Action,
    actor: Callable[[Source], Actor],
) -> None:
    seen = await version(store, wall)
    began = now()
    await meanwhile(store, wall, source)
    before = await shown(store, wall.desk)
    if verb is withdraw and action == Action.WITHDRAW:
        assert await decide(store, verb, wall, KIM, seen) is None
        return
    with pytest.raises(DecidedMeanwhile) as refused:
        await decide(store, verb, wall, KIM, seen)
    error = refused.value
    assert (error.action, error.actor, error.version) == (action, actor(source), seen + 1)
    assert error.at == EDITED if action == Action.EDIT else error.at is not None and began <= error.at <= now()
    assert str(error).startswith(f"“{ONE}” was ")
    assert await shown(store, wall.desk) == before
    if action == Action.EDIT:
        assert (
            str(error)
            == f"“{ONE}” was edited by author at 2009-10-12 09:35:00 UTC, after you saw it: look again, then decide."
        )


async def test_edit_after_a_decision_is_told_as_the_edit(store: Store, wall: Wall, source: Source) -> None:
    seen = await version(store, wall)
    await decide(store, hide, wall, LEE)
    await bring(store, source, Page(posts=(said("1", "<p>Mended.</p>"),)))
    with pytest.raises(DecidedMeanwhile) as refused:
        await decide(store, approve, wall, KIM, seen)
    assert (refused.value.action, refused.value.at, refused.value.version) == (Action.EDIT, None, seen + 2)


async def test_votes_are_not_another_version(store: Store, wall: Wall, source: Source) -> None:
    poll = Poll(choices=(Choice(title="Yes", votes=1), Choice(title="No", votes=2)), votes=3)
    await bring(store, source, Page(posts=(said("1", poll=poll),)))
    seen = await version(store, wall)
    counted = Poll(choices=(Choice(title="Yes", votes=5), Choice(title="No", votes=2)), votes=7)
    await bring(store, source, Page(posts=(said("1", poll=counted),)))
    assert (await shown(store, wall.channel))[ONE]["poll"]["votes"] == 7
    assert await version(store, wall) == seen
    assert await decide(store, hide, wall, KIM, seen) is not None


async def test_version_is_of_one_wall_and_rises_on_all_with_an_edit(store: Store, wall: Wall, source: Source) -> None:
    foyer = await a_wall(store, "foyer")
    other = await a_source(store, foyer)
    await bring(store, other, Page(posts=(said("1"),)))
    await decide(store, hide, wall, KIM)
    assert (await version(store, wall), await version(store, foyer)) == (2, 1)
    await bring(store, source, Page(posts=(EDIT,)))
    assert (await version(store, wall), await version(store, foyer)) == (3, 2)
