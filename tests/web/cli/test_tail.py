"""`tail`: its output, from a server or the database."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.wall_server import WallServer
from web.cli.live_client import Record
from web.cli.tail import print_records

ROOT = Path(__file__).resolve().parents[3]


def test_tail_reads_the_store_without_a_server(cli: Any) -> None:
    cli.play({"text": "Fish at the quay"}, {"text": "And chips"})
    lines = cli("tail", "--count", "2").splitlines()
    assert [line.strip() for line in lines[1::2]] == ["Fish at the quay", "And chips"]
    assert [line.split("  ")[1:3] for line in lines[::2]] == [["Ada", "@ada@quay.example"]] * 2


def test_tail_says_that_it_waits(cli: Any) -> None:
    cli.play({"text": "one"})
    assert cli.run("tail", "--count", "1").stderr == "(new posts on “Small Talk” appear here, until Ctrl-C)\n"
    assert cli.run("tail", "--count", "1", "--json").stderr == ""


def test_tail_needs_to_know_which_wall(cli: Any) -> None:
    cli("wall", "create", "one", "--name", "One")
    cli("wall", "remove", "one", "--yes")
    assert cli.refused("tail") == "There are no walls yet: create one first."
    cli("wall", "create", "one", "--name", "One")
    cli("wall", "create", "two", "--name", "Two")
    assert cli.refused("tail") == "Which wall? Add --wall with one of one, two."
    assert cli.refused("tail", "--wall", "three") == "There is no wall “three” (known: one, two)."
    assert cli.refused("tail", "--url", "http://localhost:8000") == "Which wall? Add --wall SLUG."


def test_tail_says_what_a_server_s_address_is(cli: Any) -> None:
    assert cli.refused("tail", "--url", "nonsense", "--wall", "hall") == (
        "“nonsense” isn't a server's URL. Try one such as http://localhost:8000."
    )


def test_tail_ends_with_a_sentence_when_its_wall_is_removed(cli: Any) -> None:
    cli.play({"text": "one"})
    with started(cli, "tail", "--json", stdout=subprocess.PIPE) as tail:
        assert tail.stdout is not None
        assert json.loads(tail.stdout.readline())["kind"] == "post"
        cli("wall", "remove", "rehearsal", "--yes")
        rest, err = tail.communicate(timeout=60)
    assert (tail.returncode, rest, err.decode()) == (1, b"", "The wall “rehearsal” has been removed.\n")


def started(cli: Any, *arguments: str, stdout: int) -> subprocess.Popen[bytes]:
    environment = {name: value for name, value in (os.environ | cli.environment).items() if value is not None}
    command = [sys.executable, "-c", "from web.cli import main; main()", *arguments]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=stdout, stderr=subprocess.PIPE)


def test_tail_reads_a_running_server(cli: Any, wall_server: WallServer) -> None:
    wall_server.run("wall", "create", "hall", "--name", "The hall")
    wall_server.run("rehearse", cli.archive({"text": "Fish"}, {"text": "Chips"}), "--wall", "hall", "--rate", "2")
    shown = cli("tail", "--url", f"{wall_server.url}/w/hall", "--count", "2", "--json").splitlines()
    assert [json.loads(line)["body"]["author"]["name"] for line in shown] == ["Ada", "Ada"]
    told = cli("tail", "--url", wall_server.url, "--wall", "hall", "--count", "1")
    assert told.splitlines()[1].strip() in {"Fish", "Chips"}


def test_tail_ends_quietly_when_its_reader_has_read_enough(cli: Any) -> None:
    cli.play({"text": "one"}, {"text": "two"}, {"text": "three"})
    reading, writing = os.pipe()
    with started(cli, "tail", "--count", "3", "--json", stdout=writing) as tail:
        os.close(writing)
        os.close(reading)
        _, err = tail.communicate(timeout=60)
    assert (tail.returncode, err) == (1, b"")


async def test_tail_prints_a_post_again_only_if_its_words_change(capsys: pytest.CaptureFixture[str]) -> None:
    """Three records of one post: it came, it got its picture, it was edited."""
    author = {"name": "Ada", "handle": "@ada@quay.example"}
    bodies: list[dict[str, Any]] = [{"html": "Fish"}, {"html": "Fish", "media": []}, {"html": "Chips"}]

    async def records() -> AsyncGenerator[Record]:
        for seq, body in enumerate(bodies, 1):
            yield Record(seq, "post", "abc", "2026-07-12T09:30:00.000000Z", {"author": author, **body})

    await print_records(records(), 2, ZoneInfo("UTC"), as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert [line.strip() for line in lines[2::2]] == ["Fish", "Chips"]
    await print_records(records(), 2, None, as_json=True)
    assert [json.loads(line)["seq"] for line in capsys.readouterr().out.splitlines()] == [1, 2]
