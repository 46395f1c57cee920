"""Where the data lie by default: beside the code in a checkout of Backchannel, else where the system has its data."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path

NAME = "backchannel"
IN_A_CHECKOUT = "var"
OF_THE_SYSTEM = Path("/var/lib") / NAME
OWN_ROOT = Path(__file__).resolve().parent.parent
"""The folder that holds this very package: a checkout, or the site-packages of an installation."""


def default_folder() -> Path:
    """For this process."""
    return choose(Path.cwd(), OWN_ROOT, os.environ, is_root=os.geteuid() == 0)


def choose(here: Path, own_root: Path, environment: Mapping[str, str], *, is_root: bool) -> Path:
    """`var` of the checkout in which we are, or from which we run; else the machine's folder, or the user's (XDG)."""
    for folder in (here, own_root):
        if is_checkout(folder):
            return folder.absolute() / IN_A_CHECKOUT
    if is_root:
        return OF_THE_SYSTEM
    named = Path(environment.get("XDG_DATA_HOME", ""))
    home = named if named.is_absolute() else Path.home() / ".local" / "share"  # as the XDG specification has it
    return home / NAME


def is_checkout(folder: Path) -> bool:
    """Whether it has a pyproject.toml of a project called backchannel."""
    try:
        with (folder / "pyproject.toml").open("rb") as file:
            project = tomllib.load(file).get("project")
    except (OSError, ValueError):
        return False
    return isinstance(project, dict) and project.get("name") == NAME
