"""`/api/walls/{slug}/authors`: what an author has posted here, and decisions about everything by one author."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, HTTPException, Path, Query, Request
from pydantic import BaseModel, Field

from aggregator.channel.frames import to_record
from aggregator.moderation.author_decisions import AuthorDecision, approve_author, hide_author
from aggregator.moderation.authors import read_author
from aggregator.moderation.trust import MAX_HANDLE, distrust_author, trust_author
from aggregator.timestamps import from_wire
from web.api.desk.bodies import (
    HANDLE,
    PRINTABLE,
    Acted,
    ActedOnMany,
    ByModerators,
    ByViewers,
    Handle,
    Reason,
    acted,
    acted_on,
)
from web.api.desk.entries import Entry, entry_of
from web.api.desk.opt_outs import OptOutHere, opt_out_of
from web.api.shapes import Record
from web.auth.context import auth_of
from web.auth.signed_in import CrossSiteRefused
from web.problems import PrivateRoute, Refusal, refusals

router = APIRouter(tags=["moderation"], route_class=PrivateRoute, dependencies=[CrossSiteRefused])

MAX_POSTS: Final = 100


class AuthorDecisionBody(Reason):
    """An author, and why."""

    handle: Handle


class AuthorHere(BaseModel):
    """What is known of an author on a wall."""

    handle: str = Field(examples=[HANDLE])
    hidden: bool = Field(description="Whether a rule hides all that the author posts.")
    hidden_why: str = Field(description="The reason of that rule.")
    trusted: bool
    opt_outs: list[OptOutHere] = Field(description="By which the author is left out on this wall.")
    posts: list[Record] = Field(description="The desk's records of the author's posts, the newest first.")
    more: bool = Field(description="Whether there are more: ask with the last one's `at` and `key`.")
    history: list[Entry] = Field(description="The newest decisions about the author, the newest first.")


@router.post("/api/walls/{slug}/authors/hide", summary="Hide an author", responses=refusals(401, 403, 404))
async def hide(body: AuthorDecisionBody, access: ByModerators, request: Request) -> ActedOnMany:
    """Hide all posts of an author, those to come included, and the name beside posts that the author has boosted."""
    store, by = auth_of(request).store, access.principal.actor
    return _here(await hide_author(store, body.handle, access.wall.slug, by, body.why))


@router.post("/api/walls/{slug}/authors/approve", summary="Show an author again", responses=refusals(401, 403, 404))
async def approve(body: AuthorDecisionBody, access: ByModerators, request: Request) -> ActedOnMany:
    """End that: what it has hidden is back where it was. What was hidden by hand stays hidden."""
    store, by = auth_of(request).store, access.principal.actor
    return _here(await approve_author(store, body.handle, access.wall.slug, by, body.why))


@router.post("/api/walls/{slug}/authors/trust", summary="Trust an author", responses=refusals(401, 403, 404))
async def trust(body: AuthorDecisionBody, access: ByModerators, request: Request) -> Acted:
    """In the mode `trusted` the author's posts are live at once. What is held already stays held."""
    async with auth_of(request).store.write() as db:
        return acted(await trust_author(db, access.wall, body.handle, access.principal.actor, body.why))


@router.post(
    "/api/walls/{slug}/authors/distrust", summary="End the trust in an author", responses=refusals(401, 403, 404)
)
async def distrust(body: AuthorDecisionBody, access: ByModerators, request: Request) -> Acted:
    """What is live already stays live."""
    async with auth_of(request).store.write() as db:
        return acted(await distrust_author(db, access.wall, body.handle, access.principal.actor, body.why))


@router.head("/api/walls/{slug}/authors/{handle:path}", include_in_schema=False)
@router.get("/api/walls/{slug}/authors/{handle:path}", summary="Show an author", responses=refusals(401, 403, 404))
async def show(
    handle: Annotated[str, Path(max_length=MAX_HANDLE, pattern=PRINTABLE, examples=[HANDLE])],
    access: ByViewers,
    request: Request,
    *,
    before: Annotated[str | None, Query(description="The `at` of the last post of the page before.")] = None,
    key: Annotated[str, Query(max_length=100, pattern=PRINTABLE, description="Its `key`.")] = "",
    limit: Annotated[int, Query(ge=1, le=MAX_POSTS, description="Maximum number of posts.")] = 20,
) -> AuthorHere:
    """What the author has posted on this wall, what was decided about the author, and whether hidden or trusted."""
    after = None if before is None else (_moment(before), key)
    async with auth_of(request).store.read() as db:
        found = await read_author(db, access.wall, handle, after=after, limit=limit + 1)
    if after is None and not found.is_known:
        raise Refusal(404, "not_found", f"No post on “{access.wall.slug}” is by “{handle}”.")
    return AuthorHere(
        handle=handle,
        hidden=found.hidden is not None,
        hidden_why=found.hidden or "",
        trusted=found.is_trusted,
        opt_outs=[opt_out_of(each) for each in found.opt_outs],
        posts=[Record.model_validate_json(msgspec.json.encode(to_record(each))) for each in found.records[:limit]],
        more=len(found.records) > limit,
        history=[entry_of(each) for each in found.history],
    )


def _here(decided: list[AuthorDecision]) -> ActedOnMany:
    [here] = decided
    return acted_on(here.entry_id, here.posts)


def _moment(before: str) -> int:
    try:
        return from_wire(before)
    except ValueError:
        raise HTTPException(422, "`before` must be a timestamp such as 2009-10-12T09:30:00Z.") from None
