"""The data folder: by default, in a checkout of Backchannel the folder `var`, elsewhere the system's place for data."""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

NAME = "backchannel"
CHECKOUT_FOLDER = "var"
OF_THE_SYSTEM = Path("/var/lib") / NAME
OUR_FILES = frozenset({"backchannel.db", "backchannel.db-wal", "backchannel.db-shm", "media", "secret.key"})
OTHERS = stat.S_IRWXG | stat.S_IRWXO
"""All permissions of group and others."""
OWN_ROOT = Path(__file__).resolve().parent.parent
"""The folder that holds this package: a checkout, or the site-packages of an installation."""


def keep_private(folder: Path) -> None:
    """Take from group and others what an earlier version has let them: our own files in the folder.

    The folder itself is closed only if it holds nothing else, and nothing that belongs to another user is touched.
    """
    try:
        names = {entry.name for entry in folder.iterdir()}
    except OSError:
        return
    whole = [folder] if names and names <= OUR_FILES else []
    for path in (*whole, *(folder / name for name in sorted(names & OUR_FILES))):
        with suppress(OSError):
            found = path.lstat()
            if found.st_uid == os.geteuid() and not stat.S_ISLNK(found.st_mode) and found.st_mode & OTHERS:
                path.chmod(stat.S_IMODE(found.st_mode) & stat.S_IRWXU)


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
