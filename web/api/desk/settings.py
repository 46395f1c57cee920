"""`/api/walls/{slug}`: the settings of a wall, read and changed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from aggregator.walls.tables import Mode, Wall
from aggregator.walls.walls import change_wall
from web.api.bodies import Body, fields
from web.api.desk.bodies import ByOrganisers, ByViewers
from web.auth.context import auth_of
from web.auth.signed_in import CrossSiteRefused
from web.problems import PrivateRoute, refusals

router = APIRouter(tags=["desk"], route_class=PrivateRoute, dependencies=[CrossSiteRefused])

MAX_TEXT = 200
"""Characters of a setting, so that nothing longer is parsed."""


Name = Annotated[str, Field(max_length=MAX_TEXT, description="The conference's name.", examples=["Harbour 26"])]
Hashtag = Annotated[str, Field(max_length=MAX_TEXT, description="Empty for none.", examples=["harbour26"])]
TimeZone = Annotated[str, Field(max_length=MAX_TEXT, description="An IANA name.", examples=["Europe/London"])]
Accent = Annotated[str, Field(max_length=MAX_TEXT, description="A colour; empty for none.", examples=["#1f6feb"])]
Highlight = Annotated[str, Field(max_length=MAX_TEXT, description="A colour; empty for none.", examples=["#e3b341"])]
Begins = Annotated[
    str,
    Field(
        max_length=MAX_TEXT,
        description="Keep posts said earlier off the wall: a date or a time in the wall's zone. Empty for none.",
        examples=["2026-06-09T08:30"],
    ),
]
Listed = Annotated[bool, Field(description="Whether the front page lists the wall.")]


class Changes(Body):
    """The settings to change. What is left out, or null, stays as it is."""

    name: Name | None = None
    hashtag: Hashtag | None = None
    time_zone: TimeZone | None = None
    mode: Mode | None = Field(None, description="It counts from now on: posts that are held or live stay so.")
    accent: Accent | None = None
    highlight: Highlight | None = None
    begins: Begins | None = None
    listed: Listed | None = None
    recheck_edits: bool | None = Field(
        None, description="Whether a post that was approved by hand is held again once its author edits it."
    )


class LogoPicture(BaseModel):
    """A wall's logo, at `/media/{id}/s.webp` and `l.webp`. Its size is the larger one's."""

    id: str
    color: str = Field(description="The mean of its pixels.", examples=["#1f6feb"])
    width: int = Field(examples=[960])
    height: int = Field(examples=[240])


class Settings(BaseModel):
    """The settings of a wall."""

    slug: str = Field(examples=["harbour26"])
    name: str = Field(examples=["Harbour 26"])
    hashtag: str = Field(description="Without `#`; empty if there is none.", examples=["harbour26"])
    time_zone: str = Field(examples=["Europe/London"])
    mode: Mode
    accent: str = Field(description="A colour, or empty.", examples=["#1f6feb"])
    highlight: str = Field(description="Likewise.", examples=["#e3b341"])
    logo: LogoPicture | None
    begins_at: datetime | None = Field(description="Posts said earlier are not on the wall.")
    listed: bool
    recheck_edits: bool | None = Field(description="Null is the default: true unless the mode is `open`.")
    frozen_at: datetime | None = Field(description="Since when the wall is frozen; null if it is not.")


@router.head("/api/walls/{slug}", include_in_schema=False)
@router.get("/api/walls/{slug}", summary="Show a wall's settings", responses=refusals(401, 403, 404))
async def show(access: ByViewers) -> Settings:
    return settings_of(access.wall)


@router.patch("/api/walls/{slug}", summary="Change a wall's settings", responses=refusals(401, 403, 404))
async def change(body: Changes, access: ByOrganisers, request: Request) -> Settings:
    """Change what is given; open pages show it within a moment. The slug, and so the address, stays."""
    given = body.model_dump(exclude_none=True)
    look: dict[str, str] = {name: given.pop(name) for name in ("accent", "highlight") if name in given}
    async with auth_of(request).store.write() as db:
        wall = await db.merge(access.wall, load=False)
        await change_wall(db, wall, look=look or None, by=access.principal.actor, **given)
        return settings_of(wall)


def settings_of(wall: Wall) -> Settings:
    """Return a wall's settings in their shape."""
    colours = {name: str(wall.look.get(name, "")) for name in ("accent", "highlight")}
    return Settings.model_validate(fields(wall, Settings) | colours | {"logo": wall.look.get("logo")})
