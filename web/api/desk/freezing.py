"""`/api/walls/{slug}/freeze`, `release` and `clear`: acts about all posts of a wall."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, BaseModel, Field

from aggregator.moderation.clear import clear, count_clear
from aggregator.moderation.freeze import freeze, release
from web.api.desk.bodies import Acted, ActedOnMany, ByModerators, Reason, acted, acted_on
from web.auth.context import auth_of
from web.auth.signed_in import CrossSiteRefused
from web.problems import PrivateRoute, refusals

router = APIRouter(tags=["moderation"], route_class=PrivateRoute, dependencies=[CrossSiteRefused])

NO_REASON = Reason()
SINCE = "Posts that were first seen at this moment or later: a timestamp with its offset."
EXAMPLE = "2026-06-09T09:30:00Z"


class Clear(Reason):
    """Since when a wall is cleared."""

    since: AwareDatetime = Field(description=SINCE, examples=[EXAMPLE])


class ToClear(BaseModel):
    """How many posts clearing would hide."""

    since: datetime
    posts: int = Field(examples=[12])


@router.post("/api/walls/{slug}/freeze", summary="Freeze a wall", responses=refusals(401, 403, 404))
async def freeze_wall(access: ByModerators, request: Request, body: Reason = NO_REASON) -> Acted:
    """From now on nothing new goes live, until the wall is released. Edits of live posts and deletions go through."""
    done = await freeze(auth_of(request).store, access.wall.slug, access.principal.actor, body.why)
    return acted(done.entry_id)


@router.post("/api/walls/{slug}/release", summary="Release a frozen wall", responses=refusals(401, 403, 404))
async def release_wall(access: ByModerators, request: Request) -> ActedOnMany:
    """Release a wall, and bring the posts that waited to it."""
    done = await release(auth_of(request).store, access.wall.slug, access.principal.actor)
    return acted_on(done.entry_id, done.posts)


@router.head("/api/walls/{slug}/clear", include_in_schema=False)
@router.get("/api/walls/{slug}/clear", summary="Count what clearing would hide", responses=refusals(401, 403, 404))
async def count(
    access: ByModerators,
    request: Request,
    since: Annotated[AwareDatetime, Query(description=SINCE, examples=[EXAMPLE])],
) -> ToClear:
    posts = await count_clear(auth_of(request).store, access.wall.slug, since)
    return ToClear(since=since, posts=posts)


@router.post("/api/walls/{slug}/clear", summary="Clear a wall", responses=refusals(401, 403, 404))
async def clear_wall(body: Clear, access: ByModerators, request: Request) -> ActedOnMany:
    """Hide all live posts that were first seen since a moment, as one act, which can be undone.

    What arrives meanwhile stays: freeze the wall first.
    """
    done = await clear(auth_of(request).store, access.wall.slug, body.since, access.principal.actor, body.why)
    return acted_on(done.entry_id, done.posts)
