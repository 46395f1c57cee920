"""Archives that are broken, missing, endless or changed while they play."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import pytest

from connectors.errors import InvalidResponse, NotFound
from tests.connectors.networks.rehearsal.small_archive import ARCHIVES, SMALL, at, ids, source


async def test_every_broken_line_is_told_once_and_the_rest_is_played() -> None:
    page = await at(10.5, address=source(ARCHIVES / "broken.jsonl"))
    assert ids(page) == ["good"]
    assert page.broken == (
        "Line 3: there is no picture “missing.png” beside the archive.",
        "Line 4: there is already a person “ada”.",
        "Line 5: there is no picture “/etc/hostname” beside the archive.",
        "Line 6: there is already a post “good”.",
        "Line 7: there is no person “nobody”.",
        "Line 8: there is no post “nowhere” before this.",
        "Line 9: there is no post “nowhere” before this.",
        "Line 10: the post has no poll to vote in.",
        "Line 11: 2 choices need 2 counts.",
        "Line 12: there is no field `txt` in such a line.",
        "Line 13: `act` has a value that it cannot have.",
        "Line 14: there is no person “nobody”.",
        "Line 16: the post “good” is deleted before this.",
        "Line 17: it is no JSON in UTF-8.",
    )
    assert (await at(12, page.cursor, source(ARCHIVES / "broken.jsonl"))).broken == ()


async def test_an_archive_that_is_not_there_is_missing() -> None:
    with pytest.raises(NotFound) as caught:
        await at(0, address=source("/nowhere/day.jsonl"))
    assert str(caught.value) == (
        "There is no archive at “/nowhere/day.jsonl”: give a .jsonl file, a folder with archive.jsonl in it, "
        "or “harbour”."
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "does not begin with an archive's header: it is no JSON in UTF-8."),
        ("{}", "does not begin with an archive's header: `archive` is missing."),
        (
            '{"archive": 2, "name": "x"}',
            "does not begin with an archive's header: `archive` has a value that it cannot have.",
        ),
        ('{"archive": 1, "name": "x"}', "has no post that can be read."),
    ],
)
async def test_a_file_that_is_no_archive_is_unreadable(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "day.jsonl").write_text(text)
    with pytest.raises(InvalidResponse) as caught:
        await at(0, address=source(tmp_path / "day.jsonl"))
    assert str(caught.value).endswith(sentence)


async def test_an_endless_file_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "day.jsonl").open("wb") as file:
        file.truncate(65 * 1024 * 1024)
    with pytest.raises(InvalidResponse, match="is larger than 64 MB"):
        await at(0, address=source(tmp_path / "day.jsonl"))


async def test_a_changed_archive_is_read_again(tmp_path: Path) -> None:
    copytree(SMALL, tmp_path / "day")
    assert ids(await at(0, address=source(tmp_path / "day"))) == ["early", "hello"]
    script = tmp_path / "day" / "archive.jsonl"
    script.write_text(script.read_text().replace('"id": "early"', '"id": "first"').replace('"early"', '"first"'))
    assert ids(await at(0, address=source(tmp_path / "day"))) == ["first", "hello"]
