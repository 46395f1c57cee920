"""A walk down a timeline: nothing is skipped, and a gap that stays open is told."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.errors import Unavailable
from connectors.timeline.cursor import Cursor, read_cursor, write_cursor
from connectors.timeline.entries import Entry
from connectors.timeline.walk import GAP, LOST, TOO_MANY, TRIES, EntryPage, NewEntries, fetch_new


class Timeline:
    """Entries by id, newest first, in pages of two; `down` are pages that fail, by what they are asked for by."""

    def __init__(self, *ids: str, pinned: str = "", down: str = "", repeats: bool = False) -> None:
        self.ids, self.pinned, self.down, self.repeats = list(ids), pinned, down, repeats
        self.left: set[str] = set(ids)
        self.asked: list[str] = []

    async def fetch(self, older: str) -> EntryPage:
        self.asked.append(older)
        if older and older == self.down:
            raise Unavailable("Server error (500).")
        start = self.ids.index(older) + 1 if older and not self.repeats else 0
        some = self.ids[start : start + 2]
        pinned = [self.pinned] if self.pinned else []
        entries = [Entry(id=id_, ref=id_, key=id_, pinned=id_ in pinned) for id_ in [*pinned, *some]]
        more = start + 2 < len(self.ids) or self.repeats
        return EntryPage(entries, older=some[-1] if more else "", digest="" if older else ",".join(some))

    async def is_there(self, id_: str) -> bool:
        return id_ in self.left


async def walk(timeline: Timeline, *known: str, **more: Any) -> NewEntries:
    return await fetch_new(timeline.fetch, Cursor(known=known, **more), timeline.is_there)


def ids(new: NewEntries) -> str:
    return " ".join(entry.id for entry in new.entries)


@pytest.mark.parametrize(
    ("timeline", "cursor", "found", "broken"),
    [
        (Timeline("9", "8", "7", "6", "5", "4"), Cursor(begun=False), "6 7 8 9", ()),
        (Timeline("9", "8", "7", "6"), Cursor(known=("8", "7")), "8 9", ()),
        (Timeline("9", "8", "7", "6", "5"), Cursor(known=("5",)), "5 6 7 8 9", ()),
        (Timeline("9", "8", "7"), Cursor(known=("3",)), "7 8 9", ()),  # the known one is deleted: the end is the end
        (Timeline("9", "8", "7"), Cursor(), "7 8 9", ()),  # it was empty before
        (Timeline(*"987654321abcdef"), Cursor(known=("z",)), "a 1 2 3 4 5 6 7 8 9", (TOO_MANY,)),
        (Timeline("9", "8", "7", down="8"), Cursor(known=("7",)), "8 9", (GAP,)),
        (Timeline("9", "8", "7", down="8"), Cursor(known=("7",), tries=TRIES - 1), "8 9", (LOST,)),
        (Timeline("9", "8", repeats=True), Cursor(known=("7",)), "8 9", (LOST,)),
        (Timeline("9", "8", "7", "6", pinned="p"), Cursor(known=("6",)), "6 7 8 9 p", ()),
        (Timeline(), Cursor(known=("6",)), "", ()),
    ],
)
async def test_walk_finds_all_down_to_a_known_entry(
    timeline: Timeline, cursor: Cursor, found: str, broken: tuple[str, ...]
) -> None:
    new = await fetch_new(timeline.fetch, cursor, timeline.is_there)
    assert (ids(new), new.broken) == (found, broken)


async def test_gap_keeps_the_position_until_it_is_closed_or_lost() -> None:
    timeline = Timeline("9", "8", "7", "6", down="8")
    first = await walk(timeline, "6", digest="old")
    assert (first.position, first.broken) == (Cursor(known=("6",), digest="old", tries=1), (GAP,))
    timeline.down = ""
    second = await fetch_new(timeline.fetch, first.position, timeline.is_there)
    assert (ids(second), second.position.known, second.broken) == ("6 7 8 9", ("9", "8"), ())


async def test_end_of_a_timeline_is_not_believed_while_a_known_entry_exists() -> None:
    timeline = Timeline("9", "8")
    timeline.left = {"3"}
    assert (await walk(timeline, "3")).broken == (GAP,)


async def test_same_page_again_is_not_read() -> None:
    timeline = Timeline("9", "8")
    before = Cursor(known=("9", "8"), digest="9,8")
    assert await walk(timeline, "9", "8", digest="9,8") == NewEntries([], before)
    assert read_cursor(write_cursor(before)) == before
    assert read_cursor("nonsense") == Cursor(begun=False)


@pytest.mark.parametrize(
    ("known", "lost"),
    [(("9", "x", "8", "7"), ("x",)), (("9", "8", "z"), ()), (("x",), ())],
)
async def test_entries_that_vanish_from_the_newest_page_are_lost(known: tuple[str, ...], lost: tuple[str, ...]) -> None:
    assert (await walk(Timeline("9", "8", "7", "6"), *known)).lost == lost


async def test_empty_timeline_has_lost_all_once() -> None:
    first = await walk(Timeline(), "9", "8")
    assert (first.lost, first.position.known, first.position.empty) == (("9", "8"), ("9", "8"), True)
    assert (await fetch_new(Timeline().fetch, first.position, Timeline().is_there)).lost == ()
