"""The command line with its own data folder and no other settings."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tests.conftest import Copies
from tests.logs import kept_logging
from web.cli.commands import app


class CommandLine:
    """`cli("walls")` runs a command, which must end with `code`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment: dict[str, str | None] = {
            name: None for name in os.environ if name.startswith("BACKCHANNEL_")
        } | {"BACKCHANNEL_DATA_DIR": str(folder / "data"), "COLUMNS": "200", "TZ": "UTC"}

    def run(self, *arguments: str, code: int | None = 0, answer: str = "") -> Result:
        """Run a command, with any exit code if `code` is None; `answer` is the input for its questions."""
        result = CliRunner(env=self.environment).invoke(app, arguments, input=answer)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert code in {None, result.exit_code}, result.output
        return result

    def __call__(self, *arguments: str) -> str:
        return self.run(*arguments).stdout

    def json(self, *arguments: str) -> Any:
        return json.loads(self(*arguments, "--json"))

    def refused(self, *arguments: str) -> str:
        """The one sentence on standard error of a failing command."""
        result = self.run(*arguments, code=1)
        assert result.stdout == ""
        return result.stderr.rstrip("\n")

    def archive(self, *posts: dict[str, Any]) -> str:
        """A small conference archive, all of it due at once."""
        ada = {
            "act": "person",
            "id": "ada",
            "name": "Ada",
            "handle": "@ada@quay.example",
            "url": "https://quay.example/@ada",
        }
        header = {"archive": 1, "name": "Small Talk", "hashtag": "#small", "time_zone": "Europe/London"}
        acts = [
            {"act": "post", "t": number, "by": "ada", "id": f"p{number}"} | post for number, post in enumerate(posts)
        ]
        file = self.folder / "small.jsonl"
        file.write_text("".join(json.dumps(line) + "\n" for line in [header, ada, *acts]), encoding="utf-8")
        return str(file)

    def play(self, *posts: dict[str, Any]) -> None:
        """Play these posts on the wall `rehearsal`."""
        source = self.json("rehearse", self.archive(*posts), "--rate", "10000", "--no-loop")["source"]
        [polled] = self.json("poll", "--source", str(source))
        assert polled["new"] == len(posts), polled


@pytest.fixture
def cli(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CommandLine]:
    """The commands with an empty database; before any command has run, for a test marked `new_machine`."""
    if request.node.get_closest_marker("new_machine") is None:
        copies: Copies = request.getfixturevalue("copies")
        copies.put(tmp_path / "data")
    with kept_logging():
        yield CommandLine(tmp_path)
