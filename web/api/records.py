"""`GET /api/walls/{slug}/records`: the snapshot, the records after a number, or a page of older posts."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response

from aggregator.channel.ids import wall_channel
from aggregator.channel.queries import SNAPSHOT, Question, RecordQueries
from aggregator.channel.read import MAX_RECORDS
from aggregator.timestamps import from_wire
from web.api.shapes import Records, Reset, replies
from web.conditional import respond
from web.connections import group
from web.throttle import Throttle, Throttled

CACHED = "public, max-age=1"
JSON = "application/json"


def asked_records(
    *,
    since: Annotated[int | None, Query(ge=0, lt=2**63, description="Records after this number.")] = None,
    before: Annotated[str | None, Query(description="Posts older than this timestamp, newest first.")] = None,
    key: Annotated[
        str | None,
        Query(
            max_length=100, pattern=r"^[^\x00]*$", description="With `before`: posts after this one of that timestamp."
        ),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_RECORDS, description="Maximum number of records.")] = SNAPSHOT,
) -> Question:
    """What a request for records asks, still of no channel."""
    return Question("", since, _moment(before), limit, key)


AskedRecords = Annotated[Question, Depends(asked_records)]


def router(answers: RecordQueries, throttle: Throttle | None = None) -> APIRouter:
    routes = APIRouter(tags=["records"])

    @routes.head("/api/walls/{slug}/records", include_in_schema=False)
    @routes.get(
        "/api/walls/{slug}/records",
        summary="List records",
        responses=replies({"model": Records | Reset}, 304, 404, 422, 429, 503),
    )
    async def records(slug: str, request: Request, asked: AskedRecords) -> Response:
        """Without `since` and `before`, return the snapshot: everything but posts, and the newest posts."""
        question = replace(asked, channel=wall_channel(slug))
        address = group(request.client.host) if request.client else ""
        try:
            reply = await answers.answer(question, partial(throttle.take, address) if throttle else None)
        except Throttled as throttled:
            wait = {"Retry-After": str(throttled.wait), "Cache-Control": "no-store"}
            raise HTTPException(429, str(throttled), headers=wait) from throttled
        return respond(request, reply.json, f'W/"{reply.tag}"', JSON, {"Cache-Control": CACHED})

    return routes


def _moment(before: str | None) -> int | None:
    if before is None:
        return None
    try:
        return from_wire(before)
    except ValueError as error:
        raise HTTPException(422, "`before` must be a timestamp such as 2009-10-12T09:30:00Z.") from error
