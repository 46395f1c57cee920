"""Expectations: the cards, newest first, by their fields; and sources without errors unless stated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from tests.cases.road import FIRST_POLL, Seen

UNLESS_SAID = ("edited_at", "warning")
"""Fields that are empty unless the expectation names them."""


class Expectation(NamedTuple):
    """The expected result of the polls of a case, the first at `began`, the others a `pause` apart."""

    check: Callable[[list[Seen]], None]
    began: datetime = FIRST_POLL
    pause: timedelta = timedelta(minutes=1)


EXPECTED: dict[str, Expectation] = {}


def case(name: str, **when: Any) -> Callable[[Callable[[list[Seen]], None]], Callable[[list[Seen]], None]]:
    """Enter a function of the result as the expectation of this case."""

    def enter(check: Callable[[list[Seen]], None]) -> Callable[[list[Seen]], None]:
        assert name not in EXPECTED, f"there are two expectations of {name}"
        EXPECTED[name] = Expectation(check, **when)
        return check

    return enter


def shown(seen: Seen, *cards: Mapping[str, Any], broken: int = 0, trouble: str = "", again: int = 0) -> None:
    """Check these cards and no others, by the named fields, and the number of the source's errors."""
    usual = dict.fromkeys(UNLESS_SAID)
    expected = [{**usual, **card} for card in cards]
    found = [
        {field: card.get(field) for field in (each or usual)}
        for card, each in zip(seen.cards, [*expected, *({} for _ in seen.cards)], strict=False)
    ]
    assert (seen.trouble, seen.broken, seen.again, found) == (trouble, broken, again, expected)


def titles(seen: Seen) -> list[str]:
    """The titles of all cards, newest first."""
    return [card.get("title", "") for card in seen.cards]
