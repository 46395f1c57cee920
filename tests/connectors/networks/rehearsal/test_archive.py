"""The built-in archive: long and varied enough to rehearse with, and complete in all its parts."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from unicodedata import name as unicode_name

import msgspec
import pytest

from connectors.networks.rehearsal.archive import BUILT_IN, Archive, built_in
from connectors.networks.rehearsal.entities import BoostEvent, DeleteEvent, EditEvent, Event, PostEvent, VoteEvent
from connectors.networks.rehearsal.reading import open_archive

SCRIPTS = ("ARABIC", "CJK", "CYRILLIC", "DEVANAGARI", "GEORGIAN", "GREEK", "HANGUL", "HEBREW", "HIRAGANA", "KATAKANA")
WITHOUT_AVATAR = {"arlo", "hester", "perpetua", "theo"}  # some people never choose a picture


@pytest.fixture(scope="module")
def harbour() -> Archive:
    return open_archive("harbour")


@pytest.fixture(scope="module")
def posts(harbour: Archive) -> list[PostEvent]:
    return [act for act in harbour.acts if isinstance(act, PostEvent)]


def acts(archive: Archive, kind: type[Event]) -> list[Event]:
    return [act for act in archive.acts if isinstance(act, kind)]


def test_harbour_is_the_one_that_is_built_in() -> None:
    assert built_in() == ("harbour",)


def test_every_line_can_be_read(harbour: Archive) -> None:
    assert harbour.broken == ()


def test_there_is_enough_to_say_and_enough_to_say_it(harbour: Archive, posts: list[PostEvent]) -> None:
    assert len(posts) >= 450
    assert len(harbour.people) >= 70
    assert {post.by for post in posts} == set(harbour.people)


def test_backlog_fills_the_hour_before_the_opening(posts: list[PostEvent]) -> None:
    assert 40 <= len([post for post in posts if -3600 <= post.t < 0]) <= 60
    assert min(post.t for post in posts) >= -3600


def test_the_wall_is_never_silent_for_long(posts: list[PostEvent]) -> None:
    live = [post.t for post in posts if post.t >= 0]
    pauses = [later - earlier for earlier, later in pairwise(live)]
    assert 35 * 60 <= live[-1] <= 45 * 60
    assert max(pauses) < 20
    assert 4 <= (live[-1] - live[0]) / len(live) <= 8


def test_there_is_a_burst_of_forty_posts_in_twenty_seconds(posts: list[PostEvent]) -> None:
    moments = [post.t for post in posts]
    assert max(sum(start <= moment < start + 20 for moment in moments) for start in moments) >= 38


def test_many_languages_are_spoken_in_many_scripts(posts: list[PostEvent]) -> None:
    languages = Counter(post.lang for post in posts)
    assert languages.most_common(1)[0][0] == "en"
    assert len(languages) >= 22
    assert {"cy", "fr", "de", "es", "pl", "uk", "ar", "he", "fa", "zh", "ja", "ko", "hi", "sw"} <= set(languages)
    letters = {unicode_name(letter, "NONE").split()[0].partition("-")[0] for post in posts for letter in post.text}
    assert [script for script in SCRIPTS if script not in letters] == []


def test_each_texture_is_there(harbour: Archive, posts: list[PostEvent]) -> None:
    assert {
        "polls": sum(post.poll is not None for post in posts) >= 4,
        "votes": len(acts(harbour, VoteEvent)) >= 10,
        "edits": len(acts(harbour, EditEvent)) >= 8,
        "deletions": len(acts(harbour, DeleteEvent)) >= 6,
        "boosts": len(acts(harbour, BoostEvent)) >= 6,
        "said aside": sum(post.aside for post in posts) >= 2,
        "content warnings": sum(bool(post.warning) for post in posts) >= 6,
        "sensitive media": sum(post.sensitive and bool(post.pictures) for post in posts) >= 1,
        "threads": sum(bool(post.reply_to) for post in posts) >= 100,
        "quotes": sum(bool(post.quote) for post in posts) >= 8,
        "link cards": sum(post.card is not None for post in posts) >= 2,
        "custom emoji": sum(":anchor:" in post.text for post in posts) >= 2,
        "titles": sum(bool(post.title) for post in posts) >= 1,
        "marked up": sum(bool(post.html) for post in posts) >= 2,
        "long": sum(len(post.text) > 450 for post in posts) >= 2,
        "one word": sum(re.fullmatch(r"\w+\.?", post.text) is not None for post in posts) >= 5,
        "emoji only": sum(bool(post.text) and not re.search(r"[^\W_]", post.text) for post in posts) >= 1,
        "many pictures": sum(len(post.pictures) > 1 for post in posts) >= 2,
    } == dict.fromkeys(
        ("polls", "votes", "edits", "deletions", "boosts", "said aside", "content warnings", "sensitive media",
         "threads", "quotes", "link cards", "custom emoji", "titles", "marked up", "long", "one word", "emoji only",
         "many pictures"),
        True,
    )  # fmt: skip


def test_a_spammer_and_somebody_who_opts_out_are_among_them(harbour: Archive, posts: list[PostEvent]) -> None:
    said = Counter(post.by for post in posts)
    assert said["moon"] >= 15
    assert said["perpetua"] >= 3
    assert [person.id for person in harbour.people.values() if "#nobot" in person.bio] == ["perpetua"]


def test_every_picture_is_used_and_every_used_picture_is_there(harbour: Archive) -> None:
    there = {path.relative_to(harbour.folder).as_posix() for path in harbour.folder.rglob("*.webp")}
    assert there == harbour.files


def test_only_a_few_people_have_no_avatar(harbour: Archive) -> None:
    assert {person.id for person in harbour.people.values() if not person.avatar} == WITHOUT_AVATAR


def test_alt_texts_describe_every_picture(posts: list[PostEvent]) -> None:
    pictures = [picture for post in posts for picture in post.pictures]
    assert [picture.file for picture in pictures if not picture.alt] == ["pictures/lights.webp"]  # one forgets it


def test_everything_lives_under_names_that_belong_to_nobody(harbour: Archive) -> None:
    script = (harbour.folder / "archive.jsonl").read_text(encoding="utf-8")
    hosts = set(re.findall(r"https?://([^/\"\s]+)", script))
    assert [host for host in hosts if not host.endswith(".example")] == []


def test_ids_are_names_of_one_post_each(posts: list[PostEvent]) -> None:
    assert [name for name, count in Counter(post.id for post in posts).items() if count > 1] == []


def test_the_archive_is_small_enough_to_travel_in_the_wheel() -> None:
    assert sum(path.stat().st_size for path in (BUILT_IN / "harbour").rglob("*") if path.is_file()) < 1_500_000


def test_the_documented_example_is_an_archive(tmp_path: Path) -> None:
    words = (Path(__file__).parents[4] / "docs" / "rehearsal.md").read_text(encoding="utf-8")
    example = re.search(r"```jsonl\n(.*?)```", words, re.DOTALL)
    assert example is not None
    (tmp_path / "archive.jsonl").write_text(example[1], encoding="utf-8")
    archive = open_archive(str(tmp_path))
    assert archive.broken == ()
    assert {type(act) for act in archive.acts} == {PostEvent, EditEvent, VoteEvent, BoostEvent, DeleteEvent}


@pytest.mark.parametrize("kind", [PostEvent, EditEvent, VoteEvent, BoostEvent, DeleteEvent])
def test_every_field_of_every_act_is_documented(kind: type[msgspec.Struct]) -> None:
    words = (Path(__file__).parents[4] / "docs" / "rehearsal.md").read_text(encoding="utf-8")
    assert [field for field in kind.__struct_fields__ if f"`{field}`" not in words] == []
