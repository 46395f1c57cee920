"""What `tail` prints of a wall, wherever it reads it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.wall_server import WallServer
from web.cli.stream import Record
from web.cli.tail import draw

ROOT = Path(__file__).resolve().parents[3]
LONDON = ZoneInfo("Europe/London")


def post(**body: Any) -> Record:
    author = {"name": "Ada", "handle": "@ada@quay.example"}
    return Record(7, "post", "abc", "2026-07-12T09:30:00.000000Z", {"author": author, **body})


def test_tail_reads_the_store_without_a_server(cli: Any) -> None:
    cli.play({"text": "Fish at the quay"}, {"text": "And chips"})
    lines = cli("tail", "--count", "2").splitlines()
    assert [line.strip() for line in lines[1::2]] == ["Fish at the quay", "And chips"]
    assert [line.split("  ")[1:3] for line in lines[::2]] == [["Ada", "@ada@quay.example"]] * 2


def test_tail_needs_to_know_which_wall(cli: Any) -> None:
    assert cli.refused("tail") == "There are no walls yet: make one first."
    cli("wall", "create", "one", "--name", "One")
    cli("wall", "create", "two", "--name", "Two")
    assert cli.refused("tail") == "Say which wall: add --wall with one of one, two."
    assert cli.refused("tail", "--wall", "three") == "There is no wall “three”: there are one, two."
    assert cli.refused("tail", "--url", "http://localhost:8000") == "Say which wall: add --wall SLUG."


def test_tail_says_what_a_server_s_address_is(cli: Any) -> None:
    assert cli.refused("tail", "--url", "nonsense", "--wall", "hall") == (
        "“nonsense” is no server's address: give one such as http://localhost:8000."
    )


def test_tail_ends_with_a_sentence_when_its_wall_is_removed(cli: Any) -> None:
    cli.play({"text": "one"})
    with started(cli, "tail", "--json", stdout=subprocess.PIPE) as tail:
        assert tail.stdout is not None
        assert json.loads(tail.stdout.readline())["kind"] == "post"
        cli("wall", "remove", "rehearsal", "--yes")
        rest, err = tail.communicate(timeout=30)
    assert (tail.returncode, rest, err.decode()) == (1, b"", "The wall “rehearsal” is no longer there.\n")


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


def test_a_post_is_drawn_with_its_author_and_its_words_in_the_wall_s_own_time() -> None:
    media = [{"kind": "image", "alt": "A gull"}, {"kind": "video"}]
    drawn = draw(post(title="Low tide", html="<p>Fish &amp; chips</p><p>at six</p>", media=media), LONDON)
    assert drawn.plain.splitlines() == [
        "10:30  Ada  @ada@quay.example  abc",
        "       Low tide",
        "       Fish & chips",
        "       at six",
        "       [image] A gull",
        "       [video]",
    ]


def test_a_content_warning_hides_the_words() -> None:
    assert draw(post(warning="spoilers", html="<p>The gull did it</p>"), LONDON).plain.splitlines() == [
        "10:30  Ada  @ada@quay.example  abc",
        "       [spoilers]",
    ]


def test_foreign_words_cannot_steer_the_terminal() -> None:
    drawn = draw(post(html="<p>a\x1b[2Jb\u202ec\x9bd [bold]e[/bold]</p>"), LONDON).plain
    assert drawn.splitlines()[1] == "       a[2Jbcd [bold]e[/bold]"


@pytest.mark.parametrize(
    ("record", "line"),
    [
        (Record(8, "post", "abc", "2026-07-12T09:30:00.000000Z", None), "abc  taken away"),
        (Record(9, "wall", "wall", "1970-01-01T00:00:00.000000Z", {}), "wall wall  changed"),
    ],
)
def test_what_is_no_post_is_one_line(record: Record, line: str) -> None:
    assert draw(record, None).plain == line


def test_tail_ends_quietly_when_its_reader_has_read_enough(cli: Any) -> None:
    cli.play({"text": "one"}, {"text": "two"}, {"text": "three"})
    reading, writing = os.pipe()
    with started(cli, "tail", "--count", "3", "--json", stdout=writing) as tail:
        os.close(writing)
        os.close(reading)
        _, err = tail.communicate(timeout=30)
    assert (tail.returncode, err) == (1, b"")
