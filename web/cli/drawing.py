"""A wall's records as lines for a terminal: the words of a post and its attachments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich.text import Text

from connectors.text.html import plain
from web.cli.labels import network_label
from web.cli.live_client import POST, Record
from web.cli.output import strip_control

MARGIN = " " * 7
"""As wide as the time of day."""
MOST_REMEMBERED = 20_000
"""How many posts' words are remembered, so that a later record of a post prints only what is new."""
EMOJI = re.compile(r'<img\b[^>]*\balt="([^"]*)"[^>]*>')

Line = tuple[str, str, str]
"""The mark before a line, the line, its style."""


class Transcript:
    """Draws records one by one: each post once, and again if its words change.

    Times are in the wall's time zone if it is known, else in this machine's.
    """

    def __init__(self, zone: ZoneInfo | None, today: date | None = None) -> None:
        self._zone = zone
        self._day = today or datetime.now(zone).date()
        self._said: dict[str, int] = {}

    def draw(self, record: Record) -> Text | None:
        """The record's lines, after a line with the date if it changed; None if nothing is new."""
        if record.kind != POST:
            return draw(record, self._zone)
        before = self._said.pop(record.key, None)
        if record.body is None:
            return draw(record, self._zone)
        self._said[record.key] = said = hash((*_words(record.body), *_choices(record.body)))
        if len(self._said) > MOST_REMEMBERED:
            del self._said[next(iter(self._said))]
        if before == said:
            return None
        return Text.assemble(self._new_day(record), draw(record, self._zone, edited=before is not None))

    def _new_day(self, record: Record) -> Text:
        day = _moment(record, self._zone).date()
        if day == self._day:
            return Text()
        self._day = day
        return Text(f"{day:%A} {day.day} {day:%B %Y}\n", style="bold")


def draw(record: Record, zone: ZoneInfo | None, *, edited: bool = False) -> Text:
    """The lines for one record."""
    if record.body is None:
        return Text(f"{record.key}  removed", style="dim")
    if record.kind != POST:
        return Text(strip_control(f"{record.kind} {record.key}  changed"), style="dim")
    author, network = record.body["author"], network_label(record.body.get("network", ""))
    head = [
        (f"{_moment(record, zone):%H:%M}  ", "dim"),
        (author["name"], "bold"),
        (f"  {author['handle']}  {network}  {record.key}", "dim"),
        ("  edited" if edited else "", "yellow"),
    ]
    lines = [*_boosted(record.body), *_words(record.body), *_besides(record.body)]
    below = [
        (f"\n{MARGIN}{mark if not number else ' ' * len(mark)}{line}", style)
        for mark, text, style in lines
        for number, line in enumerate(filter(None, text.splitlines()))
    ]
    return Text.assemble(*((strip_control(text), style) for text, style in [*head, *below]))


def _moment(record: Record, zone: ZoneInfo | None) -> datetime:
    return datetime.fromisoformat(record.at).astimezone(zone)


def _boosted(body: dict[str, Any]) -> Iterator[Line]:
    if booster := body.get("boosted_by"):
        yield "", f"boosted by {booster['name']}  {booster['handle']}", "dim"


def _words(body: dict[str, Any]) -> Iterator[Line]:
    """The author's words; only the warning if the post has one."""
    if body.get("warning"):
        yield "", f"[{body['warning']}]", "yellow"
        return
    yield "", body.get("title", ""), "bold"
    yield "", _plain(body.get("html", "")), ""
    for medium in body.get("media", ()):
        yield "", f"[{medium['kind']}] {medium.get('alt', '')}".rstrip(), "cyan"


def _choices(body: dict[str, Any]) -> Iterator[str]:
    yield from (choice["title"] for choice in (body.get("poll") or {}).get("choices", ()))


def _besides(body: dict[str, Any]) -> Iterator[Line]:
    """The parts that change without the author: poll figures, link card and quote."""
    if body.get("warning"):
        return
    if poll := body.get("poll"):
        yield from _poll(poll)
    if quote := body.get("quote"):
        yield "> ", f"{quote['author']['name']}: {_plain(quote['html'])}", "dim"
    if card := body.get("card"):
        yield "→ ", "  ".join(filter(None, (card["title"], card.get("site", ""), card["url"]))), "cyan"


def _poll(poll: dict[str, Any]) -> Iterator[Line]:
    """Each choice with its votes and their share, as far as the network reports them."""
    voters = poll.get("voters") or poll.get("votes", 0)
    for choice in poll["choices"]:
        votes = choice.get("votes")
        part = f" ({votes / voters:.0%})" if votes is not None and voters else ""
        yield "○ ", choice["title"] + ("" if votes is None else f"  {votes}{part}"), ""
    voted = f"{voters} {'has' if voters == 1 else 'have'} voted"
    yield "", voted + (", closed" if poll.get("closed") else ""), "dim"


def _plain(html: str) -> str:
    """The words, with custom emoji by name, whether their pictures are there or not."""
    return plain(EMOJI.sub(r"\1", html))
