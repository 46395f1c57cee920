"""`/api/walls/{slug}/opt-outs`: authors who have asked to be left out, on this wall or on all."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field

from aggregator.moderation.opt_outs import find_opt_out, list_opt_outs
from aggregator.moderation.opting_out import end_opt_out, opt_out
from aggregator.moderation.tables import OptOut
from web.api.bodies import Body
from web.api.desk.bodies import HANDLE, Acted, ByModerators, Handle, acted
from web.auth.context import auth_of
from web.auth.signed_in import Access, Confirmed, CrossSiteRefused
from web.problems import PrivateRoute, Refusal, refusals

router = APIRouter(tags=["moderation"], route_class=PrivateRoute, dependencies=[CrossSiteRefused])

OptOutId = Annotated[str, Path(pattern="^[0-9a-f]{16}$", description="Its id.", examples=["4be1c7d09a35f268"])]
NOT_ADMIN = "Permission denied: only administrators decide for all walls. Leave the author out on this wall instead."


class NewOptOut(Body):
    """An author who asks to be left out."""

    handle: Handle
    where: Literal["wall", "everywhere"] = Field("wall", description="`everywhere` is for administrators.")


class OptOutHere(BaseModel):
    """An author who is left out: the handle, and nothing else that is known of the author."""

    id: str
    handle: str = Field(description="In lower case, without the leading `@`.", examples=[HANDLE[1:]])
    where: Literal["wall", "everywhere"]
    at: datetime


class OptOuts(BaseModel):
    """Who is left out on a wall, by handle."""

    opt_outs: list[OptOutHere]


class OptedOut(Acted):
    """What an opt-out has come to. It cannot be undone; ending it lets in what is posted from then on."""

    erased: int = Field(description="Posts whose words were erased.")
    hidden: int = Field(description="Posts that other walls show as well, hidden on this one.")


def opt_out_of(found: OptOut) -> OptOutHere:
    """Return an opt-out in its shape."""
    where: Literal["wall", "everywhere"] = "everywhere" if found.wall_id is None else "wall"
    return OptOutHere(id=found.id, handle=found.handle, where=where, at=found.at)


@router.head("/api/walls/{slug}/opt-outs", include_in_schema=False)
@router.get("/api/walls/{slug}/opt-outs", summary="List who is left out", responses=refusals(401, 403, 404))
async def list_all(access: ByModerators, request: Request) -> OptOuts:
    """Those of this wall and those of all walls."""
    async with auth_of(request).store.read() as db:
        return OptOuts(opt_outs=[opt_out_of(each) for each in await list_opt_outs(db, access.wall)])


@router.post("/api/walls/{slug}/opt-outs", summary="Leave an author out", responses=refusals(401, 403, 404))
async def leave_out(body: NewOptOut, access: ByModerators, _confirmed: Confirmed, request: Request) -> OptedOut:
    """Erase what an author has posted, and store nothing more of it. This cannot be undone.

    It needs a password that was typed lately (`confirm_password`). Posts that other walls show as well are hidden here.
    """
    is_everywhere = body.where == "everywhere"
    _decides_for(access, is_everywhere=is_everywhere)
    wall = None if is_everywhere else access.wall
    done = await opt_out(auth_of(request).store, body.handle, wall, access.principal.actor)
    return OptedOut(**acted(done.entry_id).model_dump(), erased=done.erased, hidden=done.hidden)


@router.delete("/api/walls/{slug}/opt-outs/{opt_out}", summary="End an opt-out", responses=refusals(401, 403, 404))
async def end(
    opt_out: OptOutId,  # noqa: A002, RUF100  # the name in the path
    access: ByModerators,
    request: Request,
) -> Acted:
    """Let in what the author posts from now on. What was erased does not come back; what was hidden does."""
    store = auth_of(request).store
    async with store.read() as db:
        found = await find_opt_out(db, opt_out, access.wall)
    _decides_for(access, is_everywhere=found.wall_id is None)
    return acted(await end_opt_out(store, opt_out, access.wall, access.principal.actor))


def _decides_for(access: Access, *, is_everywhere: bool) -> None:
    if is_everywhere and not access.principal.account.is_admin:
        raise Refusal(403, "permission_denied", NOT_ADMIN)
