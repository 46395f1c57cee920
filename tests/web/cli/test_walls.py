"""Walls created, listed, changed and removed from the command line."""

from __future__ import annotations

import asyncio
import sqlite3
import tarfile
from contextlib import closing
from typing import Any

import pytest
from PIL import Image

from aggregator.media.blob_store import BlobStore
from aggregator.media.pictures import StoredFile, Wanted, finished, picture_id
from aggregator.store.store import Store
from tests.aggregator.media.room import want_for

NEW = {
    "slug": "harbour",
    "url": "/w/harbour",
    "name": "Harbour 26",
    "hashtag": "harbour26",
    "time_zone": "Europe/London",
    "mode": "approve",
    "look": {"accent": "#1f6feb", "highlight": "#ffb000"},
    "begins_at": None,
    "listed": True,
    "rechecks_edits": True,
    "frozen_at": None,
    "sources": 0,
    "held": 0,
    "live": 0,
    "hidden": 0,
    "withdrawn": 0,
}
SHOWN: dict[str, Any] = NEW | {"hidden_authors": [], "trusted_authors": []}


def test_walls_says_how_to_make_the_first_one(cli: Any) -> None:
    cli("wall", "create", "harbour", "--name", "Harbour")
    cli("wall", "remove", "harbour", "--yes")
    assert cli("walls") == (
        f"There are no walls in {cli.folder}/data yet: create one with backchannel wall create SLUG --name NAME.\n"
    )
    assert cli.json("walls") == []


def test_wall_create_makes_a_wall_as_asked(cli: Any) -> None:
    made = cli.json(
        *("wall", "create", "harbour", "--name", "Harbour 26", "--hashtag", "#harbour26", "--mode", "approve"),
        *("--time-zone", "Europe/London", "--accent", "#1f6feb", "--highlight", "#ffb000"),
    )
    assert made == NEW
    assert cli.json("walls") == [NEW]
    assert cli.json("wall", "show", "harbour") == SHOWN


def test_wall_create_says_where_it_is_and_what_comes_next(cli: Any) -> None:
    assert cli("wall", "create", "harbour", "--name", "Harbour", "--hashtag", "h26").splitlines() == [
        "The wall “Harbour” is at /w/harbour.",
        "Time zone: UTC.",
        "Next: backchannel follow '#h26' --on mastodon.social --wall harbour",
    ]


def test_walls_are_listed_with_their_figures(cli: Any) -> None:
    cli.play({"text": "one"}, {"text": "two"})
    heading, row = cli("walls").splitlines()
    assert heading.split() == ["slug", "name", "hashtag", "mode", "listed", "sources", "live", "held", "hidden"]
    assert row.split() == ["rehearsal", "Small", "Talk", "#small", "open", "yes", "1", "2", "0", "0"]


def test_wall_set_gives_a_wall_a_logo_that_a_backup_takes_along(cli: Any) -> None:
    cli("wall", "create", "harbour", "--name", "Harbour")
    file = cli.folder / "logo.png"
    Image.new("RGB", (400, 100), "#12303b").save(file)
    logo = cli.json("wall", "set", "harbour", "--logo", str(file))["look"]["logo"]
    assert (logo["width"], logo["height"], logo["color"]) == (400, 100, "#12303b")
    cli("backup", str(cli.folder / "all.tar"))
    with tarfile.open(cli.folder / "all.tar") as backup:
        assert {f"media/{logo['id']}/{size}.webp" for size in "sl"} <= set(backup.getnames())
    file.write_text("<svg/>")
    assert "SVG" in cli.refused("wall", "set", "harbour", "--name", "Other", "--logo", str(file))
    assert cli("wall", "set", "harbour", "--logo", "").splitlines() == [
        "Changed the wall “Harbour” (/w/harbour):",
        "  logo: 400 by 100 pixels → none",
    ]


def test_wall_show_leaves_out_what_is_not_set(cli: Any) -> None:
    cli("wall", "create", "harbour", "--name", "Harbour", "--accent", "#1f6feb")
    shown = dict(line.rsplit(maxsplit=1) for line in cli("wall", "show", "harbour").splitlines())
    assert shown == {
        "slug": "harbour",
        "url": "/w/harbour",
        "name": "Harbour",
        "time zone": "UTC",
        "mode": "open",
        "listed": "yes",
        "rechecks edits": "no",
        "sources": "0",
        "held": "0",
        "live": "0",
        "hidden": "0",
        "withdrawn": "0",
        "accent": "#1f6feb",
    }


def test_wall_set_changes_what_is_given_and_nothing_else(cli: Any) -> None:
    cli("wall", "create", "harbour", "--name", "Harbour 26", "--accent", "#1f6feb", "--highlight", "#ffb000")
    changed = cli.json(
        *("wall", "set", "harbour", "--hashtag", "#harbour26", "--time-zone", "Europe/London"),
        *("--mode", "approve"),
    )
    assert changed == SHOWN
    assert cli.json("wall", "show", "harbour") == SHOWN
    said = cli("wall", "set", "harbour", "--name", "Harbour", "--highlight", "", "--hashtag", "")
    assert said.splitlines() == [
        "Changed the wall “Harbour” (/w/harbour):",
        "  name: Harbour 26 → Harbour",
        "  hashtag: #harbour26 → none",
        "  highlight: #ffb000 → none",
        "This wall has no hashtag now: pages no longer say what to post with.",
    ]
    again = cli("wall", "set", "harbour", "--name", "Harbour")
    assert again == "Nothing changed: the wall “Harbour” (/w/harbour) already was like this.\n"
    assert cli.json("wall", "show", "harbour") == SHOWN | {
        "name": "Harbour",
        "hashtag": "",
        "look": {"accent": "#1f6feb"},
    }


def test_unlisted_wall_says_so_and_can_be_listed_again(cli: Any) -> None:
    said = cli("wall", "create", "harbour", "--name", "Harbour", "--unlisted").splitlines()[0]
    assert said == "The wall “Harbour” is at /w/harbour, unlisted."
    assert ["listed", "no"] in [line.split() for line in cli("wall", "show", "harbour").splitlines()]
    assert cli("walls").splitlines()[1].split()[2:4] == ["open", "no"]
    cli("wall", "set", "harbour", "--name", "Harbour 26")
    assert cli.json("wall", "show", "harbour")["listed"] is False
    cli("wall", "set", "harbour", "--listed")
    assert cli.json("walls")[0]["listed"] is True
    assert cli("wall", "set", "harbour", "--unlisted").splitlines()[1] == "  listed: yes → no"
    assert cli.json("walls")[0]["listed"] is False


def test_wall_set_refuses_what_no_wall_can_have(cli: Any) -> None:
    cli("wall", "create", "harbour", "--name", "Harbour")
    before = cli.json("wall", "show", "harbour")
    assert cli.refused("wall", "set", "harbour").startswith("Nothing to change: give --name, ")
    assert "is not a time zone" in cli.refused("wall", "set", "harbour", "--name", "Other", "--time-zone", "Nowhere")
    assert "is not a colour for accent" in cli.refused("wall", "set", "harbour", "--accent", "red")
    assert "There is no wall “nope”" in cli.refused("wall", "set", "nope", "--name", "Other")
    assert cli.json("wall", "show", "harbour") == before


@pytest.mark.parametrize(("mode", "said"), [("approve", "held first"), ("open", "live at once")])
def test_wall_mode_is_kept_and_said(cli: Any, mode: str, said: str) -> None:
    cli("wall", "create", "harbour", "--name", "Harbour")
    assert cli("wall", "mode", "harbour", mode).splitlines()[0] == f"From now on, new posts on “harbour” are {said}."
    assert cli.json("wall", "show", "harbour")["mode"] == mode


def test_wall_mode_says_what_waits_and_how_to_see_it(cli: Any) -> None:
    cli("wall", "create", "rehearsal", "--name", "Hall")
    see = "list them: backchannel held --wall rehearsal"
    assert cli("wall", "mode", "rehearsal", "approve").splitlines()[1:] == [f"0 posts awaiting approval; {see}"]
    assert cli("wall", "mode", "rehearsal", "open").splitlines()[1:] == []
    cli("wall", "mode", "rehearsal", "approve")
    cli.play({"text": "one"})
    assert cli("wall", "mode", "rehearsal", "open").splitlines()[1:] == [f"1 post awaiting approval; {see}"]


def test_wall_renew_has_every_page_begin_again(cli: Any) -> None:
    def epochs() -> list[str]:
        with closing(sqlite3.connect(cli.folder / "data" / "backchannel.db")) as db:
            return [epoch for (epoch,) in db.execute("SELECT epoch FROM channel ORDER BY id")]

    cli("wall", "create", "other", "--name", "Another")
    cli("wall", "create", "hall", "--name", "The hall")
    before = epochs()
    assert cli("wall", "renew", "hall") == "Open pages of “hall” reload.\n"
    assert [old == new for old, new in zip(before, epochs(), strict=True)] == [False, False, True, True]
    assert cli.refused("wall", "renew", "nowhere").startswith("There is no wall")


def test_wall_rename_keeps_the_address_(cli: Any) -> None:
    cli("wall", "create", "harbour", "--name", "Harbuor")
    assert cli("wall", "rename", "harbour", "--name", "Harbour  26") == (
        "The wall at /w/harbour is now called “Harbour 26”.\n"
    )
    assert cli.json("wall", "show", "harbour")["name"] == "Harbour 26"
    assert cli.refused("wall", "rename", "harbour", "--name", " ") == (
        "A wall's name has between 1 and 120 characters; this one has 0."
    )
    assert cli.refused("wall", "rename", "quay", "--name", "Quay") == "There is no wall “quay” (known: harbour)."


def test_wall_remove_asks_first(cli: Any) -> None:
    cli.play({"text": "one"}, {"text": "two"})
    what = "the wall “Small Talk” (/w/rehearsal) with 1 source and 2 posts"
    refused = cli.run("wall", "remove", "rehearsal", answer="n\n", code=1)
    assert (refused.stdout, refused.stderr) == (f"Permanently remove {what}? [y/N]: n\n", "Nothing was removed.\n")
    unanswered = cli.run("wall", "remove", "rehearsal", code=1)
    assert unanswered.stderr == "\nNothing was removed. In scripts, add --yes.\n"
    assert cli.json("wall", "show", "rehearsal")["live"] == 2
    assert cli.run("wall", "remove", "rehearsal", answer="y\n").stdout.splitlines()[-1] == f"Removed {what}."
    assert (cli.json("walls"), cli.json("sources")) == ([], [])


def test_changes_of_a_wall_are_told_to_scripts(cli: Any) -> None:
    cli("wall", "create", "harbour", "--name", "Harbour")
    assert cli.json("wall", "rename", "harbour", "--name", "Quay")["name"] == "Quay"
    assert cli.json("wall", "mode", "harbour", "approve")["mode"] == "approve"
    shown = cli.json("wall", "show", "harbour")
    assert cli.json("wall", "renew", "harbour") == shown
    assert cli.json("wall", "remove", "harbour", "--yes") == shown
    assert cli.json("walls") == []


def test_a_wall_s_address_is_the_public_one_where_one_is_set(cli: Any) -> None:
    cli.environment["BACKCHANNEL_PUBLIC_URL"] = "https://wall.example.org"
    cli("wall", "create", "harbour", "--name", "Harbour")
    assert [row["url"] for row in cli.json("walls")] == ["https://wall.example.org/w/harbour"]


def test_wall_remove_takes_its_pictures_from_the_disk(cli: Any) -> None:
    cli.play({"text": "one"})
    blobs = BlobStore(cli.folder / "data" / "media")
    file = asyncio.run(develop(f"sqlite:///{cli.folder}/data/backchannel.db", blobs, key_of_one(cli)))
    assert blobs.find(file, "s") is not None
    cli("wall", "remove", "rehearsal", "--yes")
    assert blobs.find(file, "s") is None


def test_wall_remove_is_done_though_its_pictures_cannot_be_reached(cli: Any) -> None:
    cli.play({"text": "one"})
    media = cli.folder / "data" / "media"
    asyncio.run(develop(f"sqlite:///{cli.folder}/data/backchannel.db", BlobStore(cli.folder / "away"), key_of_one(cli)))
    media.write_text("a file")
    removed = cli.run("wall", "remove", "rehearsal", "--yes", code=1)
    assert removed.stdout == "Removed the wall “Small Talk” (/w/rehearsal) with 1 source and 1 post.\n"
    assert removed.stderr == (f"“{media}/unfinished” can't be used: check the file and its disk.\n")
    assert cli.json("walls") == []


def key_of_one(cli: Any) -> str:
    """Of the only post that there is."""
    return str(cli.json("tail", "--count", "1")["key"])


async def develop(url: str, blobs: BlobStore, post: str) -> str:
    """A picture of this post, as the picture worker leaves it: noted, ready, and its files on the blobs."""
    file = blobs.put(b"small", b"large")
    store = Store(url)
    async with store.write() as db:
        await want_for(db, post, Wanted("rehearsal", "u:1", "picture"))
        await finished(db, [StoredFile(picture_id("rehearsal", "u:1", "picture"), file, "#123456", 9, 9)])
    await store.close()
    return file


def test_wall_remove_needs_no_answer_in_scripts(cli: Any) -> None:
    cli("wall", "create", "harbour", "--name", "Harbour")
    assert cli("wall", "remove", "harbour", "--yes") == (
        "Removed the wall “Harbour” (/w/harbour) with 0 sources and 0 posts.\n"
    )
    assert cli.refused("wall", "remove", "harbour", "--yes").startswith("There is no wall “harbour”: ")


def test_a_wall_that_is_taken_or_unknown_is_one_sentence_and_code_1(cli: Any) -> None:
    cli("wall", "create", "harbour", "--name", "Harbour")
    taken = cli.refused("wall", "create", "harbour", "--name", "Another")
    assert taken == "There is a wall “harbour” already: choose another short name."
    for command in (["wall", "show", "quay"], ["wall", "mode", "quay", "open"], ["sources", "--wall", "quay"]):
        assert cli.refused(*command) == "There is no wall “quay” (known: harbour)."


@pytest.mark.parametrize(
    "arguments",
    [["wall", "create", "harbour"], ["wall", "mode", "harbour", "shut"], ["walls", "--nonsense"], ["dance"]],
)
def test_wrong_usage_is_code_2(cli: Any, arguments: list[str]) -> None:
    assert "Usage:" in cli.run(*arguments, code=2).stderr


def test_wall_set_says_what_another_beginning_leaves_as_it_is(cli: Any) -> None:
    shown = " ".join(word for word in cli("wall", "set", "--help").split() if word != "│")
    assert "changing it brings back no hidden posts" in shown


@pytest.mark.parametrize(
    ("name", "value", "url"),
    [
        ("PUBLIC_URL", "https://wall.example", "https://wall.example/w/hall"),
        ("PORT", "9000", "http://localhost:9000/w/hall"),
        ("SITE_NAME", "Walls", "/w/hall"),
    ],
)
def test_wall_show_claims_no_port_that_it_does_not_know(cli: Any, name: str, value: str, url: str) -> None:
    cli.environment[f"BACKCHANNEL_{name}"] = value
    cli("wall", "create", "hall", "--name", "The hall")
    assert cli.json("wall", "show", "hall")["url"] == url
    assert f"url {url}" in [" ".join(line.split()) for line in cli("wall", "show", "hall").splitlines()]
