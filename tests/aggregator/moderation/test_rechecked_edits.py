"""Edits of posts that a person has approved by hand: on a wall that rechecks them they are held again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from sqlmodel import select

from aggregator.audit.tables import AuditEntry
from aggregator.moderation.decisions import DecidedMeanwhile, approve
from aggregator.moderation.freeze import freeze, release
from aggregator.moderation.wording import changes_words
from aggregator.sources.tables import Source
from aggregator.store.store import Store
from aggregator.walls.tables import Mode, Wall
from aggregator.walls.walls import change_wall, find_wall
from connectors.contract import Attachment, Choice, Page, Poll, Post
from tests.aggregator.invented import BEN, KIM, ONE, START, a_source, a_wall, bring, said, shown, words

EDITED = START + timedelta(minutes=5)
EDIT = said("1", "<p>Buy.</p>", edited_at=EDITED)
AGAIN = ("held", "edited since you approved it (version 2)")


async def stands(store: Store, wall: Wall) -> tuple[str, str]:
    desk = (await shown(store, wall.desk))[ONE]
    assert ((await shown(store, wall.channel)).get(ONE) is not None) == (desk["state"] == "live")
    return desk["state"], desk["why"]


async def approved_on(store: Store, mode: Mode, *, recheck: bool | None = None) -> tuple[Wall, Source]:
    """A wall with a post that a person has approved, or on an open wall: hidden and approved."""
    wall = await a_wall(store, mode=Mode.APPROVE)
    source = await a_source(store, wall)
    await bring(store, source, Page(posts=(said("1"),)))
    async with store.write() as db:
        await approve(db, wall, ONE, KIM)
        await change_wall(db, await find_wall(db, wall.slug), mode=mode, recheck_edits=recheck, by=KIM)
    return wall, source


@pytest.mark.parametrize(
    ("mode", "recheck", "is_held"),
    [
        (Mode.APPROVE, None, True),
        (Mode.APPROVE, False, False),
        (Mode.TRUSTED, None, True),
        (Mode.OPEN, None, False),
        (Mode.OPEN, True, True),
    ],
)
async def test_edit_of_an_approved_post_is_held_where_the_wall_wants_it(
    store: Store, *, mode: Mode, recheck: bool | None, is_held: bool
) -> None:
    wall, source = await approved_on(store, mode, recheck=recheck)
    await bring(store, source, Page(posts=(EDIT,)))
    assert await stands(store, wall) == (AGAIN if is_held else ("live", ""))
    assert (await shown(store, wall.desk))[ONE]["post"]["html"] == "<p>Buy.</p>"
    async with store.read() as db:
        held = (await db.exec(select(AuditEntry).where(AuditEntry.action == "hold"))).all()
    told = [(str(e.by), e.subject, e.before, e.after, e.why) for e in held]
    assert told == ([("author", ONE, "live", "held", AGAIN[1])] if is_held else [])


async def test_post_is_approved_again_and_held_with_the_next_edit(store: Store) -> None:
    wall, source = await approved_on(store, Mode.APPROVE)
    await bring(store, source, Page(posts=(EDIT,)))
    async with store.write() as db:
        with pytest.raises(DecidedMeanwhile):
            await approve(db, wall, ONE, KIM, expected=2)
    version = (await shown(store, wall.desk))[ONE]["version"]
    async with store.write() as db:
        await approve(db, wall, ONE, KIM, expected=version)
    assert await words(store, wall.channel) == {ONE: "<p>Buy.</p>"}
    await bring(
        store, source, Page(posts=(replace(EDIT, html="<p>Buy more.</p>", edited_at=EDITED + timedelta(minutes=1)),))
    )
    assert await stands(store, wall) == ("held", f"edited since you approved it (version {version + 1})")


async def test_edit_of_what_no_person_has_approved_stays_live(store: Store) -> None:
    """It was live before the wall began to approve."""
    wall = await a_wall(store)
    source = await a_source(store, wall)
    await bring(store, source, Page(posts=(said("1"),)))
    async with store.write() as db:
        await change_wall(db, await find_wall(db, wall.slug), mode=Mode.APPROVE, by=KIM)
    await bring(store, source, Page(posts=(EDIT,)))
    assert await words(store, wall.channel) == {ONE: "<p>Buy.</p>"}


async def test_edit_of_what_waits_on_a_frozen_wall_is_not_released(store: Store) -> None:
    wall = await a_wall(store, mode=Mode.APPROVE)
    source = await a_source(store, wall)
    await bring(store, source, Page(posts=(said("1"),)))
    await freeze(store, wall.slug, KIM)
    async with store.write() as db:
        await approve(db, wall, ONE, KIM)
    await bring(store, source, Page(posts=(EDIT,)))
    assert ((await release(store, wall.slug, KIM)).posts, await stands(store, wall)) == (0, AGAIN)


POLL = Poll(choices=(Choice(title="Yes", votes=1), Choice(title="No", votes=2)), votes=3)
PLAIN = said("1", poll=POLL, media=(Attachment(kind="image", url="https://a.example/1.png", alt="A quay"),))


def moved(url: str) -> tuple[Attachment, ...]:
    return (replace(PLAIN.media[0], url=url),)


@pytest.mark.parametrize(
    ("fields", "is_edit"),
    [
        ({"html": "<p>Good evening.</p>"}, True),
        ({"html": "<p>Good  morning.</p>"}, False),
        ({"title": "News"}, True),
        ({"warning": "spoiler"}, True),
        ({"media": ()}, True),
        ({"media": moved("https://b.example/1.png")}, False),
        ({"media": moved("https://b.example/1.png"), "edited_at": EDITED}, True),
        ({"author": BEN}, False),
        ({"author": BEN, "edited_at": EDITED}, False),
        ({"edited_at": EDITED}, False),
        ({"poll": replace(POLL, votes=9, choices=(Choice(title="Yes", votes=7), Choice(title="No", votes=2)))}, False),
        ({"poll": replace(POLL, choices=(Choice(title="Aye"), Choice(title="No")))}, True),
    ],
)
def test_edit_is_told_from_what_servers_change(*, fields: dict[str, Any], is_edit: bool) -> None:
    new: Post = replace(PLAIN, **fields)
    assert changes_words(new, PLAIN) == is_edit
