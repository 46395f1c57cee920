"""The folder of pictures: both sizes or neither, the same content once."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.media.blob_store import Shelf


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "media")


def files(shelf: Shelf) -> list[str]:
    return sorted(str(path.relative_to(shelf.folder)) for path in shelf.folder.rglob("*") if path.is_file())


def aged(path: Path, seconds: float) -> None:
    then = path.stat().st_mtime - seconds
    os.utime(path, (then, then))


def test_shelf_keeps_both_sizes_under_one_name(shelf: Shelf) -> None:
    file = shelf.put(b"small", b"large")
    small, large = shelf.find(file, "s"), shelf.find(file, "l")
    assert small
    assert large
    assert (small.read_bytes(), large.read_bytes()) == (b"small", b"large")
    assert files(shelf) == [f"{file[:2]}/{file}/l.webp", f"{file[:2]}/{file}/s.webp"]


def test_shelf_keeps_the_same_content_once(shelf: Shelf) -> None:
    assert shelf.put(b"small", b"large") == shelf.put(b"small", b"large")
    assert len(files(shelf)) == 2


def test_shelf_names_content_by_where_it_is_cut_too(shelf: Shelf) -> None:
    assert len({shelf.put(b"ab", b"c"), shelf.put(b"a", b"bc"), shelf.put(b"abc", b""), shelf.put(b"", b"abc")}) == 4


def test_shelf_survives_writers_that_race(shelf: Shelf) -> None:
    barrier, names = threading.Barrier(8), []

    def write() -> None:
        barrier.wait()
        names.append(shelf.put(b"small", b"large"))

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(names) == 8
    assert files(shelf) == [f"{names[0][:2]}/{names[0]}/{size}.webp" for size in ("l", "s")]


def test_shelf_that_cannot_write_says_so_and_leaves_nothing(shelf: Shelf) -> None:
    file = shelf.put(b"small", b"large")
    shelf.discard(file)
    (shelf.folder / file[:2]).rmdir()
    (shelf.folder / file[:2]).write_text("a file where a drawer should be")
    with pytest.raises(OSError, match="File exists"):
        shelf.put(b"small", b"large")
    assert files(shelf) == [file[:2]]


def test_shelf_discards_both_sizes(shelf: Shelf) -> None:
    file, other = shelf.put(b"small", b"large"), shelf.put(b"other", b"picture")
    shelf.discard(file)
    shelf.discard(file)
    assert (shelf.find(file, "s"), shelf.find(file, "l")) == (None, None)
    assert files(shelf) == [f"{other[:2]}/{other}/l.webp", f"{other[:2]}/{other}/s.webp"]


@given(
    st.one_of(st.text(), st.sampled_from(["..", "../..", "ab/../..", "a" * 41, "A" * 40, "a" * 39 + "\n", "٣" * 40]))
)
def test_shelf_knows_no_name_but_its_own(name: str) -> None:
    shelf = Shelf(Path("/"))
    assert (shelf.find(name, "s"), shelf.find("a" * 40, name)) == (None, None)
    shelf.discard(name)


def test_shelf_that_is_not_there_has_no_strays(shelf: Shelf) -> None:
    assert list(shelf.strays(0)) == []


def test_strays_are_old_and_were_not_put_again_since(shelf: Shelf) -> None:
    old, again, new = (shelf.put(content, b"") for content in (b"1", b"2", b"3"))
    for file in (old, again):
        aged(shelf.folder / file[:2] / file, 7200)
    shelf.put(b"2", b"")
    (shelf.folder / old[:2] / "a stranger's folder").mkdir()
    aged(shelf.folder / old[:2] / "a stranger's folder", 7200)
    assert list(shelf.strays(3600)) == [old]
    assert sorted(shelf.strays(0)) == sorted({old, again, new})


def test_strays_throw_out_what_a_killed_writer_left(shelf: Shelf) -> None:
    shelf.put(b"small", b"large")
    old, new = shelf.folder / "unfinished" / "old", shelf.folder / "unfinished" / "new"
    for folder in (old, new):
        folder.mkdir()
        (folder / "s.webp").write_bytes(b"half")
    aged(old, 7200)
    list(shelf.strays(3600))
    assert (old.exists(), new.exists()) == (False, True)
