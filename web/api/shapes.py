"""The shapes of the API's replies, as `/api/openapi.json` describes them. Nothing is encoded through these."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

Responses = dict[int | str, dict[str, Any]]


class Problem(BaseModel):
    """Every reply that is an error."""

    detail: str = Field(description="One sentence: what was wrong, and what to do.")


class Record(BaseModel):
    """The latest state of one thing on a channel."""

    seq: int = Field(description="Its number on this channel: what is higher than yours is new to you.")
    kind: str = Field(description="`wall` or `post`; ignore those that you don't know.")
    key: str = Field(description="Takes the place of an earlier record with the same kind and key.")
    at: str = Field(description="Where it belongs in time: UTC, always 27 characters.")
    body: dict[str, Any] | None = Field(description="The state itself; null is a tombstone: drop what you have of it.")


class Records(BaseModel):
    """Records of one channel, and the number of its newest."""

    epoch: str
    head: int
    records: list[Record]


class Reset(BaseModel):
    """Your place means nothing here: drop what you have, and ask for the snapshot."""

    reset: Literal[True]
    epoch: str
    head: int


class ListedWall(BaseModel):
    """A wall that is for everybody to find."""

    slug: str
    name: str
    hashtag: str = Field(description="Without `#`; empty where the wall has none.")
    time_zone: str = Field(description="An IANA name.")
    url: str = Field(description="Its page; relative to this server where that has no public address.")


class ListedWalls(BaseModel):
    """The walls that are listed, the oldest first."""

    walls: list[ListedWall]


class Alive(BaseModel):
    """The process answers."""

    status: Literal["ok"]


class Readiness(BaseModel):
    """Whether this process can do its part."""

    ready: bool
    role: Literal["all", "web", "intake"] = Field(
        description="`web` serves readers, `intake` fills the walls, `all` does both."
    )
    troubles: list[str] = Field(description="What isn't well: a sentence each to this machine, a word to others.")
    remarks: list[str] = Field(default=[], description="What is well so far and needs a look.")


def replies(found: dict[str, Any], *others: int) -> Responses:
    """What a route may answer with: `found`, and these other statuses."""
    described: Responses = {200: found}
    for status in others:
        described[status] = {"description": OTHERS[status]} | ({"model": Problem} if status in PROBLEMS else {})
    return described


OTHERS = {
    304: "Nothing has changed.",
    404: "There is no such wall.",
    422: "The query is invalid.",
    429: "Your address asks too much: `Retry-After` says how long to wait.",
    503: "The server's database is away: `Retry-After` says when to try again.",
}
PROBLEMS = frozenset(OTHERS) - {304}
