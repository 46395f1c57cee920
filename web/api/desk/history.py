"""`/api/walls/{slug}/history`: who did what, and undoing it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AwareDatetime, BaseModel, Field

from aggregator.accounts.roles import Permission
from aggregator.audit.actor import ActorKind
from aggregator.audit.tables import Action, SubjectKind
from aggregator.items.excerpts import read_excerpts
from aggregator.items.lookup import DecisionError
from aggregator.moderation.history import HistoryFilter, find_history, list_actors, list_history
from aggregator.moderation.undo import undo
from aggregator.store.store import Store
from web.api.desk.bodies import PRINTABLE, Acted, ByModerators, ByViewers, EntryId, EntryNumber, Reason
from web.api.desk.entries import Entry, entry_of
from web.api.desk.posts import MAX_AT_ONCE
from web.auth.context import auth_of
from web.auth.signed_in import Access, CrossSiteRefused
from web.problems import PrivateRoute, ProblemDetails, Refusal, Somebody, refusal_for, refusals

router = APIRouter(tags=["moderation"], route_class=PrivateRoute, dependencies=[CrossSiteRefused])

MAX_ENTRIES = 200
NO_REASON = Reason()
Text = Annotated[str, Query(max_length=400, pattern=PRINTABLE)]


class History(BaseModel):
    """A page of a wall's history, the newest first."""

    entries: list[Entry]
    before: int | None = Field(description="Ask with this number for the next page; null at the end.")


class Actors(BaseModel):
    """Who has acted on a wall."""

    actors: list[Somebody]


class Undone(Acted):
    """What an undo has come to. It is an act of its own, which can be undone."""

    restored: int = Field(description="Posts that are back where they were.", examples=[12])
    left: int = Field(description="Posts that were changed again since, or may not come back: left as they are.")


class Entries(Reason):
    """The entries to undo, in this order."""

    entries: list[EntryNumber] = Field(min_length=1, max_length=MAX_AT_ONCE)


class UndoneOne(Undone):
    """What has become of one of them."""

    undid: int = Field(description="The entry that was to be undone.", examples=[117])
    problem: ProblemDetails | None = Field(description="Why it was not undone, if so.")


class AllUndone(BaseModel):
    """What has become of each entry, in their order."""

    results: list[UndoneOne]


def history_filter(
    *,
    actor: Annotated[Text, Query(description="Only by this actor: a login, or a user of the command line.")] = "",
    actor_kind: Annotated[ActorKind | None, Query(description="Only by actors of this kind.")] = None,
    action: Annotated[list[Action] | None, Query(description="Only these (repeatable).")] = None,
    subject: Annotated[
        Text, Query(description="Only about this: a post's key, a handle. Parts of acts about many are included.")
    ] = "",
    since: Annotated[AwareDatetime | None, Query(description="Not before this moment.")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Before this moment.")] = None,
) -> HistoryFilter:
    """Return the filter that the query of a request gives."""
    at: tuple[datetime | None, datetime | None] = (since, until)
    return HistoryFilter(actor, action or (), subject, actor_kind, *at)


AskedHistory = Annotated[HistoryFilter, Depends(history_filter)]


def knows_the_team(access: Access) -> bool:
    """Whether this person reads what is about the team, and from where colleagues have acted."""
    return Permission.MEMBERS in access.permissions


@router.head("/api/walls/{slug}/history", include_in_schema=False)
@router.get("/api/walls/{slug}/history", summary="List what was done", responses=refusals(401, 403, 404))
async def list_entries(
    access: ByViewers,
    request: Request,
    asked: AskedHistory,
    *,
    before: Annotated[int | None, Query(ge=1, lt=2**31, description="Entries with a lower number.")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_ENTRIES)] = 50,
) -> History:
    """Without `subject`, an act about many posts is one entry. What is about the team needs `members`."""
    is_informed = knows_the_team(access)
    async with auth_of(request).store.read() as db:
        asked = asked._replace(has_team=is_informed)
        found = await list_history(db, access.wall, asked, before=before, limit=limit + 1)
        ids = {each.entry.subject for each in found if each.entry.subject_kind == SubjectKind.POST}
        posts = await read_excerpts(db, access.wall, ids)
    entries = [entry_of(each, posts, with_address=is_informed) for each in found[:limit]]
    return History(entries=entries, before=entries[-1].entry if len(found) > limit else None)


@router.head("/api/walls/{slug}/history/actors", include_in_schema=False)
@router.get("/api/walls/{slug}/history/actors", summary="List who has acted", responses=refusals(401, 403, 404))
async def actors(access: ByViewers, request: Request) -> Actors:
    """People and system users, by name, such as a filter offers them."""
    async with auth_of(request).store.read() as db:
        found = await list_actors(db, access.wall)
    return Actors(actors=[Somebody(kind=each.kind, name=each.name) for each in found])


@router.post("/api/walls/{slug}/history/{entry}/undo", summary="Undo an act", responses=refusals(401, 403, 404, 409))
async def undo_entry(entry: EntryId, access: ByModerators, request: Request, body: Reason = NO_REASON) -> Undone:
    """Restore what the act has changed, and nothing that came after it."""
    return await _undo(auth_of(request).store, entry, access, body.why)


@router.post("/api/walls/{slug}/history/undo", summary="Undo several acts", responses=refusals(401, 403, 404))
async def undo_entries(body: Entries, access: ByModerators, request: Request) -> AllUndone:
    """Undo up to 100 acts, such as those of a selection. One that fails stops no other."""
    store, results = auth_of(request).store, []
    for entry in body.entries:
        try:
            done = await _undo(store, entry, access, body.why)
            results.append(UndoneOne(undid=entry, problem=None, **done.model_dump()))
        except (DecisionError, Refusal) as error:
            problem = ProblemDetails.model_validate(refusal_for(error).problem)
            results.append(UndoneOne(undid=entry, problem=problem, entry=None, changed=False, restored=0, left=0))
    return AllUndone(results=results)


async def _undo(store: Store, entry: int, access: Access, why: str) -> Undone:
    async with store.read() as db:
        if await find_history(db, access.wall, entry) is None:
            raise Refusal(404, "not_found", f"There is no entry {entry} in the history of “{access.wall.slug}”.")
    done = await undo(store, entry, access.principal.actor, why)
    changed = done.entry_id is not None
    return Undone(entry=done.entry_id, changed=changed, restored=done.restored, left=done.left)
