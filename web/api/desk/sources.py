"""`/api/walls/{slug}/sources`: what a wall follows and how each source does; what it could follow; follow, remove."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from aggregator.accounts.roles import Permission
from aggregator.intake.candidates import Candidates, Found, Wish
from aggregator.intake.listening import listening
from aggregator.items.activity import posts_by_hour
from aggregator.moderation.source_removal import count_brought, remove_source
from aggregator.sources.lookup import list_sources, source_at, without_posts
from aggregator.store.sql import stored_id
from aggregator.timestamps import now
from web.api.desk.bodies import ActedOnMany, ByOrganisers, acted_on
from web.api.desk.source_choices import Choices, choice_of
from web.api.desk.source_request import AT, SourceId, checking, source_here
from web.api.desk.source_shapes import (
    Brought,
    Change,
    FollowBody,
    FollowReply,
    ListedSource,
    SourceRow,
    Sources,
    Text,
    preview_of,
    row_of,
)
from web.auth.context import auth_of
from web.auth.signed_in import CrossSiteRefused
from web.problems import PrivateRoute, Refusal, refusals
from web.throttle import Throttle


def router(candidates: Candidates, throttle: Throttle) -> APIRouter:
    routes = APIRouter(tags=["sources"], route_class=PrivateRoute, dependencies=[CrossSiteRefused])
    known = candidates.connectors

    @routes.head(AT, include_in_schema=False)
    @routes.get(AT, summary="List the sources", responses=refusals(401, 403, 404))
    async def list_all(access: ByOrganisers, request: Request) -> Sources:
        """A source that its network has ended stays in the list, with the reason, until it is removed."""
        async with auth_of(request).store.read() as db:
            found = await list_sources(db, access.wall.id)
            empty = await without_posts(db, found)
            hours = await posts_by_hour(db, [stored_id(each) for each in found], now())
            heard = await listening(db, found, now())
        rows = {stored_id(each): row_of(each, known, empty, heard[stored_id(each)]) for each in found}
        listed = (row.model_dump() | {"hours": hours[id_]} for id_, row in rows.items())
        return Sources(sources=[ListedSource.model_validate(each) for each in listed])

    @routes.head(f"{AT}/choices", include_in_schema=False)
    @routes.get(f"{AT}/choices", summary="Say what an input may mean", responses=refusals(401, 403, 404, 429))
    async def choose(
        access: ByOrganisers,
        request: Request,
        text: Annotated[Text, Query(min_length=1, description="A #hashtag, an account or a URL.", examples=["#h26"])],
        on: Annotated[Text, Query(description="The server to read it from.", examples=["mastodon.social"])] = "",
    ) -> Choices:
        """Return one choice for each network that recognises it, with the forms of its options and credentials.

        At most the software of one server is asked for. Ask for the preview of each choice by a dry run of following.
        """
        checking(throttle, access)
        found = await candidates.choices(text, on)
        async with auth_of(request).store.read() as db:
            sources = [await source_at(db, access.wall.id, each.address) for each in found]
        pairs = zip(found, sources, strict=True)
        return Choices(choices=[choice_of(each, known[each.address.network], source) for each, source in pairs])

    @routes.post(
        AT,
        summary="Follow a hashtag, account or feed",
        status_code=201,
        responses=refusals(401, 403, 404, 429) | {200: {"model": FollowReply, "description": "A dry run."}},
    )
    async def follow(body: FollowBody, access: ByOrganisers, response: Response) -> FollowReply:
        """Check a source on its network for up to ten seconds, then follow it. With `dry_run`, only check it.

        Following it again changes its options, and keeps its credentials unless others are given. A check that fails
        is refused with its reason (`check_failed`); `anyway` follows the source nevertheless.
        """
        checking(throttle, access)
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

    @routes.head(f"{AT}/{{source}}/brought", include_in_schema=False)
    @routes.get(
        f"{AT}/{{source}}/brought", summary="Count what a source has brought", responses=refusals(401, 403, 404)
    )
    async def count(source: SourceId, access: ByOrganisers, request: Request) -> Brought:
        """Return how many live and held posts removing it could hide: those that no other followed source shows."""
        async with auth_of(request).store.read() as db:
            return Brought(posts=await count_brought(db, await source_here(db, access, source)))

    @routes.delete(f"{AT}/{{source}}", summary="Remove a source", responses=refusals(401, 403, 404))
    async def end(
        source: SourceId,
        access: ByOrganisers,
        request: Request,
        hide: Annotated[bool, Query(description="Hide what it alone has brought, too: needs `moderate`.")] = False,  # noqa: FBT002  a query
    ) -> ActedOnMany:
        """Follow it no longer. Its posts stay on the wall until they are deleted at their origin, unless `hide`.

        Hiding is one act, which can be undone by its number.
        """
        if hide and Permission.MODERATE not in access.permissions:
            raise Refusal(403, "permission_denied", "Not permitted: hiding posts needs the permission `moderate`.")
        store = auth_of(request).store
        async with store.read() as db:
            await source_here(db, access, source)
        done = await remove_source(store, source, access.principal.actor, hide=hide)
        return acted_on(done.entry_id, done.posts).model_copy(update={"changed": True})

    return routes


def _followed(found: Found, candidates: Candidates) -> SourceRow | None:
    """Return the source that the wall has at this address, if it follows it."""
    source = found.source
    return None if source is None or source.ended_at is not None else row_of(source, candidates.connectors)
