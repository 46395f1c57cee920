"""Authors who are left out at their own request: what is there goes, and what comes is kept away."""

from __future__ import annotations

import pytest
from sqlmodel import col, select

from aggregator.audit.tables import Action
from aggregator.audit.trail import list_entries
from aggregator.items.lookup import DecisionError, ItemNotFound
from aggregator.items.tables import Item, StoredPost
from aggregator.moderation.author_decisions import approve_author, hide_author
from aggregator.moderation.decisions import FinalState, approve
from aggregator.moderation.judge import Judge
from aggregator.moderation.opt_outs import LEFT_OUT, list_opt_outs
from aggregator.moderation.opting_out import OptedOut, end_opt_out, opt_out
from aggregator.store.store import Store
from aggregator.walls.tables import Wall
from connectors.contract import Page
from tests.aggregator.invented import ADA, BEN, KIM, ONE, TWO, a_source, a_wall, bring, said, words


async def states(store: Store, wall: Wall) -> dict[str, tuple[str, bool]]:
    """Of each item on the wall its state, and whether the post's words are stored."""
    async with store.read() as db:
        query = select(StoredPost.id, Item.state, StoredPost.body).join(Item).where(Item.wall_id == wall.id)
        return {post_id: (state, body is not None) for post_id, state, body in await db.exec(query)}


async def ended(store: Store, wall: Wall) -> None:
    async with store.read() as db:
        [found] = await list_opt_outs(db, wall)
    await end_opt_out(store, found.id, wall, KIM)


async def test_author_is_left_out_on_one_wall_until_that_ends(store: Store) -> None:
    hall, lobby = await a_wall(store), await a_wall(store, "lobby")
    here, there = await a_source(store, hall), await a_source(store, lobby)
    await bring(store, here, Page(posts=(said("1"), said("2"), said("3", author=BEN))))
    await bring(store, there, Page(posts=(said("2"),)))
    done = await opt_out(store, "@ADA@invented.example", hall, KIM)
    assert (done.erased, done.hidden) == (1, 1)
    found = await states(store, hall)
    assert (found[ONE], found[TWO]) == (("withdrawn", False), ("hidden", True))
    assert len(await words(store, lobby.channel)) == 1

    await bring(store, here, Page(posts=(said("1"), said("2", "<p>Edited.</p>"), said("4"))))
    assert len(await states(store, hall)) == 3  # nothing of what came is there
    with pytest.raises(FinalState, match="asks to be left out"):
        async with store.write() as db:
            await approve(db, hall, TWO, KIM)
    await hide_author(store, ADA.handle, "hall", KIM)
    await approve_author(store, ADA.handle, "hall", KIM)
    assert (await states(store, hall))[TWO] == ("hidden", True)
    assert (await opt_out(store, ADA.handle, hall, KIM)).entry_id is None

    await ended(store, hall)
    await bring(store, here, Page(posts=(said("1"), said("4"))))
    assert sorted(state for state, _ in (await states(store, hall)).values()) == ["live", "live", "live", "withdrawn"]
    async with store.read() as db:
        entries = [each for each in await list_entries(db, hall.id) if "opt_out" in each.action]
    assert [(each.action, each.before, each.after) for each in entries] == [
        (Action.END_OPT_OUT, LEFT_OUT, ""),
        (Action.OPT_OUT, "", LEFT_OUT),
    ]


async def test_author_is_left_out_on_all_walls_and_later_ones(store: Store) -> None:
    hall, lobby = await a_wall(store), await a_wall(store, "lobby")
    source = await a_source(store, hall)
    for each in (source, await a_source(store, lobby)):
        await bring(store, each, Page(posts=(said("1"), said("3", author=BEN)), boosts={"3": ADA}))
    assert (await opt_out(store, ADA.handle, None, KIM))[1:] == OptedOut(None, 1, 0)[1:]
    async with store.read() as db:
        assert (await db.exec(select(Item.post_n).where(col(Item.boosted_by).is_not(None)))).first() is None
        everything = [(each.subject, each.why) for each in await list_entries(db)]
        assert "ada" not in str(everything)
    cellar = await a_wall(store, "cellar")
    await bring(store, await a_source(store, cellar), Page(posts=(said("5"), said("6", author=BEN))))
    assert len(await words(store, cellar.channel)) == 1
    async with store.write() as db:
        assert (await Judge.load(db, cellar, [ADA])).initial_ruling(said("7")).state == "hidden"
    await ended(store, lobby)
    await bring(store, source, Page(posts=(said("1"), said("8"))))
    assert len(await words(store, hall.channel)) == 2


async def test_what_is_not_a_handle_and_unknown_opt_outs_are_refused(store: Store) -> None:
    wall = await a_wall(store)
    with pytest.raises(DecisionError, match="Not a handle"):
        await opt_out(store, " @ ", wall, KIM)
    with pytest.raises(ItemNotFound):
        await end_opt_out(store, "0" * 16, wall, KIM)
