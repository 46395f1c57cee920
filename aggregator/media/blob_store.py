"""The files of our pictures, by what is in them: `ab/abcdef…/s.webp` and `l.webp`, both or neither.

It owns one folder; it refuses to know what the files show and who names them.
"""

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
    """Plain files: a local disk renames atomically and its page cache serves them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, small: bytes, large: bytes) -> str:
        """Keep both sizes; returns the name to find them by. The same content again is the same name, kept once.

        A kill at any moment leaves both files or none under the name, and both are on the disk before it is returned.
        """
        digest = blake2b(len(small).to_bytes(8), digest_size=DIGEST)
        digest.update(small)
        digest.update(large)
        file = digest.hexdigest()
        place = self._place(file)
        if place.exists():
            place.touch()  # young again: see `strays`
            return file
        self._bench.mkdir(parents=True, exist_ok=True)
        folder = Path(mkdtemp(dir=self._bench))
        try:
            _write(folder / "s.webp", small)
            _write(folder / "l.webp", large)
            folder.chmod(0o755)
            place.parent.mkdir(parents=True, exist_ok=True)
            folder.rename(place)
        except OSError:
            shutil.rmtree(folder, ignore_errors=True)
            if not place.exists():  # else another picture worker was quicker with the same picture
                raise
        _settle(place.parent)
        return file

    def find(self, file: str, size: str) -> Path | None:
        """The path of one size (`s` or `l`); None for what is not here and for what is no name of ours."""
        if size not in SIZES or not FILE.fullmatch(file):
            return None
        path = self._place(file) / f"{size}.webp"
        return path if path.is_file() else None

    def discard(self, file: str) -> None:
        """Take both sizes away at once; nothing happens if they are gone already."""
        if not FILE.fullmatch(file):
            return
        self._bench.mkdir(parents=True, exist_ok=True)
        folder = Path(mkdtemp(dir=self._bench))
        with suppress(FileNotFoundError):
            self._place(file).rename(folder)
        shutil.rmtree(folder, ignore_errors=True)

    def orphans(self, age: float) -> Iterator[str]:
        """The names of all files that were put here at least `age` seconds ago.

        On the way it throws out what a killed writer left half done.
        """
        before = time.time() - age
        for folder in _folders(self._bench):
            if folder.stat().st_mtime <= before:
                shutil.rmtree(folder, ignore_errors=True)
        for drawer in _folders(self.folder):
            for place in _folders(drawer):
                if FILE.fullmatch(place.name) and place.stat().st_mtime <= before:
                    yield place.name

    @property
    def _bench(self) -> Path:
        return self.folder / UNFINISHED

    def _place(self, file: str) -> Path:
        return self.folder / file[:2] / file


def _folders(folder: Path) -> Iterator[Path]:
    """The folders in a folder; none if it is not there (yet, or any more)."""
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


def _settle(folder: Path) -> None:
    """Have a rename outlive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
