"""The archive's pictures by their addresses, and no other file on the disk."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import pytest

from connectors.errors import InvalidResponse, NotFound, Unavailable
from connectors.networks.rehearsal.connector import Rehearsal
from connectors.networks.rehearsal.reading import open_archive
from tests.connectors.networks.rehearsal.small_archive import NOBODY, SMALL, Clock, source


async def test_picture_gives_the_bytes_that_the_archive_names() -> None:
    rehearsal = Rehearsal(Clock(0))
    page = await rehearsal.poll(NOBODY, source(), "")
    assert await rehearsal.picture(NOBODY, page.posts[1].media[0].url) == (SMALL / "pictures" / "quay.png").read_bytes()


@pytest.mark.parametrize(
    "url",
    [
        "rehearsal:harbour/archive.jsonl",
        "rehearsal:harbour/../archive.py",
        "rehearsal:harbour/%2e%2e/archive.py",
        "rehearsal:harbour//etc/hostname",
        "rehearsal:harbour",
        "https://harbour.example/picture.png",
    ],
)
async def test_picture_reads_nothing_else(url: str) -> None:
    with pytest.raises(NotFound):
        await Rehearsal().picture(NOBODY, url)


async def test_picture_of_an_archive_not_yet_opened_is_to_be_asked_for_again() -> None:
    name = open_archive(str(SMALL)).name
    with pytest.raises(Unavailable):
        await Rehearsal().picture(NOBODY, f"rehearsal:{name}/pictures/quay.png")


async def test_picture_that_is_too_large_is_refused(tmp_path: Path) -> None:
    copytree(SMALL, tmp_path / "day")
    with (tmp_path / "day" / "pictures" / "quay.png").open("r+b") as file:
        file.truncate(13 * 1024 * 1024)
    rehearsal = Rehearsal(Clock(0))
    page = await rehearsal.poll(NOBODY, source(tmp_path / "day"), "")
    with pytest.raises(InvalidResponse, match="is larger than 12 MB"):
        await rehearsal.picture(NOBODY, page.posts[1].media[0].url)
