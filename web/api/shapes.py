"""The schemas of the API's replies in `/api/openapi.json`. Replies are not encoded through them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

Responses = dict[int | str, dict[str, Any]]


class Problem(BaseModel):
    """An error."""

    detail: str = Field(description="One sentence: what went wrong and what to do.")


class Record(BaseModel):
    """The latest state of one thing on a channel."""

    seq: int = Field(description="Its number on this channel: a higher one than yours is new to you.")
    kind: str = Field(description="`wall` or `post`; ignore unknown kinds.")
    key: str = Field(description="Replaces an earlier record with the same kind and key.")
    at: str = Field(description="The timestamp to order by: UTC, always 27 characters.")
    body: dict[str, Any] | None = Field(description="The state itself; null is a tombstone: drop what you have stored.")


class Records(BaseModel):
    """Records of one channel, and the number of the newest."""

    epoch: str
    head: int
    records: list[Record]


class Reset(BaseModel):
    """Your position is invalid: drop what you have and request the snapshot."""

    reset: Literal[True]
    epoch: str
    head: int


class ListedWall(BaseModel):
    """A listed wall."""

    slug: str
    name: str
    hashtag: str = Field(description="Without `#`; empty if the wall has none.")
    time_zone: str = Field(description="An IANA name.")
    url: str = Field(description="Its page; relative if the server has no public URL.")


class ListedWalls(BaseModel):
    """The listed walls, oldest first."""

    walls: list[ListedWall]


class Alive(BaseModel):
    """The process is alive."""

    status: Literal["ok"]


class Readiness(BaseModel):
    """Whether this process can do its part."""

    ready: bool
    role: Literal["all", "web", "intake"] = Field(
        description="`web` serves readers, `intake` polls networks, `all` does both."
    )
    troubles: list[str] = Field(
        description="The problems: sentences for requests from this machine, the names of the parts for others."
    )
    remarks: list[str] = Field(default=[], description="Warnings that don't affect readiness.")
    readers: dict[str, int] = Field(
        default={}, description="The open pages of each channel now, for requests from this machine."
    )


def replies(found: dict[str, Any], *others: int) -> Responses:
    """A route's `responses`: `found`, and these other statuses."""
    described: Responses = {200: found}
    for status in others:
        described[status] = {"description": OTHERS[status]} | ({"model": Problem} if status in PROBLEMS else {})
    return described


OTHERS = {
    304: "Not modified.",
    404: "No such wall.",
    422: "The query is invalid.",
    429: "Too many requests from your address: wait as `Retry-After` says.",
    503: "The database is unavailable: try again after `Retry-After`.",
}
PROBLEMS = frozenset(OTHERS) - {304}
