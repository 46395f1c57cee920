"""Sources followed, listed with their health, and unfollowed from the command line."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from aggregator.store import Store
from aggregator.walls.tables import Source
from aggregator.walls.verbs import end


@pytest.fixture
def harbour(cli: Any) -> Any:
    cli("wall", "create", "harbour", "--name", "Harbour")
    return cli


def test_follow_takes_a_hashtag_on_several_servers(harbour: Any) -> None:
    said = harbour("follow", "#h26", "--wall", "harbour", "--on", "one.example", "--on", "http://127.0.0.1:8080")
    assert said.splitlines() == [
        "“harbour” follows #h26 on one.example (source 1).",
        "“harbour” follows #h26 on 127.0.0.1:8080 (source 2).",
    ]
    servers = [(row["kind"], row["value"], row["server"]) for row in harbour.json("sources")]
    assert servers == [("hashtag", "h26", "https://one.example"), ("hashtag", "h26", "http://127.0.0.1:8080")]


def test_follow_takes_an_account_by_name_or_page_and_a_feed_by_address(harbour: Any) -> None:
    for text in ("@ada@quay.example", "https://quay.example/@bea", "https://quay.example/blog"):
        harbour("follow", text, "--wall", "harbour")
    assert [(row["network"], row["kind"], row["value"]) for row in harbour.json("sources")] == [
        ("mastodon", "account", "ada@quay.example"),
        ("mastodon", "account", "bea@quay.example"),
        ("feeds", "feed", "https://quay.example/blog"),
    ]


def test_follow_can_be_told_the_network(harbour: Any) -> None:
    [row] = harbour.json("follow", "https://quay.example/@bea", "--network", "feeds", "--wall", "harbour")
    assert (row["network"], row["value"]) == ("feeds", "https://quay.example/@bea")


def test_follow_keeps_options_and_shows_them_without_their_secrets(harbour: Any) -> None:
    arguments = ["follow", "#h26", "--wall", "harbour", "--on", "one.example"]
    [row] = harbour.json(
        *arguments,
        *("--any", "#Quay", "--any", "pier", "--all", "sea", "--none", "spam"),
        *("--token", "s3cret", "--option", "only_media=true"),
    )
    options = {"any": ["quay", "pier"], "all": ["sea"], "none": ["spam"], "only_media": True}
    assert row["options"] == options
    assert "s3cret" not in harbour("sources", "--json")
    [again] = harbour.json(*arguments)
    assert (again["id"], again["options"]) == (row["id"], {})


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["#h26"], "Name a server to follow “#h26” on, such as mastodon.social."),
        (
            ["https://quay.example/blog", "--on", "one.example"],
            (
                "“https://quay.example/blog” cannot be followed on “one.example”: leave the server out,"
                " or name it as host.example."
            ),
        ),
        (
            ["#h26", "--on", "not a server"],
            "“not a server” is no server: name one such as mastodon.social, or as http://127.0.0.1:8080.",
        ),
        (
            ["?"],
            (
                "“?” is nothing that can be followed: give something like #socitm09 or @socitm@mastodon.example"
                " or https://conference.example/news.xml or rehearsal:harbour."
            ),
        ),
        (["#h26", "--network", "nets"], "There is no network “nets”: choose one of feeds, mastodon, rehearsal."),
        (
            ["https://quay.example/blog", "--token", "t"],
            "Web feed cannot take the option token like this: it has these: none.",
        ),
        (
            ["#h26", "--on", "one.example", "--any", "12"],
            (
                "Mastodon cannot take the option any like this: “12” is no hashtag: letters, digits and _ only,"
                " and not digits alone."
            ),
        ),
    ],
)
def test_follow_says_what_to_type_instead(harbour: Any, arguments: list[str], sentence: str) -> None:
    assert harbour.refused("follow", *arguments, "--wall", "harbour") == sentence
    assert harbour.json("sources") == []


def test_follow_follows_nothing_when_one_server_of_several_is_wrong(harbour: Any) -> None:
    harbour.refused("follow", "#h26", "--wall", "harbour", "--on", "one.example", "--on", "no server")
    assert harbour.json("sources") == []


def test_follow_looks_at_once_whether_an_archive_is_there(harbour: Any) -> None:
    assert harbour.refused("follow", "rehearsal:nosuch", "--wall", "harbour").startswith("There is no archive at “")
    assert harbour.json("sources") == []
    assert harbour("follow", "rehearsal:harbour", "--wall", "harbour") == "“harbour” follows harbour (source 1).\n"


def test_follow_wants_options_as_pairs(harbour: Any) -> None:
    usage = harbour.run("follow", "#h26", "--wall", "harbour", "--option", "only_media", code=2)
    assert "“only_media” is not NAME=VALUE." in usage.stderr


def test_sources_says_how_to_begin(cli: Any) -> None:
    assert cli("sources") == "Nothing is followed yet: see backchannel follow --help.\n"


def test_sources_shows_the_health_of_each(cli: Any) -> None:
    cli("wall", "create", "harbour", "--name", "Harbour")
    cli("follow", "#h26", "--on", "one.example", "--wall", "harbour")
    cli.play({"text": "one"}, {"text": "two"})
    heading, new, played = cli("sources").splitlines()
    assert heading.split("  ")[0] == "id"
    assert new.split() == ["1", "harbour", "#h26", "on", "one.example", "never", "now", "0", "new"]
    assert played.split()[-2:] == ["2", "well"]
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


def test_sources_says_how_many_entries_could_not_be_read(cli: Any) -> None:
    archive = cli.archive({"text": "one"}, {"text": "two"})
    with (cli.folder / "small.jsonl").open("a", encoding="utf-8") as file:
        file.write("[]\n")
    cli("rehearse", archive, "--rate", "10000", "--no-loop")
    assert cli("poll", "--once") == "source 1: 2 new, 0 edited, 0 gone, 1 unreadable.\n"
    _, line, reason = cli("sources").splitlines()
    assert line.split()[-2:] == ["2", "well"]
    assert reason == "source 1: 1 entry could not be read; the rest is on the wall."


def test_sources_shows_what_has_ended_by_itself_until_it_is_unfollowed(cli: Any) -> None:
    cli("wall", "create", "harbour", "--name", "Harbour")
    cli("follow", "https://quay.example/news.xml", "--wall", "harbour")

    async def over() -> None:
        store = Store(f"sqlite:///{cli.folder}/data/backchannel.db")
        async with store.write() as session:
            await end(session, await session.get_one(Source, 1), "The feed is gone.")
        await store.close()

    asyncio.run(over())
    _, row, reason = cli("sources").splitlines()
    assert (row.split()[-2:], row.count("never"), reason) == (["0", "ended"], 2, "source 1: The feed is gone.")
    sentence = "Source 1 has ended: follow it again to try it once more. The feed is gone."
    assert cli.refused("poll", "--source", "1") == sentence
    cli("unfollow", "1")
    assert cli.json("sources") == []


def test_unfollow_leaves_the_posts(cli: Any) -> None:
    cli.play({"text": "one"})
    followed = str(cli.folder / "small.jsonl")
    assert cli("unfollow", "1") == f"“rehearsal” no longer follows {followed}; what it brought stays.\n"
    assert cli.json("sources") == []
    [row] = cli.json("sources", "--all")
    assert (row["id"], row["ended_at"] is None) == (1, False)
    assert cli("sources", "--all").splitlines()[1].split()[-3:] == ["never", "1", "ended"]
    assert cli.json("wall", "show", "rehearsal")["live"] == 1
    assert cli.refused("unfollow", "1") == "There is no source 1: `backchannel sources` lists them."


def test_unfollow_and_poll_know_no_source_of_a_number_beyond_all_measure(cli: Any) -> None:
    number = "9" * 23
    sentence = f"There is no source {number}: `backchannel sources` lists them."
    assert cli.refused("unfollow", number) == sentence
    assert cli.refused("poll", "--source", number) == sentence
