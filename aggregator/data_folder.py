"""The default data folder: in a checkout of Backchannel the folder `var`, elsewhere the system's place for data."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path

NAME = "backchannel"
CHECKOUT_FOLDER = "var"
OF_THE_SYSTEM = Path("/var/lib") / NAME
OWN_ROOT = Path(__file__).resolve().parent.parent
"""The folder that holds this package: a checkout, or the site-packages of an installation."""


def default_folder() -> Path:
    """Return the default data folder of this process."""
    return choose(Path.cwd(), OWN_ROOT, os.environ, is_root=os.geteuid() == 0)


def choose(here: Path, own_root: Path, environment: Mapping[str, str], *, is_root: bool) -> Path:
    """Return `var` of the current or own checkout; else the system's folder for root, or the user's (XDG)."""
    for folder in (here, own_root):
        if is_checkout(folder):
            return folder.absolute() / CHECKOUT_FOLDER
    if is_root:
        return OF_THE_SYSTEM
    named = Path(environment.get("XDG_DATA_HOME", ""))
    home = named if named.is_absolute() else Path.home() / ".local" / "share"  # as the XDG specification says
    return home / NAME


def is_checkout(folder: Path) -> bool:
    """Whether the folder has a pyproject.toml of a project called backchannel."""
    try:
        with (folder / "pyproject.toml").open("rb") as file:
            project = tomllib.load(file).get("project")
    except (OSError, ValueError):
        return False
    return isinstance(project, dict) and project.get("name") == NAME
