"""What can be done with walls: verbs inside the caller's transaction, with their entries in the audit trail."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.audit.actor import Actor
from aggregator.audit.tables import Action, SubjectKind
from aggregator.audit.trail import Change, record
from aggregator.channel.ids import WALL
from aggregator.channel.publish import open_channel
from aggregator.channel.read import POST
from aggregator.channel.tables import Channel, Record
from aggregator.walls.announcing import WALL_RECORD, announce, lock_and_refresh
from aggregator.walls.errors import InvalidSetting, SlugTaken, WallError
from aggregator.walls.lock import lock_wall
from aggregator.walls.tables import Mode, Wall
from connectors.text.characters import is_control

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
COLOUR = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)
LONGEST_NAME = 120
COLOURS = ("accent", "highlight")
UNSET = frozenset({"id", "slug", "created_at", "frozen_at"})
"""Fields of a wall that no organiser sets with its settings."""
"""What Unicode calls controls, which steer terminals, and halves of characters, which no text can carry."""


async def create_wall(
    db: AsyncSession,
    slug: str,
    name: str,
    *,
    hashtag: str = "",
    time_zone: str = "UTC",
    mode: Mode = Mode.OPEN,
    look: Mapping[str, Any] | None = None,
    begins: str = "",
    listed: bool = True,
    recheck_edits: bool | None = None,
    by: Actor,
) -> Wall:
    """A new wall with both its channels open and its record on them. Raises WallError."""
    wall = Wall(
        slug=_checked_slug(slug),
        name=_checked_name(name),
        hashtag=_checked_hashtag(hashtag),
        time_zone=_checked_zone(time_zone),
        mode=mode,
        look=_checked_look(look or {}),
        begins_at=_checked_beginning(begins, time_zone),
        listed=listed,
        recheck_edits=recheck_edits,
    )
    db.add(wall)
    try:
        await db.flush()
    except IntegrityError:
        raise SlugTaken(f"There is a wall “{slug}” already: choose another short name.") from None
    for channel_id in (wall.channel, wall.desk):
        await open_channel(db, channel_id)
    await announce(db, wall)
    await record(db, by, Action.CREATE, [_change(wall, {}, _settings(wall))])
    return wall


async def find_wall(db: AsyncSession, slug: str) -> Wall:
    """Raises WallError if there is none."""
    wall = (await db.exec(select(Wall).where(Wall.slug == slug))).first()
    if wall is None:
        known = [wall.slug for wall in await list_walls(db)]
        hint = f" (known: {', '.join(known)})" if known else ": make it with `backchannel wall create`"
        raise WallError(f"There is no wall “{slug}”{hint}.")
    return wall


async def list_walls(db: AsyncSession) -> Sequence[Wall]:
    return (await db.exec(select(Wall).order_by(col(Wall.created_at), col(Wall.id)))).all()


class Listed(NamedTuple):
    """A listed wall, with the time of its newest post in µs, and the body of its own record as JSON."""

    wall: Wall
    newest_at: int | None
    body: bytes | None


async def list_listed(db: AsyncSession) -> list[Listed]:
    """The walls that are listed, the wall with the newest post of all first."""
    newest = (  # one step into an index
        select(func.max(Record.at))
        .where(Record.channel_id == col(Wall.slug) + WALL, Record.kind == POST, col(Record.body).is_not(None))
        .correlate(Wall)
        .scalar_subquery()
    )
    body = (
        select(Record.body)
        .where(Record.channel_id == col(Wall.slug) + WALL, Record.kind == WALL_RECORD, Record.key == WALL_RECORD)
        .correlate(Wall)
        .scalar_subquery()
    )
    listed = select(Wall, newest, body).where(col(Wall.listed))
    rows = await db.exec(listed.order_by(newest.desc().nulls_last(), col(Wall.name)))
    return [Listed(*row) for row in rows]


async def first_epochs(db: AsyncSession) -> Mapping[str, str]:
    """The epochs of the first few walls, by their short names."""
    walls = (await db.exec(select(Wall).order_by(col(Wall.id)).limit(3))).all()
    channels = {wall.slug: await db.get(Channel, wall.channel) for wall in walls}
    return {slug: channel.epoch for slug, channel in channels.items() if channel is not None}


async def change_wall(
    db: AsyncSession,
    wall: Wall,
    *,
    name: str | None = None,
    hashtag: str | None = None,
    time_zone: str | None = None,
    mode: Mode | None = None,
    look: Mapping[str, Any] | None = None,
    begins: str | None = None,
    listed: bool | None = None,
    recheck_edits: bool | None = None,
    by: Actor,
) -> None:
    """Change what is given; open pages show it within a moment. Raises WallError, and then nothing has changed.

    The slug, and so the address, stays. Of the look, what is given is changed, and removed where it is empty. Another
    mode counts from now on: what is held or live already stays as it is. What the wall follows is another matter.
    """
    await lock_wall(db, wall)
    await lock_and_refresh(db, wall)
    before = _settings(wall)
    merged = {key: value for key, value in ({**wall.look} | dict(look or {})).items() if value != ""}
    changed: dict[str, Any] = {
        "name": None if name is None else _checked_name(name),
        "hashtag": None if hashtag is None else _checked_hashtag(hashtag),
        "time_zone": None if time_zone is None else _checked_zone(time_zone),
        "mode": mode,
        "look": None if look is None else _checked_look(merged),
        "listed": listed,
        "recheck_edits": recheck_edits,
    }
    begins_at = wall.begins_at if begins is None else _checked_beginning(begins, time_zone or wall.time_zone)
    for field, value in changed.items():
        if value is not None:
            setattr(wall, field, value)
    wall.begins_at = begins_at
    await announce(db, wall)
    after = _settings(wall)
    changes = [name for name in after if after[name] != before[name]]
    if changes:
        old, new = ({name: settings[name] for name in changes} for settings in (before, after))
        await record(db, by, Action.CHANGE, [_change(wall, old, new)])


def _settings(wall: Wall) -> dict[str, Any]:
    """What an organiser sets, as the audit trail has it."""
    return {name: getattr(wall, name) for name in Wall.model_fields if name not in UNSET}


def _change(wall: Wall, before: dict[str, Any], after: dict[str, Any]) -> Change:
    old, new = (msgspec.json.encode(settings).decode() if settings else "" for settings in (before, after))
    return Change(wall.id, SubjectKind.WALL, wall.slug, old, new)


def _checked_slug(slug: str) -> str:
    if not SLUG.fullmatch(slug):
        raise InvalidSetting(
            "slug",
            f"“{slug}” cannot be a wall's short name: use up to 40 of a to z, 0 to 9 and, between them, hyphens.",
        )
    return slug


def _checked_name(name: str) -> str:
    shown = " ".join(name.split())
    if not shown or len(shown) > LONGEST_NAME:
        raise InvalidSetting(
            "name", f"A wall's name has between 1 and {LONGEST_NAME} characters; this one has {len(shown)}."
        )
    if any(map(is_control, shown)):
        raise InvalidSetting(
            "name", "A wall's name cannot have control characters, such as Escape: type it anew, without them."
        )
    return shown


def _checked_hashtag(hashtag: str) -> str:
    """Without its `#`: letters, digits and underscores of any script, and not digits alone, as networks have it."""
    tag = unicodedata.normalize("NFC", hashtag.strip().removeprefix("#"))
    marks = all(c == "_" or unicodedata.category(c)[0] in "LNM" for c in tag)
    if tag and (not marks or tag.isdigit()):
        raise InvalidSetting(
            "hashtag", f"“{hashtag}” is not a hashtag: use letters, digits and underscores, such as #socitm09."
        )
    return tag


def _checked_zone(time_zone: str) -> str:
    try:
        ZoneInfo(time_zone)
    except (KeyError, ValueError, OSError):
        raise InvalidSetting(
            "time_zone", f"“{time_zone}” is not a time zone: use a name such as Europe/London."
        ) from None
    return time_zone


def _checked_beginning(begins: str, time_zone: str) -> datetime | None:
    """A day begins at midnight in the wall's zone."""
    if not begins.strip():
        return None
    try:
        moment = datetime.fromisoformat(begins.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(time_zone))).astimezone(UTC)
    except (ValueError, OverflowError):  # the latter for the first and the last day of all
        raise InvalidSetting(
            "begins", f"“{begins}” isn't a date: write it as 2026-06-09, or 2026-06-09T08:30."
        ) from None


def _checked_look(look: Mapping[str, Any]) -> dict[str, Any]:
    for name in COLOURS:
        colour = look.get(name)
        if colour is not None and not (isinstance(colour, str) and COLOUR.fullmatch(colour)):
            raise InvalidSetting(
                name, f"“{colour}” is not a colour for {name}: use six hexadecimal digits, such as #1f6feb."
            )
    return dict(look)
