"""The folder of pictures: both sizes or neither, the same content once."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.media.blob_store import BlobStore


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "media")


def files(blobs: BlobStore) -> list[str]:
    return sorted(str(path.relative_to(blobs.folder)) for path in blobs.folder.rglob("*") if path.is_file())


def aged(path: Path, seconds: float) -> None:
    then = path.stat().st_mtime - seconds
    os.utime(path, (then, then))


def test_shelf_keeps_both_sizes_under_one_name(blobs: BlobStore) -> None:
    file = blobs.put(b"small", b"large")
    small, large = blobs.find(file, "s"), blobs.find(file, "l")
    assert small
    assert large
    assert (small.read_bytes(), large.read_bytes()) == (b"small", b"large")
    assert files(blobs) == [f"{file[:2]}/{file}/l.webp", f"{file[:2]}/{file}/s.webp"]


def test_shelf_keeps_the_same_content_once(blobs: BlobStore) -> None:
    assert blobs.put(b"small", b"large") == blobs.put(b"small", b"large")
    assert len(files(blobs)) == 2


def test_shelf_names_content_by_where_it_is_cut_too(blobs: BlobStore) -> None:
    assert len({blobs.put(b"ab", b"c"), blobs.put(b"a", b"bc"), blobs.put(b"abc", b""), blobs.put(b"", b"abc")}) == 4


def test_shelf_survives_writers_that_race(blobs: BlobStore) -> None:
    barrier, names = threading.Barrier(8), []

    def write() -> None:
        barrier.wait()
        names.append(blobs.put(b"small", b"large"))

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(names) == 8
    assert files(blobs) == [f"{names[0][:2]}/{names[0]}/{size}.webp" for size in ("l", "s")]


def test_shelf_that_cannot_write_says_so_and_leaves_nothing(blobs: BlobStore) -> None:
    file = blobs.put(b"small", b"large")
    blobs.discard(file)
    (blobs.folder / file[:2]).rmdir()
    (blobs.folder / file[:2]).write_text("a file where a drawer should be")
    with pytest.raises(OSError, match="File exists"):
        blobs.put(b"small", b"large")
    assert files(blobs) == [file[:2]]


def test_shelf_discards_both_sizes(blobs: BlobStore) -> None:
    file, other = blobs.put(b"small", b"large"), blobs.put(b"other", b"picture")
    blobs.discard(file)
    blobs.discard(file)
    assert (blobs.find(file, "s"), blobs.find(file, "l")) == (None, None)
    assert files(blobs) == [f"{other[:2]}/{other}/l.webp", f"{other[:2]}/{other}/s.webp"]


@given(
    st.one_of(st.text(), st.sampled_from(["..", "../..", "ab/../..", "a" * 41, "A" * 40, "a" * 39 + "\n", "٣" * 40]))
)
def test_shelf_knows_no_name_but_its_own(name: str) -> None:
    blobs = BlobStore(Path("/"))
    assert (blobs.find(name, "s"), blobs.find("a" * 40, name)) == (None, None)
    blobs.discard(name)


def test_shelf_that_is_not_there_has_no_strays(blobs: BlobStore) -> None:
    assert list(blobs.orphans(0)) == []


def test_strays_are_old_and_were_not_put_again_since(blobs: BlobStore) -> None:
    old, again, new = (blobs.put(content, b"") for content in (b"1", b"2", b"3"))
    for file in (old, again):
        aged(blobs.folder / file[:2] / file, 7200)
    blobs.put(b"2", b"")
    (blobs.folder / old[:2] / "a stranger's folder").mkdir()
    aged(blobs.folder / old[:2] / "a stranger's folder", 7200)
    assert list(blobs.orphans(3600)) == [old]
    assert sorted(blobs.orphans(0)) == sorted({old, again, new})


def test_strays_throw_out_what_a_killed_writer_left(blobs: BlobStore) -> None:
    blobs.put(b"small", b"large")
    old, new = blobs.folder / "unfinished" / "old", blobs.folder / "unfinished" / "new"
    for folder in (old, new):
        folder.mkdir()
        (folder / "s.webp").write_bytes(b"half")
    aged(old, 7200)
    list(blobs.orphans(3600))
    assert (old.exists(), new.exists()) == (False, True)
