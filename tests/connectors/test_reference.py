"""docs/connectors.md: generated from declarations, and never stale."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict, Field

from connectors.__main__ import main
from connectors.contract import Address, Connector, Kind, Page
from connectors.http.client import Http
from connectors.reference import reference_page


class Bells(BaseModel):
    model_config = ConfigDict(extra="forbid")

    tower: str = Field(title="Tower", description="Which | tower.")
    loud: bool = Field(default=True, title="Loud", description="Heard far away")
    names: list[str] = Field(default=[], title="Names", description="Of bells")


class Carillon(Connector):
    name = "carillon"
    label = "Carillon"
    kinds = (Kind(name="hour", label="Hour", example="hour:12", needs_server=True),)
    options = Bells
    min_interval = 1.5
    quiet_after = 7200.0

    def recognise(self, text: str, on: str = "") -> Address | None:
        return None

    async def poll(self, http: Http, source: Address, cursor: str) -> Page:
        return Page()

    def stream_key(self, source: Address) -> str:
        return "hours"


OPTIONS = """\
| field | what | default |
| --- | --- | --- |
| `tower` | Tower: Which \\| tower | required |
| `loud` | Loud: Heard far away | `true` |
| `names` | Names: Of bells |  |"""


def test_chapter_tells_what_is_declared() -> None:
    page = reference_page({"carillon": Carillon()})
    overview, _, rest = page.partition("## Carillon\n")
    chapter, _, _ = rest.partition("## Writing a connector")
    assert overview.splitlines()[-2] == "| Carillon | `carillon` | hour | 1.5 s | 2 hours |"
    assert chapter.strip().split("\n\n") == [
        "docs/connectors.md: generated from declarations, and never stale.",
        "| kind | what | example | needs a server |\n| --- | --- | --- | --- |\n| `hour` | Hour | `hour:12` | yes |",
        "Options:",
        OPTIONS,
        "It listens as well as polls.",
    ]


def test_page_is_printed_written_and_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "connectors.md"
    assert main([]) == 0
    printed = capsys.readouterr().out
    assert main(["--check", str(path)]) == 1
    assert main([str(path)]) == 0
    assert path.read_text() == printed
    assert main(["--check", str(path)]) == 0
    path.write_text(printed + "more")
    assert main(["--check", str(path)]) == 1
    stale = f"{path} is stale: run `python -m connectors {path}`.\n"
    assert capsys.readouterr().err == stale * 2


def test_the_page_in_the_docs_is_fresh() -> None:
    assert main(["--check", str(Path(__file__).parents[2] / "docs" / "connectors.md")]) == 0


def test_program_ends_with_the_answer() -> None:
    command = [sys.executable, "-m", "connectors", "--check", "docs/connectors.md"]
    assert subprocess.run(command, cwd=Path(__file__).parents[2], check=False).returncode == 0
