"""The data folder: where it lies by default, and who may read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from aggregator.data_folder import OF_THE_SYSTEM, OWN_ROOT, choose, default_folder, is_checkout, keep_private

XDG = {"XDG_DATA_HOME": "/home/kim/data"}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    folder.mkdir()
    (folder / "pyproject.toml").write_text('[project]\nname = "backchannel"\n')
    return folder


def test_in_a_checkout_the_data_lie_beside_the_code(tmp_path: Path, checkout: Path) -> None:
    for is_root in (False, True):
        assert choose(checkout, tmp_path, XDG, is_root=is_root) == checkout / "var"
        assert choose(tmp_path, checkout, XDG, is_root=is_root) == checkout / "var"


def test_elsewhere_the_data_lie_where_the_user_has_data(tmp_path: Path) -> None:
    assert choose(tmp_path, tmp_path, XDG, is_root=False) == Path("/home/kim/data/backchannel")
    home = Path.home() / ".local" / "share" / "backchannel"
    assert choose(tmp_path, tmp_path, {}, is_root=False) == home
    assert choose(tmp_path, tmp_path, {"XDG_DATA_HOME": "relative"}, is_root=False) == home


def test_the_data_of_root_are_the_system_s(tmp_path: Path) -> None:
    assert choose(tmp_path, tmp_path, XDG, is_root=True) == OF_THE_SYSTEM


@pytest.mark.parametrize(
    "text", ["", "not [ toml", '[project]\nname = "another"', 'project = "backchannel"', "[tool.poetry]"]
)
def test_another_project_is_no_checkout(tmp_path: Path, text: str) -> None:
    assert not is_checkout(tmp_path)
    (tmp_path / "pyproject.toml").write_text(text)
    assert not is_checkout(tmp_path)


def test_this_checkout_is_one() -> None:
    assert is_checkout(OWN_ROOT)
    assert default_folder().is_absolute()


def folder_of_an_earlier_version(folder: Path) -> Path:
    """A data folder that others may read."""
    folder.mkdir()
    (folder / "media").mkdir(mode=0o755)
    for name in ("backchannel.db", "backchannel.db-wal", "secret.key"):
        (folder / name).touch()
    for path in (folder, folder / "media"):
        path.chmod(0o755)
    for path in folder.glob("*.*"):
        path.chmod(0o644)
    return folder


def modes(*paths: Path) -> list[str]:
    return [f"{path.stat().st_mode & 0o777:o}" for path in paths]


def test_folder_of_an_earlier_version_is_closed_to_others(tmp_path: Path) -> None:
    folder = folder_of_an_earlier_version(tmp_path / "data")
    keep_private(folder)
    assert modes(folder, folder / "media", *sorted(folder.glob("*.*"))) == ["700", "700", "600", "600", "600"]


def test_folder_with_other_files_keeps_its_own_mode(tmp_path: Path) -> None:
    folder = folder_of_an_earlier_version(tmp_path / "data")
    (folder / "notes.txt").touch()
    (folder / "notes.txt").chmod(0o644)
    keep_private(folder)
    assert modes(folder, folder / "notes.txt", folder / "backchannel.db") == ["755", "644", "600"]


def test_link_in_the_folder_leads_nowhere(tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    target.touch()
    target.chmod(0o644)
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "secret.key").symlink_to(target)
    keep_private(folder)
    keep_private(tmp_path / "missing")
    assert modes(target) == ["644"]
