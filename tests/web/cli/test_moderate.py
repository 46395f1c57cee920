"""Posts hidden, approved and withdrawn from the command line, by one key or several."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from typing import Any

import pytest

from aggregator.items.lookup import ItemNotFound
from aggregator.moderation.decisions import find_and_decide, hide
from aggregator.store.store import Store
from tests.aggregator.invented import KIM
from tests.conftest import ON_BOTH
from tests.wall_server import WallServer
from web.cli.live_client import from_server


@pytest.fixture
def said(cli: Any) -> Any:
    """One post on the wall `rehearsal`; returns its record."""
    cli.play({"text": "Fish at the quay"})
    return first(cli)


def first(cli: Any) -> Any:
    return cli.json("tail", "--wall", "rehearsal", "--count", "1", "-n", "1")


def test_hide_and_approve_take_a_post_off_the_wall_and_put_it_back(cli: Any, said: Any) -> None:
    key = said["key"]
    assert cli("hide", key, "--reason", "spam") == f"{key} on “rehearsal” is hidden.\n"
    assert cli.json("wall", "show", "rehearsal")["hidden"] == 1
    assert cli("approve", key) == f"{key} on “rehearsal” is live.\n"
    assert cli.json("wall", "show", "rehearsal")["live"] == 1
    assert first(cli)["seq"] == said["seq"] + 2


def test_hide_knows_a_post_by_its_address(cli: Any, said: Any) -> None:
    url = said["body"]["url"]
    [row] = cli.json("hide", url, "--wall", "rehearsal")
    assert [row] == [
        {
            "asked": url,
            "wall": "rehearsal",
            "id": said["key"],
            "state": "hidden",
            "changed": True,
            "entry": cli.json("audit")[0]["entry"],
            "trouble": "",
        }
    ]


def test_several_posts_are_decided_at_once(cli: Any) -> None:
    cli.play({"text": "one"}, {"text": "two"})
    keys = [row["key"] for row in map(json.loads, cli("tail", "--count", "2", "--json").splitlines())]
    assert cli("hide", *keys, keys[0]).splitlines() == [f"{key} on “rehearsal” is hidden." for key in keys]
    assert [row["changed"] for row in cli.json("approve", *keys)] == [True, True]


def test_a_key_that_cannot_be_decided_holds_up_no_other(cli: Any, said: Any) -> None:
    key = said["key"]
    done = cli.run("hide", "nothing", key, code=1)
    sentence = "There is no post “nothing” on any wall: give its short id, its URL, or the network's own id."
    assert (done.stdout, done.stderr) == (f"{key} on “rehearsal” is hidden.\n", f"{sentence}\n")
    rows = json.loads(cli.run("hide", "nothing", key, "--json", code=1).stdout)
    assert rows[0] == {"asked": "nothing", "changed": False, "trouble": sentence}
    assert (rows[1]["asked"], rows[1]["changed"]) == (key, False)


def test_withdraw_deletes_a_post_permanently(cli: Any, said: Any) -> None:
    key = said["key"]
    assert cli("withdraw", key, "--reason", "asked by its author", "--yes") == f"{key} on “rehearsal” is withdrawn.\n"
    assert cli.json("wall", "show", "rehearsal")["withdrawn"] == 1
    assert cli("withdraw", key, "--yes") == f"{key} on “rehearsal” is withdrawn already.\n"
    assert cli.refused("approve", key) == f"“{key}” is withdrawn, and cannot become live."


def test_withdraw_asks_first(cli: Any) -> None:
    cli.play({"text": "one"}, {"text": "two"})
    keys = cli("posts", "--keys").split()
    question = "Delete this post permanently, on every wall? This can't be undone. [y/N]: "
    refused = cli.run("withdraw", keys[0], answer="n\n", code=1)
    assert (refused.stdout, refused.stderr) == (f"{question}n\n", "Nothing was withdrawn.\n")
    unanswered = cli.run("withdraw", *keys, code=1)
    assert unanswered.stdout.startswith("Delete these 2 posts permanently, on every wall?")
    assert unanswered.stderr == "\nNothing was withdrawn. In scripts, add --yes.\n"
    assert cli.json("wall", "show", "rehearsal")["live"] == 2
    agreed = cli.run("withdraw", keys[0], "--json", answer="y\n")
    assert [row["state"] for row in json.loads(agreed.stdout.splitlines()[-1])] == ["withdrawn"]
    assert agreed.stderr.startswith(question.rstrip())
    assert cli.json("wall", "show", "rehearsal")["withdrawn"] == 1


def test_withdraw_asks_only_about_posts_that_there_are(cli: Any) -> None:
    cli.play({"text": "one"})
    [key] = cli("posts", "--keys").split()
    assert cli.refused("withdraw", "nonsense").startswith("There is no post “nonsense” on any wall: ")
    refused = cli.run("withdraw", "nonsense", key, answer="n\n", code=1)
    assert refused.stdout.startswith("Delete this post permanently")


def test_deciding_the_same_again_changes_nothing_and_says_so(cli: Any, said: Any) -> None:
    cli("hide", said["key"])
    assert cli("hide", said["key"]) == f"{said['key']} on “rehearsal” is hidden already.\n"
    assert cli.json("hide", said["key"])[0]["changed"] is False


def test_a_key_on_several_walls_needs_the_wall(cli: Any, said: Any) -> None:
    archive = str(cli.folder / "small.jsonl")
    started = cli.json("sources")[0]["options"]["started_at"]
    cli("wall", "create", "other", "--name", "Other")
    cli(*("follow", archive, "--wall", "other"), "--option", "rate=10000", "--option", f"started_at={started}")
    cli("poll", "--source", "2")
    sentence = f"“{said['key']}” is on several walls: choose one of other, rehearsal."
    assert cli.refused("hide", said["key"]) == sentence
    assert cli("hide", said["key"], "--wall", "other") == f"{said['key']} on “other” is hidden.\n"


def test_an_unknown_key_is_one_sentence_and_code_1(cli: Any) -> None:
    cli("wall", "create", "harbour", "--name", "Harbour")
    ending = ": give its short id, its URL, or the network's own id."
    assert cli.refused("approve", "nothing") == f"There is no post “nothing” on any wall{ending}"
    assert (
        cli.refused("hide", "nothing", "--wall", "harbour")
        == f"There is no post “nothing” on the wall “harbour”{ending}"
    )


@ON_BOTH
async def test_looking_for_a_post_waits_for_no_writer(store: Store) -> None:
    async with asyncio.timeout(30), store.write():
        with pytest.raises(ItemNotFound):
            await find_and_decide(store, hide, "https://quay.example/@ada/1", slug=None, by=KIM)


# --- authors ------------------------------------------------------------------------------------------------------


def test_an_author_is_hidden_and_approved_again(cli: Any, said: Any) -> None:
    assert cli("hide", "--author", "Ada@Quay.example", "--reason", "spam") == (
        "1 post of Ada@Quay.example hidden on “rehearsal”; future posts will be hidden, too.\n"
    )
    shown = cli.json("wall", "show", "rehearsal")
    assert (shown["hidden"], shown["hidden_authors"]) == (1, ["ada@quay.example"])
    assert "ada@quay.example" in cli("wall", "show", "rehearsal")
    assert cli("approve", "--author", "@ada@quay.example") == (
        "1 post of @ada@quay.example no longer hidden on “rehearsal”; future posts will be shown.\n"
    )
    assert cli.json("posts")[0]["state"] == "live"


def test_an_author_s_decision_is_told_to_scripts(cli: Any, said: Any) -> None:
    for verb, state in (("hide", "hidden"), ("approve", "live")):
        [row] = cli.json(verb, "--author", "@ada@quay.example")
        entry = cli.json("audit")[0]["entry"]
        assert row == {"author": "@ada@quay.example", "wall": "rehearsal", "posts": 1, "entry": entry, "state": state}


def test_an_unknown_author_is_one_sentence_that_names_close_ones(cli: Any, said: Any) -> None:
    assert cli.refused("hide", "--author", "@ada@key.example") == (
        "No post on any wall is by “@ada@key.example”: did you mean @ada@quay.example?"
    )
    assert cli.refused("approve", "--author", "@ada@quay.example") == (
        "Nobody called “@ada@quay.example” is hidden on any wall."
    )


@pytest.mark.parametrize("verb", ["hide", "approve"])
@pytest.mark.parametrize("given", [(), ("KEY", "--author", "@ada@quay.example")])
def test_keys_or_an_author_are_needed_and_not_both(cli: Any, verb: str, given: tuple[str, ...]) -> None:
    assert "Give the keys of posts, or one author with --author." in cli.run(verb, *given, code=2).stderr


async def test_open_pages_hear_at_once_that_an_author_is_hidden(cli: Any, wall_server: WallServer) -> None:
    wall_server.run("wall", "create", "hall", "--name", "The hall")
    wall_server.run("rehearse", cli.archive({"text": "Fish"}), "--wall", "hall", "--rate", "100", "--no-loop")
    async with aclosing(from_server(wall_server.url, "hall", 1, lambda _: None)) as records:
        async with asyncio.timeout(30):
            fish = await anext(record async for record in records if record.kind == "post")
        await asyncio.to_thread(wall_server.run, "hide", "--author", "@ada@quay.example")
        async with asyncio.timeout(30):
            gone = await anext(record async for record in records if record.key == fish.key and record.body is None)
    assert gone.seq > fish.seq
