"""An entry of a wall's history, as the API tells of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from aggregator.audit.tables import Action, SubjectKind
from aggregator.items.excerpts import Excerpt
from aggregator.moderation.history import HistoryEntry
from web.api.desk.bodies import POST
from web.problems import Somebody


class PostInShort(BaseModel):
    """The author and the first words of a post that is still there. They are read now: no entry keeps them."""

    name: str = Field(examples=["Ada Example"])
    handle: str = Field(examples=["@ada@mastodon.example"])
    words: str = Field(examples=["The keynote begins"])


class Subject(BaseModel):
    """What an entry is about."""

    kind: SubjectKind
    id: str = Field(
        description="A post's key, an author's handle, the wall's slug, a source's number, a member's login or the id "
        "of an invitation.",
        examples=[POST],
    )
    post: PostInShort | None = Field(description="Of a post that is on the wall and not withdrawn.")


class Entry(BaseModel):
    """One entry of a wall's history. It never has a post's words."""

    entry: int = Field(examples=[117])
    part_of: int | None = Field(description="The entry of the act about many posts of which this is a part.")
    at: datetime
    actor: Somebody
    action: Action
    subject: Subject
    before: Any = Field(description="A state, or an object of the settings that have changed.", examples=["live"])
    after: Any = Field(description="Likewise.", examples=["hidden"])
    reason: str = Field(examples=["off topic"])
    undoable: bool = Field(description="Whether it is an act that can be undone and is not.")
    undone_by: int | None = Field(description="The entry that has undone it.")
    address: str = Field(
        description="The network that it came from, for 90 days and those with `members` alone; else empty.",
        examples=["203.0.113.0/24"],
    )


NONE: Mapping[str, Excerpt] = {}


def entry_of(found: HistoryEntry, posts: Mapping[str, Excerpt] = NONE, *, with_address: bool = False) -> Entry:
    """Return an entry of the history in its shape. `posts` has what posts say in short, by their ids."""
    entry = found.entry
    post = posts.get(entry.subject)
    return Entry(
        entry=entry.id or 0,
        part_of=entry.act_id,
        at=entry.at,
        actor=Somebody(kind=entry.by.kind, name=entry.by.name),
        action=Action(entry.action),
        subject=Subject(
            kind=SubjectKind(entry.subject_kind), id=entry.subject, post=PostInShort(**post._asdict()) if post else None
        ),
        before=_state(entry.before),
        after=_state(entry.after),
        reason=entry.why,
        undoable=found.is_undoable,
        undone_by=found.undone_by,
        address=entry.address if with_address else "",
    )


def _state(stored: str) -> Any:
    """Return a state as its word, changed settings as an object."""
    return json.loads(stored) if stored.startswith("{") else stored
