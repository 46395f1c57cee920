"""`GET /api/walls/{slug}/history/export`: the history as a file, which says nothing of what posts say."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncGenerator, Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field, RootModel

from aggregator.accounts.roles import Permission
from aggregator.audit.actor import ActorKind
from aggregator.audit.tables import Action, SubjectKind
from aggregator.moderation.history import HistoryEntry, read_history
from web.api.desk.bodies import POST
from web.api.desk.entries import entry_of
from web.api.desk.history import AskedHistory
from web.auth.context import auth_of
from web.auth.signed_in import Access, CrossSiteRefused, require
from web.problems import PrivateRoute, refusals

router = APIRouter(tags=["moderation"], route_class=PrivateRoute, dependencies=[CrossSiteRefused])

ByTeamLeaders = Annotated[Access, Depends(require(Permission.MEMBERS))]


class ExportedEntry(BaseModel):
    """One entry in a file: the fields of an entry of the history, without objects for who acted and on what."""

    entry: int = Field(examples=[117])
    part_of: int | None = Field(description="The entry of the act about many posts of which this is a part.")
    at: datetime
    actor_kind: ActorKind
    actor: str = Field(description="A login, or empty.", examples=["kim@conference.example"])
    address: str = Field(description="The network that it came from, for 90 days.", examples=["203.0.113.0/24"])
    action: Action
    subject_kind: SubjectKind
    subject: str = Field(description="What it is about, such as a post's key.", examples=[POST])
    before: Any = Field(description="A state, or an object of the settings that have changed.", examples=["live"])
    after: Any = Field(description="Likewise.", examples=["hidden"])
    reason: str = Field(examples=["off topic"])
    undone_by: int | None = Field(description="The entry that has undone it.")


class ExportedHistory(RootModel[list[ExportedEntry]]):
    """The history as a file, the newest entry first."""


COLUMNS: Final = tuple(ExportedEntry.model_fields)
BYTE_ORDER_MARK: Final = "\ufeff"
"""Spreadsheet programs read UTF-8 by it."""
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What makes a spreadsheet program take a cell for a formula (OWASP, “CSV injection”)."""
MEDIA_TYPES: Final = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
FILES: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The file.", "model": ExportedHistory, "content": {"text/csv": {"schema": {"type": "string"}}}}
}


@router.head("/api/walls/{slug}/history/export", include_in_schema=False)
@router.get(
    "/api/walls/{slug}/history/export",
    summary="Export what was done",
    response_class=StreamingResponse,
    responses=refusals(401, 403, 404) | FILES,
)
async def export(
    access: ByTeamLeaders,
    request: Request,
    asked: AskedHistory,
    *,
    form: Annotated[Literal["csv", "json"], Query(alias="format", description="The form of the file.")] = "csv",
) -> StreamingResponse:
    """All entries of the filter, the newest first, with those that are parts of acts about many posts.

    A file outlives a post that is withdrawn: it has the keys of posts, and never their words or their authors.
    """
    entries = read_history(auth_of(request).store, access.wall, asked._replace(has_team=True))
    file = as_csv(entries) if form == "csv" else as_json(entries)
    headers = {"Content-Disposition": f'attachment; filename="history-{access.wall.slug}.{form}"'}
    return StreamingResponse(file, media_type=MEDIA_TYPES[form], headers=headers)


async def as_csv(entries: AsyncGenerator[HistoryEntry]) -> AsyncGenerator[str]:
    """Yield the lines of a CSV file (RFC 4180), whose cells no spreadsheet program takes for formulas."""
    yield BYTE_ORDER_MARK + _line(COLUMNS)
    async for each in entries:
        row = _flat(each)
        yield _line([_harmless(_cell(row[name])) for name in COLUMNS])


async def as_json(entries: AsyncGenerator[HistoryEntry]) -> AsyncGenerator[str]:
    """Yield the parts of one JSON array, an object for each entry."""
    between = "[\n"
    async for each in entries:
        yield between + json.dumps(_flat(each), ensure_ascii=False)
        between = ",\n"
    yield "[]\n" if between == "[\n" else "\n]\n"


def _flat(found: HistoryEntry) -> dict[str, Any]:
    entry = entry_of(found, with_address=True).model_dump(mode="json")
    actor, subject = entry.pop("actor"), entry.pop("subject")
    entry |= {"actor_kind": actor["kind"], "actor": actor["name"]}
    entry |= {"subject_kind": subject["kind"], "subject": subject["id"]}
    return {name: entry[name] for name in COLUMNS}


def _cell(value: Any) -> str:
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else str(value)


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _line(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()
