"""`/api/walls/{slug}/posts/{post}/…`: decisions about one post, and about several."""

from __future__ import annotations

from typing import Final, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from aggregator.items.ids import LENGTH
from aggregator.items.lookup import DecisionError
from aggregator.moderation.decisions import Decide, approve, hide, withdraw
from aggregator.store.store import Store
from web.api.bodies import Body
from web.api.desk.bodies import POST, Acted, ByModerators, PostId, Reason, Version, Why, acted
from web.auth.context import auth_of
from web.auth.signed_in import Access, Confirmed, CrossSiteRefused
from web.problems import DecidedMeanwhileDetails, PrivateRoute, ProblemDetails, conflicts, refusal_for, refusals

router = APIRouter(tags=["moderation"], route_class=PrivateRoute, dependencies=[CrossSiteRefused])

MAX_AT_ONCE: Final = 100
VERBS: Final[dict[str, Decide]] = {"approve": approve, "hide": hide}


class Decision(Reason):
    """A decision about a post as you saw it."""

    version: Version = None


ANY: Final = Decision()


class Seen(Body):
    """A post as you saw it."""

    id: str = Field(pattern=f"^[a-z2-7]{{{LENGTH}}}$", examples=[POST])
    version: Version = None


class Decisions(Body):
    """One decision about several posts."""

    decision: Literal["approve", "hide"]
    posts: list[Seen] = Field(min_length=1, max_length=MAX_AT_ONCE)
    why: Why = ""


class Decided(Acted):
    """What a decision has come to for one of the posts."""

    id: str = Field(examples=[POST])
    problem: DecidedMeanwhileDetails | ProblemDetails | None = Field(description="Why it was not decided, if so.")


class AllDecided(BaseModel):
    """What a decision has come to for each of the posts, in their order."""

    results: list[Decided]


@router.post("/api/walls/{slug}/posts/decide", summary="Decide about several posts", responses=refusals(401, 403, 404))
async def decide_many(body: Decisions, access: ByModerators, request: Request) -> AllDecided:
    """Approve or hide up to 100 posts. Each is a decision with an entry of its own: one that fails stops no other."""
    store, verb = auth_of(request).store, VERBS[body.decision]
    return AllDecided(results=[await _decide_one(store, verb, access, each, body.why) for each in body.posts])


@router.post("/api/walls/{slug}/posts/{post}/approve", summary="Approve a post", responses=conflicts(401, 403, 404))
async def approve_post(post: PostId, access: ByModerators, request: Request, body: Decision = ANY) -> Acted:
    """Put a held or hidden post on the wall; on a frozen wall it waits for the release."""
    return await _decide(auth_of(request).store, approve, access, Seen(id=post, version=body.version), body.why)


@router.post("/api/walls/{slug}/posts/{post}/hide", summary="Hide a post", responses=conflicts(401, 403, 404))
async def hide_post(post: PostId, access: ByModerators, request: Request, body: Decision = ANY) -> Acted:
    """Take a post off the wall. It stays at the desk."""
    return await _decide(auth_of(request).store, hide, access, Seen(id=post, version=body.version), body.why)


@router.post("/api/walls/{slug}/posts/{post}/withdraw", summary="Withdraw a post", responses=conflicts(401, 403, 404))
async def withdraw_post(
    post: PostId, access: ByModerators, _confirmed: Confirmed, request: Request, body: Decision = ANY
) -> Acted:
    """Erase a post and take it off every wall of this server permanently. This cannot be undone.

    It needs a password that was typed lately (`confirm_password`).
    """
    return await _decide(auth_of(request).store, withdraw, access, Seen(id=post, version=body.version), body.why)


async def _decide(store: Store, verb: Decide, access: Access, seen: Seen, why: str) -> Acted:
    async with store.write() as db:
        entry = await verb(db, access.wall, seen.id, access.principal.actor, why, expected=seen.version)
    return acted(entry)


async def _decide_one(store: Store, verb: Decide, access: Access, seen: Seen, why: str) -> Decided:
    try:
        done = await _decide(store, verb, access, seen, why)
    except DecisionError as error:
        return Decided.model_validate(
            {"id": seen.id, "entry": None, "changed": False, "problem": refusal_for(error).problem}
        )
    return Decided(id=seen.id, problem=None, **done.model_dump())
