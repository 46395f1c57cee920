"""`/api/walls/{slug}/sources`: what a wall follows, how each source does; follow, unfollow, and poll now."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path, Request, Response

from aggregator.intake.candidates import Candidates, Found, Wish
from aggregator.intake.listening import listening
from aggregator.sources.lookup import find_source, list_sources, without_posts
from aggregator.sources.polling import poll_soon
from aggregator.sources.tables import Source
from aggregator.store.sql import LARGEST_ID, stored_id
from aggregator.store.store import Session
from aggregator.timestamps import now
from aggregator.walls.following import unfollow
from web.api.desk.bodies import ByOrganisers
from web.api.desk.source_shapes import (
    Change,
    FollowBody,
    FollowReply,
    SourceRow,
    Sources,
    preview_of,
    row_of,
)
from web.auth.context import auth_of
from web.auth.signed_in import Access, CrossSiteRefused
from web.problems import PrivateRoute, Refusal, refusals

SourceId = Annotated[int, Path(ge=1, le=LARGEST_ID, examples=[3])]
AT: Final = "/api/walls/{slug}/sources"


def router(candidates: Candidates) -> APIRouter:
    routes = APIRouter(tags=["sources"], route_class=PrivateRoute, dependencies=[CrossSiteRefused])
    known = candidates.connectors

    @routes.head(AT, include_in_schema=False)
    @routes.get(AT, summary="List the sources", responses=refusals(401, 403, 404))
    async def list_all(access: ByOrganisers, request: Request) -> Sources:
        """A source that its network has ended stays in the list, with the reason, until it is unfollowed."""
        async with auth_of(request).store.read() as db:
            found = await list_sources(db, access.wall.id)
            empty = await without_posts(db, found)
            heard = await listening(db, found, now())
        return Sources(sources=[row_of(each, known, empty, heard[stored_id(each)]) for each in found])

    @routes.post(
        AT,
        summary="Follow a hashtag, account or feed",
        status_code=201,
        responses=refusals(401, 403, 404) | {200: {"model": FollowReply, "description": "A dry run."}},
    )
    async def follow(body: FollowBody, access: ByOrganisers, response: Response) -> FollowReply:
        """Check a source on its network for up to ten seconds, then follow it. With `dry_run`, only check it.

        Following it again changes its options, and keeps its credentials unless others are given. A check that fails
        is refused with its reason (`check_failed`); `anyway` follows the source nevertheless.
        """
        wish = Wish(body.text, [body.on], body.network, body.options, body.secrets)
        [found] = await candidates.look(access.wall.slug, wish, await candidates.addresses(wish))
        if body.dry_run:
            response.status_code = 200
            return FollowReply(source=_followed(found, candidates), change=None, preview=preview_of(found))
        if found.stops and not body.anyway:
            raise Refusal(422, "check_failed", found.seen.trouble)
        _, [done] = await candidates.follow(access.wall.slug, wish, [found], access.principal.actor)
        change = Change(made=done.made, resumed=done.resumed, options=done.options, credentials=done.token)
        return FollowReply(source=row_of(done.source, known), change=change, preview=preview_of(found))

    @routes.delete(f"{AT}/{{source}}", summary="Unfollow a source", status_code=204, responses=refusals(401, 403, 404))
    async def end(source: SourceId, access: ByOrganisers, request: Request) -> None:
        """Its posts stay on the wall until they are deleted at their origin."""
        async with auth_of(request).store.write() as db:
            await _here(db, access, source)
            await unfollow(db, source, access.principal.actor)

    @routes.post(
        f"{AT}/{{source}}/poll", summary="Poll a source soon", status_code=202, responses=refusals(401, 403, 404)
    )
    async def poll(source: SourceId, access: ByOrganisers, request: Request) -> SourceRow:
        """Make a source due now: it is polled within seconds, as far as the limits of its server allow."""
        async with auth_of(request).store.write() as db:
            await _here(db, access, source)
            return row_of(await poll_soon(db, source), known)

    return routes


async def _here(db: Session, access: Access, source_id: int) -> Source:
    """Return a source of this wall. Raises Refusal for one of another."""
    sources = await list_sources(db, access.wall.id)
    if source_id not in {each.id for each in sources}:
        raise Refusal(404, "not_found", f"“{access.wall.slug}” has no source {source_id}.")
    return await find_source(db, source_id)


def _followed(found: Found, candidates: Candidates) -> SourceRow | None:
    """Return the source that the wall has at this address, if it follows it."""
    source = found.source
    return None if source is None or source.ended_at is not None else row_of(source, candidates.connectors)
