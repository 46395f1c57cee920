"""The audit trail: what is written into it, by whom, and that it holds with what it tells."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import msgspec
import pytest

from aggregator.audit.actor import ORIGIN, Actor
from aggregator.audit.tables import Action, AuditEntry, SubjectKind
from aggregator.audit.trail import MAX_WHY, Change, list_entries, record
from aggregator.moderation.author_decisions import approve_author, hide_author
from aggregator.moderation.decisions import hide, withdraw
from aggregator.retention.walls import remove_wall
from aggregator.store.store import Store
from aggregator.walls.following import end, follow, unfollow
from aggregator.walls.tables import Mode, Wall
from aggregator.walls.walls import change_wall, create_wall
from connectors.contract import Address, Page
from tests.aggregator.invented import ADA, KIM, LEE, NETWORK, ONE, a_source, a_wall, bring, said

Told = tuple[str, str, str, str, str, str]
TAG = Address(network=NETWORK, kind="hashtag", value="harbour")
FOLLOWED = f"{NETWORK} hashtag harbour"


@pytest.fixture
async def wall(store: Store) -> Wall:
    return await a_wall(store)


async def entries(store: Store, wall_id: int | None = None, limit: int = 100) -> list[AuditEntry]:
    async with store.read() as db:
        return list(await list_entries(db, wall_id, limit))


async def told(store: Store, kind: SubjectKind) -> list[Told]:
    """(who, action, subject, before, after, why) of the entries about this kind of subject, the oldest first."""
    found = [each for each in await entries(store) if each.subject_kind == kind]
    return [(str(e.by), e.action, e.subject, e.before, e.after, e.why) for e in reversed(found)]


async def note(store: Store, by: Actor, *changes: Change, why: str = "") -> None:
    async with store.write() as db:
        await record(db, by, Action.HIDE, changes, why)


async def test_entries_come_newest_first_and_no_more_than_asked_for(store: Store) -> None:
    for number in range(5):
        await note(store, KIM, Change(number % 2, SubjectKind.POST, str(number)))
    assert [each.subject for each in await entries(store, limit=3)] == ["4", "3", "2"]
    assert [each.subject for each in await entries(store, 1)] == ["3", "1"]


async def test_entry_tells_who_did_what_to_which_subject(store: Store) -> None:
    await note(store, ORIGIN, Change(1, SubjectKind.POST, ONE, "live", "hidden"), why="w" * (MAX_WHY + 1))
    [entry] = await entries(store)
    assert (entry.by, entry.action, entry.wall_id, entry.subject_kind) == (ORIGIN, Action.HIDE, 1, SubjectKind.POST)
    assert (entry.subject, entry.before, entry.after, entry.why) == (ONE, "live", "hidden", "w" * MAX_WHY)


async def test_author_s_rule_is_told_with_its_posts(store: Store, wall: Wall) -> None:
    await bring(store, await a_source(store, wall), Page(posts=(said("1"),)))
    for _ in range(2):
        await hide_author(store, ADA.handle, None, KIM, "spam")
    await hide_author(store, ADA.handle, None, LEE, "scam")
    await approve_author(store, ADA.handle, None, LEE, "a mistake")
    handle = "ada@invented.example"
    assert await told(store, SubjectKind.AUTHOR) == [
        ("person:kim", "hide", handle, "", "hidden", "spam"),
        ("person:lee", "hide", handle, "hidden", "hidden", "scam"),
        ("person:lee", "approve", handle, "hidden", "", "a mistake"),
    ]
    assert await told(store, SubjectKind.POST) == [
        ("person:kim", "hide", ONE, "live", "hidden", "its author is hidden on this wall: spam"),
        ("person:lee", "bring_back", ONE, "hidden", "live", "a mistake"),
    ]


async def test_wall_is_told_with_the_settings_that_change(store: Store) -> None:
    async with store.write() as db:
        wall = await create_wall(db, "quay", "Quay", hashtag="quay", by=KIM)
    async with store.write() as db:
        wall = await db.get_one(Wall, wall.id)
        await change_wall(db, wall, name="Quay", mode=Mode.APPROVE, begins="2026-06-09", by=LEE)
        await change_wall(db, wall, name="Quay", by=LEE)
    made, changed = await told(store, SubjectKind.WALL)
    assert made[:4] == ("person:kim", "create", "quay", "")
    assert msgspec.json.decode(made[4]) == {
        "name": "Quay",
        "hashtag": "quay",
        "time_zone": "UTC",
        "mode": "open",
        "look": {},
        "begins_at": None,
        "listed": True,
        "recheck_edits": None,
    }
    assert changed == (
        "person:lee",
        "change",
        "quay",
        '{"mode":"open","begins_at":null}',
        '{"mode":"approve","begins_at":"2026-06-09T00:00:00Z"}',
        "",
    )


async def test_source_is_told_when_it_is_followed_unfollowed_and_ends(store: Store, wall: Wall) -> None:
    async with store.write() as db:
        source = await follow(db, wall, TAG, KIM)
        await end(db, source, "The account is gone.")
        await follow(db, wall, TAG, KIM)
        await unfollow(db, source.id or 0, LEE)
    number = str(source.id)
    assert await told(store, SubjectKind.SOURCE) == [
        ("person:kim", "follow", number, "", FOLLOWED, ""),
        (f"source:{number}", "end", number, FOLLOWED, "", "The account is gone."),
        ("person:kim", "follow", number, "", FOLLOWED, ""),
        ("person:lee", "unfollow", number, FOLLOWED, "", ""),
    ]


async def test_removal_clears_a_wall_s_entries_and_says_who_has_removed_it(store: Store, wall: Wall) -> None:
    await bring(store, await a_source(store, wall), Page(posts=(said("1"),)))
    await hide_author(store, ADA.handle, None, KIM, "spam")
    async with store.write() as db:
        await remove_wall(db, await db.get_one(Wall, wall.id), KIM)
    [entry] = await entries(store)
    assert (str(entry.by), entry.action, entry.subject, entry.wall_id) == ("person:kim", "remove", "hall", None)
    again = await a_wall(store)
    assert [each.action for each in await entries(store, again.id)] == ["create"]


async def test_trail_never_has_a_post_s_words(store: Store, wall: Wall) -> None:
    source = await a_source(store, wall)
    await bring(store, source, Page(posts=(said("1", "<p>Unspeakable.</p>"),)))
    async with store.write() as db:
        await hide(db, wall, ONE, by=KIM)
        await withdraw(db, wall, ONE, by=KIM)
    assert "Unspeakable" not in repr(await entries(store))
    assert "@ada" not in repr(await entries(store))


Act = Callable[[Any, Wall], Coroutine[Any, Any, object]]
ACTS: dict[str, Act] = {
    "hide": lambda db, wall: hide(db, wall, ONE, by=KIM),
    "change": lambda db, wall: change_wall(db, wall, name="Other", by=KIM),
    "follow": lambda db, wall: follow(db, wall, TAG, KIM),
    "remove": lambda db, wall: remove_wall(db, wall, KIM),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
async def test_act_that_fails_leaves_no_entry(store: Store, wall: Wall, act: Act) -> None:
    await bring(store, await a_source(store, wall), Page(posts=(said("1"),)))
    before = [each.id for each in await entries(store)]

    async def fail() -> None:
        async with store.write() as db:
            await act(db, await db.get_one(Wall, wall.id))
            raise RuntimeError("the lights went out")

    with pytest.raises(RuntimeError, match="the lights went out"):
        await fail()
    assert [each.id for each in await entries(store)] == before
