"""Acts from the command line: trust, freeze, release, clear, marks, and undoing each."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aggregator.timestamps import now
from aggregator.walls.errors import WallError
from web.cli.moments import AHEAD, BEFORE, read_moment

FUTURE = "2100-01-01"


@pytest.fixture
def key(cli: Any) -> str:
    """The key of one post on the wall `rehearsal`."""
    cli.play({"text": "Fish at the quay"})
    return str(cli("posts", "--keys").strip())


def state(cli: Any) -> str:
    return str(cli.json("posts")[0]["state"])


def test_undo_takes_back_one_s_own_last_act_or_the_one_that_is_named(cli: Any, key: str) -> None:
    assert cli.refused("undo") == "There is nothing of yours to undo: `backchannel audit` lists what others did."
    [hidden] = cli.json("hide", key)
    cli("note", key, "Ask her.")
    assert cli("undo").splitlines()[0].startswith(f"Entry {hidden['entry'] + 1} on “rehearsal” is undone: 1 post")
    undone = cli.json("undo", "--wall", "rehearsal")
    assert {name: undone[name] for name in ("undone", "wall", "changed", "restored", "left")} == {
        "undone": hidden["entry"],
        "wall": "rehearsal",
        "changed": True,
        "restored": 1,
        "left": 0,
    }
    assert state(cli) == "live"
    cli("undo", str(undone["entry"]))
    assert state(cli) == "hidden"
    [row] = cli.json("audit", "--limit", "1")
    assert (row["action"], row["reason"], row["part_of"]) == ("undo", f"undo of entry {undone['entry']}", None)
    assert cli("audit", "--limit", "1").splitlines()[1].split()[0] == str(row["entry"])
    cli("approve", key)
    assert cli("undo", str(row["entry"])) == (
        f"Nothing of entry {row['entry']} is left to undo: it was changed since, or may not come back.\n"
    )
    assert cli.refused("undo", "1") == "Entry 1 (create) cannot be undone."


def test_freeze_and_release(cli: Any, key: str) -> None:
    cli("wall", "create", "hall", "--name", "Hall")
    assert cli.json("freeze", "--wall", "hall", "--reason", "a raid")["changed"] is True
    assert cli("freeze", "--wall", "hall").splitlines() == [
        "“hall” is frozen already: nothing new goes live.",
        "Release it: backchannel release --wall hall",
    ]
    assert cli.json("wall", "show", "hall")["frozen_at"] is not None
    archive = cli.archive({"text": "Chips"})
    cli("follow", archive, "--wall", "hall", "--option", "rate=10000", "--option", "started_at=2009-10-12T09:30:00Z")
    cli("poll", "--source", "2")
    assert [row["why"] for row in cli.json("held", "--wall", "hall")] == [
        "the wall is frozen: nothing new goes live until it is released"
    ]
    assert cli("release", "--wall", "hall") == "“hall” is released: 1 post that waited went live.\n"
    assert cli("release", "--wall", "hall") == "“hall” isn't frozen.\n"
    assert cli.json("release", "--wall", "hall") == {
        "wall": "hall",
        "frozen": False,
        "changed": False,
        "entry": None,
        "posts": 0,
    }


def test_clear_asks_first_and_is_undone_as_one(cli: Any, key: str) -> None:
    refused = cli.run("clear", "--wall", "rehearsal", "--since", "1h", answer="n\n", code=1)
    assert refused.stdout.startswith("Hide 1 post that came since ")
    assert (refused.stderr, state(cli)) == ("Nothing was hidden.\n", "live")
    done = cli.json("clear", "--wall", "rehearsal", "--since", "2020-01-01", "--yes")
    assert (done["posts"], state(cli)) == (1, "hidden")
    assert [row["subject"]["kind"] for row in cli.json("audit", "--limit", "1")] == ["wall"]
    assert [row["part_of"] for row in cli.json("audit", "--limit", "1", "--parts")] == [done["entry"]]
    assert cli("undo").splitlines()[0] == f"Entry {done['entry']} on “rehearsal” is undone: 1 post restored."
    assert state(cli) == "live"
    nothing = cli("clear", "--wall", "rehearsal", "--since", FUTURE)
    assert nothing == "Nothing live on “rehearsal” came since 2100-01-01 00:00 UTC.\n"
    assert cli.refused("clear", "--wall", "rehearsal", "--since", "soon").startswith("“soon” isn't a moment: ")


def test_trusted_authors_and_strict_sources(cli: Any) -> None:
    cli("wall", "create", "rehearsal", "--name", "Hall", "--mode", "trusted")
    assert cli("trust", "@ada@quay.example", "--wall", "rehearsal").startswith("@ada@quay.example is trusted on ")
    cli.play({"text": "Fish at the quay"})
    assert state(cli) == "live"
    assert cli.json("wall", "show", "rehearsal")["trusted_authors"] == ["ada@quay.example"]
    assert "ada@quay.example" in cli("wall", "show", "rehearsal")
    [row] = cli.json("trust", "Ada@quay.example", "--wall", "rehearsal", "--end")
    assert (row["trusted"], row["changed"]) == (False, True)
    assert cli("trust", "@ada@quay.example", "--wall", "rehearsal", "--end").endswith(
        "not trusted on “rehearsal” already.\n"
    )
    assert cli.refused("trust", "", "--wall", "rehearsal").startswith("Not a handle")
    cli("wall", "mode", "rehearsal", "open")
    assert cli("source-mode", "1", "approve") == "From now on, source 1 of “rehearsal” is moderated as approve.\n"
    assert cli.json("sources")[0]["mode"] == "approve"
    assert cli.json("source-mode", "1", "wall") == {"id": 1, "wall": "rehearsal", "mode": None, "effective": "open"}


def test_marks_are_given_and_taken_away(cli: Any, key: str) -> None:
    for command, given, taken in (
        (("pin", key, "--until", FUTURE), "pinned", "not pinned"),
        (("nugget", key), "a nugget", "not a nugget"),
        (("cover", key), "covered", "uncovered"),
    ):
        assert cli(*command) == f"{key} on “rehearsal” is {given}.\n"
        assert cli(*command) == f"{key} on “rehearsal” is {given} already.\n"
        row = cli.json(*command, "--end")
        entry = cli.json("audit", "--limit", "1")[0]["entry"]
        assert row == {"asked": key, "wall": "rehearsal", "id": key, "mark": taken, "changed": True, "entry": entry}
    assert cli("note", key, "Ask her.") == f"{key} on “rehearsal” is with a note.\n"
    assert "Ask her" not in cli("audit")
    assert cli.refused("pin", key, "--until", "2020-01-01").startswith("A pin needs an end that is still to come")
    assert cli.refused("nugget", "nothing").startswith("There is no post “nothing” on any wall")


def test_edits_are_rechecked_where_the_wall_is_told_to(cli: Any) -> None:
    cli("wall", "create", "hall", "--name", "Hall")
    assert cli.json("wall", "show", "hall")["rechecks_edits"] is False
    assert "rechecks edits: no → yes" in cli("wall", "set", "hall", "--recheck-edits")
    assert json.loads(cli("wall", "set", "hall", "--show-edits", "--json"))["rechecks_edits"] is False


@pytest.mark.parametrize(
    ("text", "zone", "moment"),
    [
        ("2026-06-09", "Europe/London", datetime(2026, 6, 8, 23, tzinfo=UTC)),
        ("2026-06-09T10:05", "Europe/London", datetime(2026, 6, 9, 9, 5, tzinfo=UTC)),
        ("2026-06-09T10:05+02:00", "Europe/London", datetime(2026, 6, 9, 8, 5, tzinfo=UTC)),
    ],
)
def test_moment_is_of_the_wall_s_zone(text: str, zone: str, moment: datetime) -> None:
    assert read_moment(text, zone, BEFORE) == moment


def test_moment_may_be_a_span_or_a_time_of_today() -> None:
    began = now()
    assert read_moment(" 15min", "UTC", BEFORE) - began <= timedelta(0) < read_moment("1 s", "UTC", AHEAD) - began
    nine = read_moment("9:05", "UTC", BEFORE)
    assert (nine.hour, nine.minute, nine.tzinfo) == (9, 5, UTC)
    for text in ("25:00", "0001-01-01", "yesterday", "9999999h"):
        with pytest.raises(WallError, match="isn't a moment"):
            read_moment(text, "Asia/Tokyo", BEFORE)


def test_an_author_is_left_out_listed_and_let_in_again(cli: Any, key: str) -> None:
    handle = str(cli.json("posts")[0]["author"]["handle"])
    assert cli("opt-out") == "Nobody has asked to be left out.\n"
    assert cli("opt-out", handle, "--yes") == f"{handle} is left out on all walls: 1 post erased.\n"
    assert cli.json("opt-out", handle, "--yes")["entry_id"] is None
    [row] = cli.json("opt-out")
    assert (f"@{row['handle']}", row["wall"]) == (handle, None)
    assert cli("opt-out").splitlines()[1].split()[:2] == [handle, "all"]
    assert "is not left out on rehearsal" in cli.refused("opt-out", handle, "--wall", "rehearsal", "--end")
    assert cli("opt-out", handle, "--end") == f"{handle} is left out no longer on all walls.\n"
