"""`/api/walls/{slug}/posts/{post}/…`: organisers' marks on a post, which change no state."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Final

from fastapi import APIRouter, Request
from pydantic import AwareDatetime, Field

from aggregator.items.bounds import MAX_NOTE
from aggregator.moderation.marks import (
    cover_media,
    mark_nugget,
    pin,
    uncover_media,
    unmark_nugget,
    unpin,
    write_note,
)
from web.api.bodies import Body
from web.api.desk.bodies import Acted, ByModerators, PostId, Reason, acted
from web.auth.context import auth_of
from web.auth.signed_in import Access, CrossSiteRefused
from web.problems import PrivateRoute, refusals

router = APIRouter(tags=["moderation"], route_class=PrivateRoute, dependencies=[CrossSiteRefused])

NO_REASON: Final = Reason()
AT: Final = "/api/walls/{slug}/posts/{post}"
RESPONSES: Final = refusals(401, 403, 404, 409)
Mark = Callable[..., Awaitable[int | None]]


class Pin(Reason):
    """Until when a post is pinned."""

    until: AwareDatetime = Field(
        description="A timestamp with its offset, still to come.", examples=["2026-06-09T11:30:00Z"]
    )


class Note(Body):
    """A note about a post."""

    text: Annotated[
        str, Field(max_length=MAX_NOTE, description="Empty takes the note away.", examples=["asked the author"])
    ]


@router.post(f"{AT}/pin", summary="Pin a post", responses=RESPONSES)
async def pin_post(post: PostId, body: Pin, access: ByModerators, request: Request) -> Acted:
    """Keep a post first on its wall until a moment to come. More pins than a wall can have are refused."""
    async with auth_of(request).store.write() as db:
        return acted(await pin(db, access.wall, post, body.until, access.principal.actor, why=body.why))


@router.post(f"{AT}/unpin", summary="Unpin a post", responses=RESPONSES)
async def unpin_post(post: PostId, access: ByModerators, request: Request, body: Reason = NO_REASON) -> Acted:
    """Let a post be where it belongs."""
    return await _mark(unpin, post, access, request, body)


@router.post(f"{AT}/nugget", summary="Mark a nugget", responses=RESPONSES)
async def nugget_post(post: PostId, access: ByModerators, request: Request, body: Reason = NO_REASON) -> Acted:
    """Mark a post as worth keeping."""
    return await _mark(mark_nugget, post, access, request, body)


@router.post(f"{AT}/unmark", summary="Unmark a nugget", responses=RESPONSES)
async def unmark_post(post: PostId, access: ByModerators, request: Request, body: Reason = NO_REASON) -> Acted:
    """Take that mark away."""
    return await _mark(unmark_nugget, post, access, request, body)


@router.post(f"{AT}/cover", summary="Cover the pictures of a post", responses=RESPONSES)
async def cover_post(post: PostId, access: ByModerators, request: Request, body: Reason = NO_REASON) -> Acted:
    """Cover the pictures until a reader asks for them, as if the author had marked them as sensitive."""
    return await _mark(cover_media, post, access, request, body)


@router.post(f"{AT}/uncover", summary="Uncover the pictures of a post", responses=RESPONSES)
async def uncover_post(post: PostId, access: ByModerators, request: Request, body: Reason = NO_REASON) -> Acted:
    """Take the cover away. What the author has marked as sensitive stays covered."""
    return await _mark(uncover_media, post, access, request, body)


@router.put(f"{AT}/note", summary="Leave a note about a post", responses=RESPONSES)
async def note_post(post: PostId, body: Note, access: ByModerators, request: Request) -> Acted:
    """Leave a note for colleagues at the desk, in place of an earlier one. Visitors never see it."""
    async with auth_of(request).store.write() as db:
        return acted(await write_note(db, access.wall, post, body.text, access.principal.actor))


async def _mark(verb: Mark, post: str, access: Access, request: Request, body: Reason) -> Acted:
    async with auth_of(request).store.write() as db:
        return acted(await verb(db, access.wall, post, access.principal.actor, body.why))
