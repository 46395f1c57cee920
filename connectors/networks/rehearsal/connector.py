"""Rehearsal: plays a conference archive as if it were a network, through the very same road as every other.

It refuses to know real networks and keeps nothing: a page follows from the archive, the cursor and the clock alone.
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
from connectors.networks.rehearsal.archive import Archive, built_in, open_archive
from connectors.networks.rehearsal.cursor import Cursor, read_cursor, write_cursor
from connectors.networks.rehearsal.posts import SCHEME, Playback, picture_source
from connectors.networks.rehearsal.timeline import Timeline

if TYPE_CHECKING:
    from connectors.http.client import Http

PAGE = 500  # acts on one page
LONGEST_WAIT = 10.0
LARGEST_PICTURE = 12 * 1024 * 1024


class Options(BaseModel):
    """How an archive is played."""

    model_config = ConfigDict(extra="forbid")

    rate: float | None = Field(
        None,
        gt=0,
        le=10_000,
        allow_inf_nan=False,
        title="Posts a second",
        description="Instead of the archive's own times, for load tests.",
    )
    speed: float = Field(1, gt=0, le=1000, allow_inf_nan=False, title="Times faster", description="1 is real time.")
    loop: bool = Field(default=False, title="Again and again", description="At the end it starts over, with new posts.")
    started_at: AwareDatetime | None = Field(None, title="The opening", description="Empty: when it is first polled.")


def _now() -> datetime:
    return datetime.now(UTC)


class Rehearsal(Connector):
    """`clock` tells the time, so that a test can."""

    name = "rehearsal"
    label = "Rehearsal"
    kinds = (Kind(name="archive", label="Conference archive", example="rehearsal:harbour"),)
    options = Options
    min_interval = 0.25
    quiet_after = 3600.0

    def __init__(self, clock: Callable[[], datetime] = _now) -> None:
        self._clock = clock
        self._opened: dict[str, str] = {}  # where an archive lies, by the name that pictures' URLs carry

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
        """There must be an archive that can be played."""
        open_archive(source.value)

    async def poll(self, http: Http, source: Address, cursor: str) -> Page:
        """Everything due since the cursor. After a long stop nothing is due at once: it goes on from where it was.

        Raises NotFound and InvalidResponse for an archive that is not there or is none.
        """
        options = Options.model_validate(source.options)
        archive = await asyncio.to_thread(open_archive, source.value)
        self._opened[archive.name] = archive.value
        now = self._clock()
        place = read_cursor(cursor, options.started_at, now)
        timeline = Timeline(
            archive.acts, rate=options.rate, speed=options.speed, loop=options.loop, pauses=place.pauses
        )
        return _page(archive, timeline, place, now)

    async def picture(self, http: Http, url: str) -> bytes:
        """The bytes of a picture that an archive names; nothing else beside an archive is ever read."""
        name, file = picture_source(url)
        value = name if name in built_in() else self._opened.get(name)
        if value is None:
            raise Unavailable(f"The archive “{name}” has not been opened yet.")
        return await asyncio.to_thread(_read_picture, value, file)


def _page(archive: Archive, timeline: Timeline, place: Cursor, now: datetime) -> Page:
    elapsed = (now - place.start).total_seconds()
    first = timeline.resume(place.number, elapsed)
    end = first
    while end < first + PAGE and timeline.is_due(end, elapsed):
        end += 1
    there = place.at(end, timeline.lap_length)
    telling = Playback(archive, timeline, place.start)
    posts, gone, boosts = telling.between(first, end)
    return Page(
        posts=posts,
        gone=gone,
        boosts=boosts,
        cursor=write_cursor(there if timeline.exists(end) else there._replace(seen=None)),  # the end is no stop
        more=timeline.is_due(end, elapsed),
        broken=archive.broken if place.number == 0 else (),
        wait=_wait(timeline, end, elapsed),
    )


def _wait(timeline: Timeline, upcoming: int, elapsed: float) -> float:
    if not timeline.exists(upcoming):
        return LONGEST_WAIT
    return min(max(timeline.due(upcoming) - elapsed, Rehearsal.min_interval), LONGEST_WAIT)


def _read_picture(value: str, file: str) -> bytes:
    archive = open_archive(value)
    if file not in archive.files:
        raise NotFound(f"The archive “{value}” has no picture “{file}”.")
    path = archive.folder / file
    if path.stat().st_size > LARGEST_PICTURE:
        raise InvalidResponse(f"The picture “{file}” is larger than {LARGEST_PICTURE // 1024**2} MB.")
    return path.read_bytes()
