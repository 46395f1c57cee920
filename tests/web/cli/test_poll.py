"""`poll`: one round, one source, or until stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.mastodon_server import MastodonServer

ROOT = Path(__file__).resolve().parents[3]


def test_poll_once_takes_what_is_due_and_then_nothing(cli: Any) -> None:
    cli("rehearse", cli.archive({"text": "one"}, {"text": "two"}), "--rate", "10000", "--no-loop")
    assert cli("poll", "--once") == "source 1: 2 new, 0 edited, 0 gone, 0 unreadable.\n"
    assert cli("poll", "--once") == "Nothing is due.\n"


def test_poll_source_asks_whether_it_is_due_or_not(cli: Any) -> None:
    cli.play({"text": "one"})
    assert cli.json("poll", "--source", "1") == [
        {"source": 1, "polled": True, "new": 0, "edited": 0, "gone": 0, "broken": [], "trouble": ""}
    ]
    assert cli.refused("poll", "--source", "7") == "There is no source 7: `backchannel sources` lists them."


def test_poll_source_goes_on_to_the_last_page(cli: Any) -> None:
    cli.play(*({"text": f"post {number}"} for number in range(501)))
    assert cli.json("wall", "show", "rehearsal")["live"] == 501


def test_poll_takes_what_was_deleted_off_the_wall(cli: Any) -> None:
    cli.environment["BACKCHANNEL_ALLOW_HOSTS"] = "127.0.0.1"
    with MastodonServer() as server:
        cli("wall", "create", "hall", "--name", "The hall")
        cli("follow", "#socitm09", "--on", server.url, "--wall", "hall")
        regretted, _ = (server.post(words, tags=["socitm09"]) for words in ("Regretted", "Meant"))
        assert cli("poll", "--once") == "source 1: 2 new, 0 edited, 0 gone, 0 unreadable.\n"
        server.delete(regretted)
        assert cli("poll", "--source", "1") == "source 1: 0 new, 0 edited, 1 gone, 0 unreadable.\n"


def test_poll_says_what_went_wrong(cli: Any) -> None:
    cli("rehearse", cli.archive({"text": "one"}))
    (cli.folder / "small.jsonl").unlink()
    failed = cli.run("poll", "--once", code=1)
    assert (failed.stdout, failed.stderr.count("\n")) == ("", 1)
    assert failed.stderr.startswith("source 1: Archive not found at")
    [row] = json.loads(cli.run("poll", "--source", "1", "--json", code=1).stdout)
    assert (row["polled"], f"source 1: {row['trouble']}\n") == (True, failed.stderr)


def test_poll_tells_of_sources_by_wall_and_number(cli: Any) -> None:
    for wall in ("two", "one"):
        cli("wall", "create", wall, "--name", "The hall")
    for tag, wall in (("#a", "one"), ("#b", "two"), ("#c", "one")):
        cli("follow", tag, "--on", "http://127.0.0.1:1", "--wall", wall, "--anyway")
    cli("follow", "#a", "--on", "http://127.0.0.1:1", "--wall", "one", "--anyway")  # due after the others now
    failed = cli.run("poll", "--once", code=1)
    assert [line.partition(":")[0] for line in failed.stderr.splitlines()] == ["source 2", "source 1", "source 3"]


def test_poll_is_well_as_long_as_one_source_is(cli: Any) -> None:
    cli("rehearse", cli.archive({"text": "one"}), "--rate", "10000", "--no-loop")
    (cli.folder / "small.jsonl").rename(cli.folder / "moved.jsonl")
    cli("rehearse", str(cli.folder / "moved.jsonl"), "--rate", "10000", "--no-loop", "--wall", "other")
    polled = cli.run("poll", "--once")
    assert polled.stdout == "source 2: 1 new, 0 edited, 0 gone, 0 unreadable.\n"
    assert polled.stderr.startswith("source 1: Archive not found at")


@pytest.mark.parametrize(("how", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_poll_goes_on_until_it_is_stopped(cli: Any, how: signal.Signals, code: int) -> None:
    cli("rehearse", cli.archive({"text": "one"}), "--rate", "10000", "--no-loop")
    environment = {name: value for name, value in (os.environ | cli.environment).items() if value is not None}
    interrupt = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"  # ignored by background jobs
    command = [sys.executable, "-c", f"{interrupt}; from web.cli import main; main()", "poll"]
    poller = subprocess.Popen(
        command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert poller.stderr is not None
    try:
        line = json.loads(poller.stderr.readline())
        assert (line["message"], line["new"]) == ("polled", 1)
    finally:
        poller.send_signal(how)
        out, err = poller.communicate(timeout=60)
    assert (out, poller.returncode) == ("", code), err
