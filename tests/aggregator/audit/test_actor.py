"""Actors, as they are named."""

import pytest

from aggregator.audit.actor import ORIGIN, UNNAMED, Actor, ActorKind, source_actor


@pytest.mark.parametrize(
    ("actor", "named"),
    [
        (Actor(ActorKind.COMMAND_LINE, "ada"), "cli:ada"),
        (Actor(ActorKind.PERSON, "Kim"), "person:Kim"),
        (UNNAMED, "person"),
        (ORIGIN, "origin"),
        (source_actor(7), "source:7"),
    ],
)
def test_actor_is_named_by_kind_and_name(actor: Actor, named: str) -> None:
    assert str(actor) == named
