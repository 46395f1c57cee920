"""`PUT /api/walls/{slug}/desk/attention`: tell colleagues which post one looks at."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import Field

from aggregator.items.ids import LENGTH
from aggregator.moderation.attention import Looker, look_at
from aggregator.store.sql import stored_id
from web.api.bodies import Body
from web.api.desk.bodies import POST, ByModerators
from web.auth.context import auth_of
from web.auth.signed_in import CrossSiteRefused
from web.problems import PrivateRoute, refusals

router = APIRouter(tags=["desk"], route_class=PrivateRoute, dependencies=[CrossSiteRefused])


class LookedAt(Body):
    """The post that one looks at."""

    post: str | None = Field(None, pattern=f"^[a-z2-7]{{{LENGTH}}}$", examples=[POST], description="Null: none.")


@router.put(
    "/api/walls/{slug}/desk/attention",
    summary="Tell what you look at",
    status_code=204,
    responses=refusals(401, 403, 404),
)
async def look(body: LookedAt, access: ByModerators, request: Request) -> None:
    """Mark a post for a minute as the one that you look at; the mark replaces your last one, and locks nothing.

    Everybody at the desk gets it as a record of the kind `attention`. It is not an act: the history has none of it.
    """
    auth, account = auth_of(request), access.principal.account
    who = Looker(stored_id(account), account.login, account.name)
    async with auth.store.write() as db:
        await look_at(db, access.wall, who, body.post or "", auth.clock())
