from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.moment import now
from tests.postgres import Postgres
from web.cli.command import ago, ahead, harmless, span

COMMANDS = (
    *("serve", "walls", "wall", "follow", "sources", "unfollow"),
    *("hide", "approve", "withdraw", "poll", "tail", "rehearse", "doctor"),
)
ROOT = Path(__file__).resolve().parents[3]


def test_help_lists_every_command_and_each_explains_itself(cli: Any) -> None:
    listed = cli("--help")
    for command in COMMANDS:
        assert f" {command} " in listed
        assert cli(command, "--help").strip()


def test_without_a_command_there_is_help(cli: Any) -> None:
    assert "Usage:" in cli.run(code=2).output


def test_version_is_told(cli: Any) -> None:
    assert cli("--version").startswith("backchannel ")


def test_bad_settings_are_told_one_sentence_each(cli: Any) -> None:
    cli.environment |= {"BACKCHANNEL_PORT": "eighty", "BACKCHANNEL_LOG_LEVEL": "loud"}
    assert cli.refused("walls").splitlines() == [
        "BACKCHANNEL_PORT: it should be a valid integer.",
        "BACKCHANNEL_LOG_LEVEL: it should be 'debug', 'info', 'warning' or 'error'.",
    ]


def test_a_database_that_is_away_is_told_in_one_sentence(cli: Any) -> None:
    cli.environment["BACKCHANNEL_DATABASE_URL"] = "postgresql://wall:s3cret@127.0.0.1:1/wall"
    for command in (["walls"], ["poll", "--once"], ["serve"]):
        sentence = cli.refused(*command)
        assert sentence.startswith("The database cannot be used (")
        assert sentence.endswith("): `backchannel doctor` looks closer.")
        assert "\n" not in sentence
        assert "s3cret" not in sentence


def test_a_database_that_does_not_exist_is_told_in_one_sentence(cli: Any, postgres: Postgres) -> None:
    cli.environment["BACKCHANNEL_DATABASE_URL"] = postgres.url("nobody_made_it")
    assert cli.refused("walls") == (
        'The database cannot be used (database "nobody_made_it" does not exist): `backchannel doctor` looks closer.'
    )
    assert 'database "nobody_made_it" does not exist' in cli.run("doctor", code=1).stdout


def test_a_data_folder_that_cannot_be_made_is_told_in_one_sentence(cli: Any) -> None:
    (cli.folder / "data").write_text("a file")
    assert cli.refused("walls").startswith("The database cannot be used (")


def test_a_database_from_the_future_is_told_in_one_sentence(cli: Any) -> None:
    cli("walls")
    change = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2]); c.commit(); c.close()"
    file = str(cli.folder / "data" / "backchannel.db")
    subprocess.run(
        [sys.executable, "-c", change, file, "UPDATE alembic_version SET version_num = '9999'"], check=True, timeout=20
    )
    assert cli.refused("walls").startswith("The database is at version 9999, which this Backchannel does not know.")


def test_a_missing_library_is_a_sentence_and_no_traceback(tmp_path: Path) -> None:
    """A `typer` that is not there: found first on the path, it says of itself what Python would."""
    (tmp_path / "typer.py").write_text("raise ModuleNotFoundError('No module named typer', name='typer')")
    done = subprocess.run(
        [sys.executable, "-c", "from web.cli import main; main()", "walls"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    sentence = "The Python package of “typer” is missing: install Backchannel again (pip install .).\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", sentence)


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0.4, "0 s"), (59.9, "59 s"), (60, "1 min"), (7200, "2 h"), (200_000, "2 d")]
)
def test_span_is_the_largest_unit_that_fits(seconds: float, shown: str) -> None:
    assert span(seconds) == shown


def test_ago_and_ahead_are_seen_from_now() -> None:
    assert ago(None) == "never"
    assert ago(now() - timedelta(minutes=5)) == "5 min ago"
    assert ahead(now() - timedelta(minutes=5)) == "now"
    assert ahead(now() + timedelta(minutes=5, seconds=1)) == "in 5 min"


def test_harmless_keeps_words_of_every_script_and_drops_what_steers() -> None:
    kept = "Grüße, مرحبا, 会議 👩‍🚀\n\tnext"
    assert harmless(kept) == kept
    assert harmless("a\x07b\x1b]0;c\u2066d\r") == "ab]0;cd"
