"""`GET /api/walls/{slug}/desk/records`: the records of the desk's channel."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from fastapi import APIRouter, Response

from aggregator.channel.ids import desk_channel
from aggregator.channel.queries import RecordQueries
from web.api.desk.bodies import ByViewers
from web.api.records import JSON, AskedRecords
from web.api.shapes import Records, Reset
from web.auth.signed_in import CrossSiteRefused
from web.problems import PrivateRoute, Refusal, refusals
from web.throttle import Throttle, Throttled


def router(answers: RecordQueries, throttle: Throttle) -> APIRouter:
    routes = APIRouter(tags=["desk"], route_class=PrivateRoute, dependencies=[CrossSiteRefused])

    @routes.head("/api/walls/{slug}/desk/records", include_in_schema=False)
    @routes.get(
        "/api/walls/{slug}/desk/records",
        summary="List the desk's records",
        response_model=Records | Reset,
        responses=refusals(401, 403, 404, 429),
    )
    async def records(access: ByViewers, asked: AskedRecords) -> Response:
        """The queries and replies of `GET /api/walls/{slug}/records`, with every post in any state."""
        question = replace(asked, channel=desk_channel(access.wall.slug))
        try:
            reply = await answers.answer(question, partial(throttle.take, f"account {access.principal.account.id}"))
        except Throttled as throttled:
            raise Refusal(429, "throttled", str(throttled), {"Retry-After": str(throttled.wait)}) from None
        return Response(reply.json, media_type=JSON)

    return routes
