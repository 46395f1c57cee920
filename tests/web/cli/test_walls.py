from __future__ import annotations

from typing import Any

import pytest

NEW = {
    "slug": "harbour",
    "name": "Harbour 26",
    "hashtag": "harbour26",
    "time_zone": "Europe/London",
    "mode": "approve",
    "look": {"accent": "#1f6feb", "highlight": "#ffb000"},
    "sources": 0,
    "held": 0,
    "live": 0,
    "hidden": 0,
    "withdrawn": 0,
}


def test_walls_says_how_to_make_the_first_one(cli: Any) -> None:
    assert cli("walls") == "There are no walls yet: make one with backchannel wall create SLUG --name NAME.\n"
    assert cli.json("walls") == []


def test_wall_create_makes_a_wall_as_asked(cli: Any) -> None:
    made = cli.json(
        *("wall", "create", "harbour", "--name", "Harbour 26", "--hashtag", "#harbour26", "--mode", "approve"),
        *("--time-zone", "Europe/London", "--accent", "#1f6feb", "--highlight", "#ffb000"),
    )
    assert made == NEW
    assert cli.json("walls") == [NEW]
    assert cli.json("wall", "show", "harbour") == NEW


def test_wall_create_says_where_it_is_and_what_comes_next(cli: Any) -> None:
    assert cli("wall", "create", "harbour", "--name", "Harbour", "--hashtag", "h26").splitlines() == [
        "The wall “Harbour” is at /w/harbour.",
        "Next: backchannel follow '#h26' --on mastodon.social --wall harbour",
    ]


def test_walls_are_listed_with_their_figures(cli: Any) -> None:
    cli.play({"text": "one"}, {"text": "two"})
    heading, row = cli("walls").splitlines()
    assert heading.split() == ["slug", "name", "hashtag", "mode", "sources", "live", "held", "hidden"]
    assert row.split() == ["rehearsal", "Small", "Talk", "#small", "open", "1", "2", "0", "0"]


def test_wall_show_leaves_out_what_is_not_set(cli: Any) -> None:
    cli("wall", "create", "harbour", "--name", "Harbour", "--accent", "#1f6feb")
    shown = dict(line.rsplit(maxsplit=1) for line in cli("wall", "show", "harbour").splitlines())
    assert shown == {
        "slug": "harbour",
        "name": "Harbour",
        "time zone": "UTC",
        "mode": "open",
        "sources": "0",
        "held": "0",
        "live": "0",
        "hidden": "0",
        "withdrawn": "0",
        "accent": "#1f6feb",
    }


@pytest.mark.parametrize(("mode", "said"), [("approve", "held first"), ("open", "live at once")])
def test_wall_mode_is_kept_and_said(cli: Any, mode: str, said: str) -> None:
    cli("wall", "create", "harbour", "--name", "Harbour")
    assert cli("wall", "mode", "harbour", mode) == f"From now on, new posts on “harbour” are {said}.\n"
    assert cli.json("wall", "show", "harbour")["mode"] == mode


def test_a_wall_that_is_taken_or_unknown_is_one_sentence_and_code_1(cli: Any) -> None:
    cli("wall", "create", "harbour", "--name", "Harbour")
    taken = cli.refused("wall", "create", "harbour", "--name", "Another")
    assert taken == "There is a wall “harbour” already: choose another short name."
    for command in (["wall", "show", "quay"], ["wall", "mode", "quay", "open"], ["sources", "--wall", "quay"]):
        assert cli.refused(*command) == "There is no wall “quay”: there are harbour."


@pytest.mark.parametrize(
    "arguments",
    [["wall", "create", "harbour"], ["wall", "mode", "harbour", "shut"], ["walls", "--nonsense"], ["dance"]],
)
def test_wrong_usage_is_code_2(cli: Any, arguments: list[str]) -> None:
    assert "Usage:" in cli.run(*arguments, code=2).stderr
