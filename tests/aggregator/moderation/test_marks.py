"""Pins, nuggets, covered pictures and notes: what the channels say of them, and what their undo leaves."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from aggregator.audit.tables import AuditEntry
from aggregator.channel.read import snapshot
from aggregator.items.bounds import MAX_NOTE
from aggregator.items.lookup import DecisionError, ItemNotFound
from aggregator.items.nuggets import nuggets_on
from aggregator.items.pins import pins_on
from aggregator.items.tables import Item
from aggregator.moderation.decisions import FinalState, approve, hide, withdraw
from aggregator.moderation.marks import (
    MAX_PINS,
    cover_media,
    mark_nugget,
    pin,
    uncover_media,
    unmark_nugget,
    unpin,
    write_note,
)
from aggregator.moderation.tables import ActItem
from aggregator.moderation.undo import undo
from aggregator.sources.tables import Source
from aggregator.store.store import Store
from aggregator.timestamps import now, to_micros, to_wire
from aggregator.walls.tables import Wall
from connectors.contract import Attachment, Page
from tests.aggregator.invented import KIM, LEE, ONE, START, TWO, a_source, a_wall, bring, said, shown

LATER = now().replace(microsecond=0) + timedelta(hours=1)
PICTURE = Attachment(kind="image", url="https://invented.example/1.png")


@pytest.fixture
async def wall(store: Store) -> Wall:
    return await a_wall(store)


@pytest.fixture
async def source(store: Store, wall: Wall) -> Source:
    source = await a_source(store, wall)
    await bring(store, source, Page(posts=(said("1", media=(PICTURE,)), said("2"))))
    return source


async def do(store: Store, verb: Any, wall: Wall, *given: Any, post_id: str = ONE, by: Any = KIM) -> int:
    async with store.write() as db:
        return int(await verb(db, wall, post_id, *given, by) or 0)


async def pins(store: Store, wall: Wall) -> dict[str, Any]:
    """The pins on both channels, which must agree: id → body."""
    found = []
    for channel in (wall.channel, wall.desk):
        async with store.read() as db:
            records = (await snapshot(db, channel, 1)).records
        found.append({r.key: json.loads(r.body or b"") for r in records if r.kind == "pin"})
    assert found[0] == found[1]
    return found[0]


async def desk(store: Store, wall: Wall) -> Any:
    return (await shown(store, wall.desk))[ONE]


async def nuggets(store: Store, wall: Wall) -> list[tuple[str, str]]:
    async with store.read() as db:
        return sorted((record.kind, record.key) for record in (await nuggets_on(db, wall.slug)).records)


async def test_pin_has_the_card_and_its_end_and_follows_the_post(store: Store, wall: Wall, source: Source) -> None:
    pinned = await do(store, pin, wall, LATER)
    until = LATER.isoformat().replace("+00:00", "Z")
    assert await pins(store, wall) == {ONE: {"until": until, "post": (await shown(store, wall.channel))[ONE]}}
    assert (await desk(store, wall))["pinned_until"] == until
    assert (await desk(store, wall))["version"] == 1, "a mark is not another version"
    edited = said("1", "<p>Mended.</p>", edited_at=START + timedelta(minutes=5))
    await bring(store, source, Page(posts=(edited,)))
    assert (await pins(store, wall))[ONE]["post"]["html"] == "<p>Mended.</p>"
    await do(store, hide, wall)
    assert await pins(store, wall) == {}
    await do(store, approve, wall)
    assert list(await pins(store, wall)) == [ONE]
    assert await do(store, pin, wall, LATER) == 0
    unpinned = await do(store, unpin, wall, by=LEE)
    assert await pins(store, wall) == {}
    async with store.read() as db:
        query = select(AuditEntry).where(col(AuditEntry.id).in_([pinned, unpinned]))
        told = [(str(e.by), e.action, e.before, e.after) for e in await db.exec(query.order_by(col(AuditEntry.id)))]
    end = to_wire(to_micros(LATER))
    assert told == [("person:kim", "pin", "", end), ("person:lee", "unpin", end, "")]


async def test_withdrawn_post_leaves_neither_pin_nor_note(store: Store, wall: Wall, source: Source) -> None:
    await do(store, pin, wall, LATER)
    await do(store, write_note, wall, "Is this the keynote?")
    await do(store, write_note, wall, "Yes.")
    await do(store, withdraw, wall)
    assert await pins(store, wall) == {}
    async with store.read() as db:
        rows = await db.exec(select(Item.note, Item.pinned_until, Item.state).where(Item.state == "withdrawn"))
        assert rows.all() == [("", None, "withdrawn")]
        assert (await db.exec(select(ActItem))).all() == []
        assert "keynote" not in repr((await db.exec(select(AuditEntry))).all())
    with pytest.raises(FinalState, match="is withdrawn, and cannot be marked"):
        await do(store, mark_nugget, wall)
    with pytest.raises(ItemNotFound):
        await do(store, unpin, await a_wall(store, "foyer"))


async def test_pins_are_bounded_and_make_room_once_they_have_ended(store: Store, wall: Wall, source: Source) -> None:
    with pytest.raises(DecisionError, match="A pin needs an end that is still to come"):
        await do(store, pin, wall, now() - timedelta(seconds=1))
    await bring(store, source, Page(posts=tuple(said(f"x{number}") for number in range(MAX_PINS))))
    others = (await shown(store, wall.channel)).keys() - {ONE, TWO}
    for post_id in others:
        await do(store, pin, wall, LATER, post_id=post_id)
    with pytest.raises(DecisionError, match=f"Too many pins: a wall has {MAX_PINS} at most"):
        await do(store, pin, wall, LATER)
    async with store.write() as db:
        await db.exec(update(Item).where(col(Item.pinned_until).is_not(None)).values(pinned_until=START))
    await do(store, pin, wall, LATER)
    assert list(await pins(store, wall)) == [ONE]
    async with store.read() as db:
        assert await pins_on(db, wall) == {ONE: LATER}


async def test_nugget_is_told_to_all_and_covered_pictures_are_drawn_as_sensitive(
    store: Store, wall: Wall, source: Source
) -> None:
    assert await do(store, mark_nugget, wall)
    assert await do(store, cover_media, wall)
    card = (await shown(store, wall.channel))[ONE]
    assert (card["nugget"], card["sensitive"], (await desk(store, wall))["covered"]) == (True, True, True)
    assert await do(store, cover_media, wall) == 0
    assert await nuggets(store, wall) == [("post", ONE), ("wall", "wall")]
    assert await do(store, uncover_media, wall)
    assert await do(store, unmark_nugget, wall)
    card = (await shown(store, wall.channel))[ONE]
    assert {"nugget", "sensitive"}.isdisjoint(card)
    assert await nuggets(store, wall) == [("wall", "wall")]
    await bring(store, source, Page(posts=(said("1", media=(PICTURE,), sensitive=True),)))
    await do(store, cover_media, wall)
    await do(store, uncover_media, wall)
    assert (await shown(store, wall.channel))[ONE]["sensitive"], "what the author wishes stays"


async def test_note_is_for_the_desk_alone_and_bounded(store: Store, wall: Wall, source: Source) -> None:
    before = await shown(store, wall.channel)
    await do(store, write_note, wall, "  Ask her first.\nThen approve. ")
    assert (await desk(store, wall))["note"] == "Ask her first.\nThen approve."
    assert await shown(store, wall.channel) == before
    for note, sentence in {
        "n" * (MAX_NOTE + 1): f"A note has at most {MAX_NOTE} characters; this one has {MAX_NOTE + 1}.",
        "\x1b[2J": "A note cannot have control characters, such as Escape: type it anew, without them.",
    }.items():
        with pytest.raises(DecisionError) as refused:
            await do(store, write_note, wall, note)
        assert str(refused.value) == sentence
    assert await do(store, write_note, wall, "")
    assert "note" not in await desk(store, wall)


Verb = Callable[..., Awaitable[int | None]]
BOTH: dict[str, tuple[Verb, tuple[Any, ...], Verb, tuple[Any, ...]]] = {
    "pin": (pin, (LATER,), unpin, ()),
    "nugget": (mark_nugget, (), unmark_nugget, ()),
    "cover": (cover_media, (), uncover_media, ()),
    "note": (write_note, ("Ask her.",), write_note, ("Done.",)),
}


@pytest.mark.parametrize(("mark", "given", "other", "instead"), BOTH.values(), ids=BOTH)
async def test_marks_are_undone_by_themselves_and_not_what_came_after(
    store: Store,
    wall: Wall,
    source: Source,
    *,
    mark: Verb,
    given: tuple[Any, ...],
    other: Verb,
    instead: tuple[Any, ...],
) -> None:
    plain = await desk(store, wall)
    first = await do(store, mark, wall, *given)
    marked = await desk(store, wall), await pins(store, wall)
    undone = await undo(store, first, LEE)
    assert ((undone.restored, undone.left), await desk(store, wall), await pins(store, wall)) == ((1, 0), plain, {})
    redone = await undo(store, undone.entry_id or 0, KIM)
    assert (await desk(store, wall), await pins(store, wall)) == marked
    second = await do(store, other, wall, *instead)
    assert (await undo(store, redone.entry_id or 0, KIM))[1:] == (None, 0, 1)
    await undo(store, second, KIM)
    assert (await desk(store, wall), await pins(store, wall)) == marked
    hidden = await do(store, hide, wall)
    assert (await undo(store, redone.entry_id or 0, KIM)).restored == 1, "a decision is another matter"
    assert (await undo(store, hidden, KIM)).restored == 1
    state = {name: value for name, value in (await desk(store, wall)).items() if name != "version"}
    assert state | {"version": 1} == plain


async def test_pin_that_has_ended_is_not_published_again(store: Store, wall: Wall, source: Source) -> None:
    await do(store, pin, wall, LATER)
    ended: datetime = now() - timedelta(seconds=1)
    async with store.write() as db:
        await db.exec(update(Item).where(col(Item.pinned_until).is_not(None)).values(pinned_until=ended))
    await do(store, mark_nugget, wall)
    assert await pins(store, wall) == {}
