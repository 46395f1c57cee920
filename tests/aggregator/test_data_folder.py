"""The default data folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from aggregator.data_folder import OF_THE_SYSTEM, OWN_ROOT, choose, default_folder, is_checkout

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
