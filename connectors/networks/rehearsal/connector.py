"""Rehearsal: plays a conference archive as if it were a network, on the same path as every other.

It stores nothing: a page follows from the archive, the cursor and the clock.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from connectors.contract import Address, Connector, Kind, Page
from connectors.errors import InvalidResponse, NotFound, Unavailable
from connectors.networks.rehearsal.archive import Archive, built_in
from connectors.networks.rehearsal.cursor import Cursor, read_cursor, write_cursor
from connectors.networks.rehearsal.parts import SCHEME, picture_source
from connectors.networks.rehearsal.posts import Playback
from connectors.networks.rehearsal.reading import open_archive
from connectors.networks.rehearsal.timeline import Timeline

if TYPE_CHECKING:
    from connectors.http.client import Http

PAGE = 500  # acts of one page
MAX_WAIT = 10.0  # seconds
LARGEST_PICTURE = 12 * 1024 * 1024


class Options(BaseModel):
    """The options of a playback."""

    model_config = ConfigDict(extra="forbid")

    rate: float | None = Field(
        None,
        gt=0,
        le=10_000,
        allow_inf_nan=False,
        title="Posts a second",
        description="A fixed rate instead of the archive's own times, for load tests.",
    )
    speed: float = Field(
        1, gt=0, le=1000, allow_inf_nan=False, title="Speed", description="How many times faster than real time."
    )
    loop: bool = Field(default=False, title="Loop", description="Start over at the end, with new posts.")
    started_at: AwareDatetime | None = Field(
        None, title="Start of the conference", description="By default the time of the first poll."
    )


def _now() -> datetime:
    return datetime.now(UTC)


class Rehearsal(Connector):
    """`clock` replaces the system's clock, for tests."""

    name = "rehearsal"
    label = "Rehearsal"
    kinds = (Kind(name="archive", label="Conference archive", example="rehearsal:harbour"),)
    options = Options
    min_interval = 0.25
    quiet_after = 3600.0

    def __init__(self, clock: Callable[[], datetime] = _now) -> None:
        self._clock = clock
        self._opened: dict[str, str] = {}  # an archive's path, by its name in pictures' URLs

    def recognise(self, text: str, on: str = "") -> Address | None:
        """`rehearsal:harbour`, `harbour`, `rehearsal:my/archive` or `my/archive.jsonl`; never a web address."""
        text = text.strip()
        asked = text.lower().startswith(SCHEME)
        value = text[len(SCHEME) :].strip() if asked else text
        if on or "://" in value:
            return None
        if asked and not value:
            value = "harbour"
        if value.lower() in built_in():
            return Address(network=self.name, kind="archive", value=value.lower())
        if not asked and not value.lower().endswith(".jsonl"):
            return None
        return Address(network=self.name, kind="archive", value=str(Path(value).expanduser().resolve()))

    def check(self, source: Address) -> None:
        """Check that the archive exists and is valid."""
        open_archive(source.value)

    async def poll(self, http: Http, source: Address, cursor: str) -> Page:
        """The acts due since the cursor. After a long stop the rehearsal goes on from its position.

        Raises NotFound for a missing archive and InvalidResponse for an invalid one.
        """
        options = Options.model_validate(source.options)
        archive = await asyncio.to_thread(open_archive, source.value)
        self._opened[archive.name] = archive.value
        now = self._clock()
        position = read_cursor(cursor, options.started_at, now)
        timeline = Timeline(
            archive.acts, rate=options.rate, speed=options.speed, loop=options.loop, pauses=position.pauses
        )
        return _page(archive, timeline, position, now)

    async def picture(self, http: Http, url: str) -> bytes:
        """The bytes of a picture that an archive names; no other file beside it is ever read."""
        name, file = picture_source(url)
        value = name if name in built_in() else self._opened.get(name)
        if value is None:
            raise Unavailable(f"Archive not open yet: “{name}” is opened at its next poll.")
        return await asyncio.to_thread(_read_picture, value, file)


def _page(archive: Archive, timeline: Timeline, position: Cursor, now: datetime) -> Page:
    elapsed = (now - position.start).total_seconds()
    first = timeline.resume(position.number, elapsed)
    end = first
    while end < first + PAGE and timeline.is_due(end, elapsed):
        end += 1
    there = position.at(end, timeline.loop_length)
    playback = Playback(archive, timeline, position.start)
    posts, gone, boosts = playback.between(first, end)
    return Page(
        posts=posts,
        gone=gone,
        boosts=boosts,
        cursor=write_cursor(there if timeline.exists(end) else there._replace(seen=None)),  # the end is not a stop
        more=timeline.is_due(end, elapsed),
        broken=archive.broken if position.number == 0 else (),
        wait=_wait(timeline, end, elapsed),
    )


def _wait(timeline: Timeline, upcoming: int, elapsed: float) -> float:
    if not timeline.exists(upcoming):
        return MAX_WAIT
    return min(max(timeline.due(upcoming) - elapsed, Rehearsal.min_interval), MAX_WAIT)


def _read_picture(value: str, file: str) -> bytes:
    archive = open_archive(value)
    if file not in archive.files:
        raise NotFound(f"Picture not found: the archive “{value}” has no “{file}”.")
    path = archive.folder / file
    if path.stat().st_size > LARGEST_PICTURE:
        raise InvalidResponse(f"Picture too large: “{file}” is larger than {LARGEST_PICTURE // 1024**2} MB.")
    return path.read_bytes()
