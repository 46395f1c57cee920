"""The whole program: its help, its quick start, and missing libraries."""

from __future__ import annotations

import os
import pkgutil
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.main import get_group

import web.cli
from web.cli.commands import COMMANDS, Listed, real

ROOT = Path(__file__).resolve().parents[3]
HEAVY = {"alembic", "fastapi", "feedparser", "httpx", "nh3", "PIL", "rich", "sqlalchemy", "structlog", "uvicorn"}


MOST_OF_AN_EXAMPLE = 79
"""Characters of `- ` and a command in quotes that a terminal of 80 columns shows on one line."""


def run(*arguments: str, program: str = "from web.cli import main; main()", path: str = "") -> Any:
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_help_lists_every_command_with_its_summary(cli: Any) -> None:
    shown = " ".join(word for word in cli("--help").split() if word != "│")
    for listed in COMMANDS:
        assert f" {listed.name} {listed.summary} " in shown
    assert "<bool>" not in shown


@pytest.mark.parametrize("listed", COMMANDS, ids=lambda listed: listed.name)
def test_a_summary_is_how_the_command_itself_begins(cli: Any, listed: Listed) -> None:
    begins = real(listed.name).help[: len(listed.summary)]
    assert (" ".join(begins.split()), "Usage:" in cli(listed.name, "--help")) == (listed.summary, True)


def helps(command: Any, name: str) -> list[tuple[str, str]]:
    """The name and the text of a command, and of all below it."""
    below = getattr(command, "commands", {}).items()
    return [(name, command.help or ""), *(each for key, sub in below for each in helps(sub, f"{name} {key}"))]


HELPS = [each for listed in COMMANDS for each in helps(real(listed.name), listed.name)]


@pytest.mark.parametrize(("name", "text"), HELPS, ids=[name for name, _ in HELPS])
def test_a_help_has_its_examples_one_a_line_and_no_types_of_python(cli: Any, name: str, text: str) -> None:
    examples = [line for line in text.partition("For example")[2].splitlines()[1:] if line]
    assert [line for line in examples if not re.fullmatch(r"`backchannel .+`", line)] == []
    assert bool(examples) == ("For example" in text)
    assert [line for line in examples if len(line) > MOST_OF_AN_EXAMPLE] == []
    shown = cli(*name.split(), "--help")
    assert re.findall(r"<(?:bool|str|int|float|list|path|\w+ range)\b[^>]*>", shown) == []
    assert re.findall(r"[•{}]", shown) == [], "an example couldn't be copied"


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (["unfollow", "abc"], "Invalid value for 'ID': it must be a whole number, such as 3."),
        (
            ["wall", "mode", "hall", "moderated"],
            "Invalid value for 'MODE': 'moderated' is not one of 'open', 'trusted', 'approve'.",
        ),
        (
            ["wall", "create", "x", "--name", "X", "--mode", "shut"],
            "'shut' is not one of 'open', 'trusted', 'approve'.",
        ),
        (["posts", "--limit", "many"], "it must be a whole number, such as 3."),
        (["rehearse", "--rate", "fast"], "it must be a number, such as 2.5."),
        (
            ["follow", "--wall", "hall"],
            "Missing argument 'TEXT'. Quote hashtags, which begin a comment in the shell: '#tag'.",
        ),
        (["follow", "fish"], "Missing option '--wall' / '-w'."),
    ],
)
def test_usage_errors_are_in_our_own_words(cli: Any, command: list[str], sentence: str) -> None:
    told = " ".join(word for word in cli.run(*command, code=2).stderr.split() if word != "│")
    assert sentence in told
    assert not re.search("Input should|Value error|unable to parse", told)


def test_every_command_that_a_module_brings_is_listed() -> None:
    brought: set[tuple[str, str]] = set()
    for found in pkgutil.iter_modules(web.cli.__path__):
        module, alone = import_module(f"web.cli.{found.name}"), typer.Typer()
        if hasattr(module, "install"):
            module.install(alone)
            brought |= {(found.name, name) for name in get_group(alone).commands}
    assert brought == {(listed.module, listed.name) for listed in COMMANDS}


def test_the_list_of_commands_imports_nothing_that_they_stand_on() -> None:
    done = run(program=f"import sys, web.cli.commands; print(sorted({HEAVY} & sys.modules.keys()))")
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_a_command_imports_no_server_when_it_starts_none() -> None:
    heavy = {"fastapi", "uvicorn", "PIL", "httpx", "feedparser"}
    done = run(
        program=f"""
import sys
from web.cli.commands import real
for name in ("walls", "wall"):
    real(name)
print(sorted({heavy} & sys.modules.keys()))
"""
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_a_command_that_is_not_there_is_told_with_those_of_like_names(cli: Any) -> None:
    refused = cli.run("wal", code=2).stderr
    assert "No such command 'wal'." in refused
    assert "'wall', 'walls'" in refused


def test_without_a_command_there_is_help(cli: Any) -> None:
    assert "Usage:" in cli.run(code=2).output


def test_version_is_printed(cli: Any) -> None:
    assert cli("--version").startswith("backchannel ")


def test_a_missing_library_is_a_sentence_and_no_traceback(tmp_path: Path) -> None:
    """A missing `typer`: a fake one, first on the path, raises what Python would."""
    (tmp_path / "typer.py").write_text("raise ModuleNotFoundError('No module named typer', name='typer')")
    done = run("walls", path=str(tmp_path))
    sentence = "Module not found: “typer”. Install Backchannel again (pip install .).\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", sentence)


def test_ctrl_c_while_the_libraries_are_read_is_code_130_and_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "typer.py").write_text("raise KeyboardInterrupt")
    done = run("walls", path=str(tmp_path))
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_ctrl_c_while_a_command_is_read_is_code_130_and_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "sqlmodel.py").write_text("raise KeyboardInterrupt")
    done = run("walls", path=str(tmp_path))
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
