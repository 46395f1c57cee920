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
        "Line 3: missing picture “missing.png” beside the archive.",
        "Line 4: duplicate person “ada”.",
        "Line 5: missing picture “/etc/hostname” beside the archive.",
        "Line 6: duplicate post “good”.",
        "Line 7: unknown person “nobody”.",
        "Line 8: unknown post “nowhere” at this time.",
        "Line 9: unknown post “nowhere” at this time.",
        "Line 10: no poll: the post has none to vote in.",
        "Line 11: wrong number of votes: 1 for 2 choices.",
        "Line 12: unknown field `txt`.",
        "Line 13: invalid value of `act`.",
        "Line 14: unknown person “nobody”.",
        "Line 16: deleted post “good” at this time.",
        "Line 17: invalid JSON or not UTF-8.",
    )
    assert (await at(12, page.cursor, source(ARCHIVES / "broken.jsonl"))).broken == ()


async def test_an_archive_that_is_not_there_is_missing() -> None:
    with pytest.raises(NotFound) as caught:
        await at(0, address=source("/nowhere/day.jsonl"))
    assert str(caught.value) == (
        "Archive not found at “/nowhere/day.jsonl”: give a .jsonl file, a folder with archive.jsonl in it, "
        "or “harbour”."
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "”: invalid JSON or not UTF-8."),
        ("{}", "”: missing field `archive`."),
        (
            '{"archive": 2, "name": "x"}',
            "”: invalid value of `archive`.",
        ),
        ('{"archive": 1, "name": "x"}', "has no readable post."),
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
