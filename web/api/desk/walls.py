"""`POST /api/walls` and `DELETE /api/walls/{slug}`: walls made and removed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends, Query, Request
from pydantic import Field

from aggregator.accounts.new_walls import make_wall
from aggregator.accounts.roles import Permission
from aggregator.media.blob_store import BlobStore
from aggregator.media.cleanup import delete_unused
from aggregator.retention.walls import remove_wall
from aggregator.walls.tables import Mode
from web.api.bodies import Body
from web.api.desk.settings import Accent, Begins, Hashtag, Highlight, Listed, Name, Settings, TimeZone, settings_of
from web.auth.context import auth_of
from web.auth.signed_in import Access, Confirmed, CrossSiteRefused, SignedIn, require
from web.problems import PrivateRoute, Refusal, refusals

ByOwners = Annotated[Access, Depends(require(Permission.OWNERS))]


class NewWall(Body):
    """The settings of a new wall. All but slug and name can be left for later."""

    slug: str = Field(max_length=40, description="The part of its address after `/w/`.", examples=["harbour26"])
    name: Name
    hashtag: Hashtag = ""
    time_zone: TimeZone = "UTC"
    mode: Mode = Mode.OPEN
    accent: Accent = ""
    highlight: Highlight = ""
    begins: Begins = ""
    listed: Listed = True


def router(blobs: BlobStore) -> APIRouter:
    """Return the routes; `blobs` has the pictures that a removed wall leaves."""
    routes = APIRouter(tags=["desk"], route_class=PrivateRoute, dependencies=[CrossSiteRefused])

    @routes.post("/api/walls", summary="Make a wall", status_code=201, responses=refusals(401, 403, 409))
    async def make(body: NewWall, principal: SignedIn, request: Request) -> Settings:
        """Only administrators make walls. Whoever makes one is its owner."""
        auth, given = auth_of(request), body.model_dump()
        look = {name: colour for name in ("accent", "highlight") if (colour := given.pop(name))}
        async with auth.store.write() as db:
            return settings_of(await make_wall(db, look=look, by=principal, at=auth.clock(), **given))

    @routes.delete(
        "/api/walls/{slug}", summary="Remove a wall", status_code=204, responses=refusals(401, 403, 404, 409)
    )
    async def remove(
        access: ByOwners,
        _confirmed: Confirmed,
        request: Request,
        background: BackgroundTasks,
        name: Annotated[
            str, Query(max_length=200, description="The wall's name, to be sure.", examples=["Harbour 26"])
        ],
    ) -> None:
        """Remove a wall permanently, with its sources and posts. Posts that are also on another wall stay there."""
        if " ".join(name.split()) != access.wall.name:
            raise Refusal(409, "other_name", "This is not the wall's name: nothing was removed.")
        store = auth_of(request).store
        async with store.write() as db:
            await remove_wall(db, await db.merge(access.wall, load=False), access.principal.actor)
        background.add_task(delete_unused, store, blobs)

    return routes
