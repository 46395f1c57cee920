"""The files of pictures, named by their content: `ab/abcdef…/s.webp` and `l.webp`, both or neither."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from tempfile import mkdtemp

DIGEST = 20
FILE = re.compile(f"[0-9a-f]{{{2 * DIGEST}}}", re.ASCII)
SIZES = frozenset({"s", "l"})
UNFINISHED = "unfinished"


class BlobStore:
    """Plain files on a local disk, which renames atomically and caches pages."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, small: bytes, large: bytes) -> str:
        """Store both sizes; returns their name. The same content gets the same name and is stored once.

        After a crash, both files or none are under the name. Both are on the disk before the name is returned.
        """
        digest = blake2b(len(small).to_bytes(8), digest_size=DIGEST)
        digest.update(small)
        digest.update(large)
        file = digest.hexdigest()
        target = self._path(file)
        if target.exists():
            target.touch()  # restarts its age: see `orphans`
            return file
        self._unfinished.mkdir(parents=True, exist_ok=True)
        folder = Path(mkdtemp(dir=self._unfinished))
        try:
            _write(folder / "s.webp", small)
            _write(folder / "l.webp", large)
            folder.chmod(0o755)
            target.parent.mkdir(parents=True, exist_ok=True)
            folder.rename(target)
        except OSError:
            shutil.rmtree(folder, ignore_errors=True)
            if not target.exists():  # else another picture worker was faster with the same picture
                raise
        _sync_folder(target.parent)
        return file

    def find(self, file: str, size: str) -> Path | None:
        """Return the path of one size (`s` or `l`); None for an unknown or invalid name."""
        if size not in SIZES or not FILE.fullmatch(file):
            return None
        path = self._path(file) / f"{size}.webp"
        return path if path.is_file() else None

    def discard(self, file: str) -> None:
        """Delete both sizes at once, if they exist."""
        if not FILE.fullmatch(file):
            return
        self._unfinished.mkdir(parents=True, exist_ok=True)
        folder = Path(mkdtemp(dir=self._unfinished))
        with suppress(FileNotFoundError):
            self._path(file).rename(folder)
        shutil.rmtree(folder, ignore_errors=True)

    def orphans(self, age: float) -> Iterator[str]:
        """Yield the names of all files that were stored at least `age` seconds ago.

        Unfinished files of that age, which a killed writer has left, are deleted.
        """
        before = time.time() - age
        for folder in _folders(self._unfinished):
            if folder.stat().st_mtime <= before:
                shutil.rmtree(folder, ignore_errors=True)
        for prefix in _folders(self.folder):
            for folder in _folders(prefix):
                if FILE.fullmatch(folder.name) and folder.stat().st_mtime <= before:
                    yield folder.name

    @property
    def _unfinished(self) -> Path:
        return self.folder / UNFINISHED

    def _path(self, file: str) -> Path:
        return self.folder / file[:2] / file


def _folders(folder: Path) -> Iterator[Path]:
    """Yield the folders in a folder, none if it does not exist."""
    try:
        entries = [entry.path for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False)]
    except FileNotFoundError:
        return
    yield from map(Path, entries)


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Make a rename in this folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
