"""`rehearse`: on a new wall, an existing one, again, or not at all."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest


def test_rehearse_makes_the_wall_that_the_archive_describes(cli: Any) -> None:
    said = cli("rehearse", cli.archive({"text": "one"})).splitlines()
    assert said == [
        "“Small Talk” plays on the wall “rehearsal” (just created), from the beginning.",
        "See it: /w/rehearsal at the address that backchannel serve prints",
        "End it: backchannel unfollow 1",
    ]
    wall = cli.json("wall", "show", "rehearsal")
    assert (wall["name"], wall["hashtag"], wall["time_zone"]) == ("Small Talk", "small", "Europe/London")


def test_rehearse_says_the_public_address_where_there_is_one(cli: Any) -> None:
    cli.environment["BACKCHANNEL_PUBLIC_URL"] = "https://wall.example"
    said = cli("rehearse", cli.archive({"text": "one"})).splitlines()
    assert said[1] == "See it: backchannel serve, then https://wall.example/w/rehearsal"


def test_rehearse_plays_on_a_wall_that_is_there_and_leaves_it_as_it_is(cli: Any) -> None:
    cli("wall", "create", "harbour", "--name", "Harbour")
    played = cli.json("rehearse", cli.archive({"text": "one"}), "--wall", "harbour")
    assert played == {"wall": "harbour", "made": False, "archive": str(cli.folder / "small.jsonl"), "source": 1}
    assert cli.json("wall", "show", "harbour")["name"] == "Harbour"


def test_rehearse_has_a_conference_of_its_own(cli: Any) -> None:
    cli("rehearse", "--speed", "10", "--no-loop")
    [source] = cli.json("sources")
    started = datetime.fromisoformat(source["options"].pop("started_at"))
    assert started.tzinfo is not None
    assert (source["value"], source["options"]) == ("harbour", {"speed": 10.0, "loop": False})


def test_rehearse_again_starts_again_with_what_is_asked_now(cli: Any) -> None:
    first = cli.json("rehearse", cli.archive({"text": "one"}))["source"]
    [before] = cli.json("sources")
    again = cli.json("rehearse", str(cli.folder / "small.jsonl"), "--rate", "2")["source"]
    [after] = cli.json("sources")
    assert first == again
    assert after["options"].pop("started_at") > before["options"].pop("started_at")
    assert (before["options"], after["options"]) == ({"loop": True}, {"loop": True, "rate": 2.0})


def test_rehearse_if_empty_leaves_walls_as_they_are_wherever_the_database_is(cli: Any, database_url: str) -> None:
    cli.environment["BACKCHANNEL_DATABASE_URL"] = database_url
    assert cli.json("rehearse", "--if-empty", cli.archive({"text": "one"}))["made"]
    before = cli.json("sources")
    assert cli("rehearse", "--if-empty") == "A wall exists already: nothing to play.\n"
    assert cli.json("rehearse", "--if-empty") is None
    assert cli.json("sources") == before


def test_rehearse_says_what_is_wrong_with_an_archive_and_makes_nothing(cli: Any) -> None:
    assert cli.refused("rehearse", "missing.jsonl").startswith("Archive not found at “")
    for name, value in (("rate", "-1"), ("rate", "nan"), ("speed", "nan"), ("speed", "inf")):
        sentence = cli.refused("rehearse", f"--{name}", value)
        assert sentence.startswith(f"Invalid option {name} for Rehearsal: it must be ")
        assert value not in ("nan", "inf") or sentence.endswith(" a number.")
    assert cli.json("walls") == []


@pytest.mark.new_machine
def test_rehearse_takes_no_speed_together_with_a_rate(cli: Any) -> None:
    said = cli.run("rehearse", "--rate", "5", "--speed", "3", code=2).stderr
    assert "--rate: --rate and --speed can't be combined." in said
    assert not (cli.folder / "data").exists()


def test_rehearse_again_takes_the_last_rehearsal_off_the_wall(cli: Any) -> None:
    cli.play({"text": "one"}, {"text": "two"})
    first = cli.json("wall", "show", "rehearsal")
    assert (first["live"], first["withdrawn"]) == (2, 0)
    cli.play({"text": "three"})
    again = cli.json("wall", "show", "rehearsal")
    assert (again["live"], again["withdrawn"]) == (1, 2)
