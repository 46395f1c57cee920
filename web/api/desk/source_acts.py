"""`/api/walls/{slug}/sources/{source}`: pause, resume, poll now, its own mode, and its options and credentials."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request

from aggregator.audit.actor import Actor
from aggregator.intake.candidates import Candidates, Wish
from aggregator.sources.errors import SourceError
from aggregator.sources.polling import poll_soon
from aggregator.sources.tables import Source
from aggregator.store.store import Session
from aggregator.walls.source_settings import pause, resume, set_source_mode
from web.api.desk.bodies import ByOrganisers
from web.api.desk.source_choices import Forms, forms_of
from web.api.desk.source_request import AT, SourceId, checking, source_here
from web.api.desk.source_shapes import SourceChanges, SourceModeBody, SourceRow, row_of
from web.auth.context import auth_of
from web.auth.signed_in import Access, CrossSiteRefused
from web.problems import PrivateRoute, refusals
from web.throttle import Throttle

ONE = f"{AT}/{{source}}"
REFUSALS = refusals(401, 403, 404)


def router(candidates: Candidates, throttle: Throttle) -> APIRouter:
    routes = APIRouter(tags=["sources"], route_class=PrivateRoute, dependencies=[CrossSiteRefused])
    known = candidates.connectors

    async def changed(
        request: Request, access: Access, source: int, act: Callable[[Session, int, Actor], Coroutine[Any, Any, Source]]
    ) -> SourceRow:
        async with auth_of(request).store.write() as db:
            await source_here(db, access, source)
            return row_of(await act(db, source, access.principal.actor), known)

    @routes.post(f"{ONE}/pause", summary="Pause a source", responses=REFUSALS)
    async def pause_source(source: SourceId, access: ByOrganisers, request: Request) -> SourceRow:
        """Nothing new comes from it until it is resumed. Its posts stay, and are still checked for deletions."""
        return await changed(request, access, source, pause)

    @routes.post(f"{ONE}/resume", summary="Resume a source", responses=REFUSALS)
    async def resume_source(source: SourceId, access: ByOrganisers, request: Request) -> SourceRow:
        """Go on where a paused source left off, with what was posted meanwhile."""
        return await changed(request, access, source, resume)

    @routes.post(f"{ONE}/poll", summary="Poll a source soon", status_code=202, responses=REFUSALS)
    async def poll(source: SourceId, access: ByOrganisers, request: Request) -> SourceRow:
        """Make a source due now: it is polled within seconds, as far as the limits of its server allow."""
        return await changed(request, access, source, lambda db, id_, _: poll_soon(db, id_))

    @routes.put(f"{ONE}/mode", summary="Set a source's own mode", responses=REFUSALS)
    async def set_mode(body: SourceModeBody, source: SourceId, access: ByOrganisers, request: Request) -> SourceRow:
        """Judge what it brings from now on by a stricter mode than the wall's. Null: as the wall."""
        return await changed(request, access, source, lambda db, id_, by: set_source_mode(db, id_, body.mode, by))

    @routes.head(f"{ONE}/forms", include_in_schema=False)
    @routes.get(f"{ONE}/forms", summary="Show the forms of a source", responses=REFUSALS)
    async def forms(source: SourceId, access: ByOrganisers, request: Request) -> Forms:
        """Return what can be set, as JSON schemas. The source's row has the options; credentials are never returned."""
        async with auth_of(request).store.read() as db:
            found = await source_here(db, access, source)
        connector = known.get(found.network)
        if connector is None:
            raise SourceError(f"The connector for {found.network} is not installed.")
        return forms_of(connector)

    @routes.patch(ONE, summary="Change a source", responses=refusals(401, 403, 404, 429))
    async def change(body: SourceChanges, source: SourceId, access: ByOrganisers, request: Request) -> SourceRow:
        """Change its options and credentials, after a check on its network for up to ten seconds.

        A check that fails is refused with its reason (`check_failed`); `anyway` changes them nevertheless.
        """
        checking(throttle, access)
        async with auth_of(request).store.read() as db:
            found = await source_here(db, access, source)
        options = row_of(found, known).options if body.options is None else body.options
        wish = Wish(found.value, network=found.network, options=options, credentials=body.secrets)
        by = access.principal.actor
        return row_of(await candidates.change(access.wall.slug, found, wish, by, anyway=body.anyway), known)

    return routes
