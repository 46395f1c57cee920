"""Who acts: a person, the command line, an origin, an author, a rule, a source."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class ActorKind(StrEnum):
    """What an actor is. The database has these words."""

    PERSON = "person"
    COMMAND_LINE = "cli"
    ORIGIN = "origin"
    AUTHOR = "author"
    RULE = "rule"
    SOURCE = "source"


class Actor(NamedTuple):
    """One who acts. `name` is a person's or a system user's, or a source's number; empty where there is no other."""

    kind: ActorKind
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}" if self.name else str(self.kind)


UNNAMED = Actor(ActorKind.PERSON)
"""A person of whom the caller knows nothing."""
ORIGIN = Actor(ActorKind.ORIGIN)
"""The network on which a post was made, where the post or its author is gone."""
AUTHOR = Actor(ActorKind.AUTHOR)
"""The author of a post, who has edited it or asks to be left out. The post says who that is, as long as it is there."""
RULE = Actor(ActorKind.RULE)
"""The rule of a wall that hides all posts of an author. No handle: it would outlive a post that is withdrawn."""


def source_actor(source_id: int | None) -> Actor:
    """A source of a wall, which shows posts or does not."""
    return Actor(ActorKind.SOURCE, str(source_id or ""))
