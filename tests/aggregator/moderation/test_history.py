"""The history of a wall, and what is known of an author there."""

from __future__ import annotations

from aggregator.audit.tables import Action
from aggregator.moderation.author_decisions import hide_author
from aggregator.moderation.authors import read_author
from aggregator.moderation.decisions import hide
from aggregator.moderation.history import HistoryFilter, find_history, list_history
from aggregator.moderation.trust import trust_author
from aggregator.moderation.undo import undo
from aggregator.store.store import Store
from connectors.contract import Page
from tests.aggregator.invented import ADA, BEN, KIM, LEE, ONE, TWO, a_source, a_wall, bring, said


async def test_history_has_one_entry_for_each_act_and_its_parts_by_subject(store: Store) -> None:
    wall, other = await a_wall(store), await a_wall(store, "other")
    await bring(store, await a_source(store, wall), Page(posts=(said("1"), said("2"), said("3", author=BEN))))
    [hidden] = await hide_author(store, ADA.handle, "hall", KIM)
    assert hidden.entry_id is not None
    async with store.write() as db:
        await trust_author(db, wall, BEN.handle, LEE)
    undone = await undo(store, hidden.entry_id, LEE)
    async with store.read() as db:
        entries = await list_history(db, wall)
        assert [each.entry.action for each in entries] == ["undo", "trust", "hide", "follow", "create"]
        found = await find_history(db, wall, hidden.entry_id)
        assert found is not None
        assert (found.is_undoable, found.undone_by) == (False, undone.entry_id)
        older = await list_history(db, wall, before=hidden.entry_id, limit=1)
        assert [each.entry.action for each in older] == ["follow"]
        parts = await list_history(db, wall, HistoryFilter(subject=ONE))
        assert [(each.entry.action, each.entry.act_id, each.is_undoable) for each in parts] == [
            ("undo", undone.entry_id, False),
            ("hide", hidden.entry_id, False),
        ]
        mine = await list_history(db, wall, HistoryFilter(actor="lee", actions=[Action.TRUST]))
        assert [(each.entry.subject, each.is_undoable) for each in mine] == [("ben@invented.example", True)]
        assert await find_history(db, other, hidden.entry_id) is None


async def test_author_is_read_with_posts_by_page_and_decisions(store: Store) -> None:
    wall = await a_wall(store)
    await bring(store, await a_source(store, wall), Page(posts=(said("1"), said("2"), said("3", author=BEN))))
    async with store.write() as db:
        await hide(db, wall, ONE, KIM)
        await trust_author(db, wall, "@Ada@Invented.example", KIM)
    async with store.read() as db:
        first = await read_author(db, wall, ADA.handle, limit=1)
        [newest] = first.records
        rest = await read_author(db, wall, ADA.handle, after=(newest.at, newest.key), limit=9)
        assert {newest.key, *(each.key for each in rest.records)} == {ONE, TWO}
        assert (first.hidden, first.is_trusted, [each.entry.action for each in first.history]) == (
            None,
            True,
            ["trust"],
        )
        assert not (await read_author(db, wall, "@nobody@invented.example", limit=9)).is_known
