"""Sources listed with their health, and unfollowed from the command line."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from aggregator.sources.tables import Source
from aggregator.store.store import Store
from aggregator.walls.following import end
from tests.fakes.mastodon_server import MastodonServer

CLOSED = "http://127.0.0.1:1"
"""Where nothing listens."""


def test_sources_says_how_to_begin(cli: Any) -> None:
    cli("wall", "create", "quay", "--name", "Quay")
    assert cli("sources") == "Nothing is followed yet: see backchannel follow --help.\n"


def test_sources_shows_the_health_of_each(cli: Any) -> None:
    cli("wall", "create", "harbour", "--name", "Harbour")
    cli("follow", "#h26", "--on", CLOSED, "--wall", "harbour", "--anyway")
    cli.play({"text": "one"}, {"text": "two"})
    heading, new, played = cli("sources").splitlines()
    assert heading.split("  ")[0] == "id"
    assert new.split() == ["1", "harbour", "Mastodon", "#h26", "on", CLOSED, "never", "now", "0", "new"]
    assert played.split()[-2:] == ["2", "ok"]
    assert [row["posts"] for row in cli.json("sources", "--wall", "rehearsal")] == [2]


def test_sources_shows_what_is_wrong(cli: Any) -> None:
    archive = cli.archive({"text": "one"})
    cli("rehearse", archive)
    (cli.folder / "small.jsonl").write_text("[]")
    cli.run("poll", "--once", code=1)
    [row] = cli.json("sources")
    assert row["failures"] == 1
    assert row["trouble"].endswith(".")
    _, line, reason = cli("sources").splitlines()
    assert (line.split()[-2:], reason) == (["0", "failing"], f"source 1: {row['trouble']}")


def test_sources_says_why_a_hashtag_is_only_polled(cli: Any) -> None:
    cli("wall", "create", "harbour", "--name", "Harbour")
    cli("follow", "#h26", "--on", CLOSED, "--wall", "harbour", "--anyway")

    async def refused() -> None:
        store = Store(f"sqlite:///{cli.folder}/data/backchannel.db")
        async with store.write() as db:
            (await db.get_one(Source, 1)).not_listening = "A token is wanted."
        await store.close()

    asyncio.run(refused())
    _, _, hearing = cli("sources").splitlines()
    assert hearing.startswith("source 1: Polling because: A token is wanted. Posts of the last 6 hours: 0 told")
    [row] = cli.json("sources")
    assert row["listening"] == {
        "since": None, "polled_because": "A token is wanted.", "told": 0, "found": 0, "hours": 6
    }  # fmt: skip


def test_sources_says_how_many_entries_could_not_be_read(cli: Any) -> None:
    archive = cli.archive({"text": "one"}, {"text": "two"})
    with (cli.folder / "small.jsonl").open("a", encoding="utf-8") as file:
        file.write("[]\n")
    cli("rehearse", archive, "--rate", "10000", "--no-loop")
    assert cli("poll", "--once") == "source 1: 2 new, 0 edited, 0 gone, 1 unreadable.\n"
    _, line, reason = cli("sources").splitlines()
    assert line.split()[-2:] == ["2", "partly"]
    [why] = cli.json("sources")[0]["unread"]
    assert why == "Line 5: unknown kind of line (see docs/rehearsal.md)."
    assert reason == f"source 1: 1 entry of its last page could not be read. {why}"


def test_sources_shows_what_has_ended_by_itself_until_it_is_unfollowed(cli: Any) -> None:
    cli("wall", "create", "harbour", "--name", "Harbour")
    cli("follow", f"{CLOSED}/news.xml", "--wall", "harbour", "--anyway")

    async def over() -> None:
        store = Store(f"sqlite:///{cli.folder}/data/backchannel.db")
        async with store.write() as db:
            await end(db, await db.get_one(Source, 1), "The feed is gone.")
        await store.close()

    asyncio.run(over())
    _, row, reason = cli("sources").splitlines()
    assert (row.split()[-2:], row.count("never"), reason) == (["0", "ended"], 2, "source 1: The feed is gone.")
    sentence = "Source 1 has ended: follow it again to retry. The feed is gone."
    assert cli.refused("poll", "--source", "1") == sentence
    cli("unfollow", "1")
    assert cli.json("sources") == []


def test_unfollow_leaves_the_posts(cli: Any) -> None:
    cli.play({"text": "one"})
    followed = str(cli.folder / "small.jsonl")
    assert cli("unfollow", "1") == f"“rehearsal” no longer follows {followed}; its posts stay.\n"
    assert cli.json("sources") == []
    [row] = cli.json("sources", "--all")
    assert (row["id"], row["ended_at"] is None) == (1, False)
    assert cli("sources", "--all").splitlines()[1].split()[-3:] == ["never", "1", "ended"]
    assert cli.json("wall", "show", "rehearsal")["live"] == 1
    assert cli.refused("unfollow", "1") == "There is no source 1: `backchannel sources` lists them."


def test_unfollow_tells_scripts_which_source_has_ended(cli: Any) -> None:
    cli.play({"text": "one"})
    ended = cli.json("unfollow", "1")
    assert (ended["id"], ended["wall"], ended["ended_at"] is None) == (1, "rehearsal", False)


def test_paused_source_is_not_polled_and_goes_on_when_resumed(cli: Any) -> None:
    cli.play({"text": "one"})
    assert cli("pause", "1").startswith("Paused: ")
    [row] = cli.json("sources")
    assert (row["health"], row["paused_at"] is None, len(row["hours"])) == ("paused", False, 24)
    assert cli.refused("poll", "--source", "1") == "Source 1 is paused: `backchannel resume 1` resumes it."
    assert cli.json("resume", "1")["paused_at"] is None
    hidden = cli.json("unfollow", "1", "--hide")
    assert (hidden["hidden"], cli.json("wall", "show", "rehearsal")["live"]) == (1, 0)
    cli("undo", str(hidden["entry"]))
    assert cli.json("wall", "show", "rehearsal")["live"] == 1


def test_unfollow_and_poll_know_no_source_of_a_number_beyond_all_measure(cli: Any) -> None:
    cli("wall", "create", "quay", "--name", "Quay")
    number = "9" * 23
    sentence = f"There is no source {number}: `backchannel sources` lists them."
    assert cli.refused("unfollow", number) == sentence
    assert cli.refused("poll", "--source", number) == sentence


def test_sources_tells_schemes_apart_and_says_who_has_a_token(cli: Any) -> None:
    cli("wall", "create", "harbour", "--name", "Harbour")
    for server in (CLOSED, "https://127.0.0.1:1", "https://127.0.0.1:2"):
        cli("follow", "#h26", "--on", server, "--wall", "harbour", "--anyway")
    cli.run("follow", "#h26", "--on", CLOSED, "--wall", "harbour", "--anyway", "--token-file", "-", answer="s3cret")
    assert [re.split(r" {2,}", line)[3] for line in cli("sources").splitlines()[1:4]] == [
        "#h26 on http://127.0.0.1:1, with a token",
        "#h26 on https://127.0.0.1:1",
        "#h26 on 127.0.0.1:2",
    ]
    assert [row["has_token"] for row in cli.json("sources")] == [True, False, False]


def test_sources_says_which_hashtag_has_never_been_used(cli: Any) -> None:
    cli.environment["BACKCHANNEL_ALLOW_HOSTS"] = "127.0.0.1"
    with MastodonServer() as server:
        server.post("Good morning", tags=["used"])
        for wall, tag in (("one", "#used"), ("one", "#unused"), ("two", "#used")):
            cli.run("wall", "create", wall, "--name", "Harbour", code=None)
            cli("follow", tag, "--on", server.url, "--wall", wall)
        notes = {1: "", 2: "", 3: ""}
        assert {row["id"]: row["note"] for row in cli.json("sources")} == notes  # asked for nothing yet
        cli("poll", "--once")
    sentence = "no posts with this hashtag on that server yet: check its spelling."
    assert {row["id"]: row["note"] for row in cli.json("sources")} == notes | {2: sentence}
    assert cli("sources").splitlines()[4:] == [f"source 2: {sentence}"]


def test_sources_says_once_what_troubles_several(cli: Any) -> None:
    cli("wall", "create", "harbour", "--name", "Harbour")
    for tag in ("#one", "#two"):
        cli("follow", tag, "--on", CLOSED, "--wall", "harbour", "--anyway")
    cli.run("poll", "--once", code=1)
    [one, two] = cli.json("sources")
    assert one["trouble"] == two["trouble"] != ""
    assert cli("sources").splitlines()[3:] == [f"sources 1, 2: {one['trouble']}"]
