"""The rehearsal's playing: what is due when, told once, in the same words by any road."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copytree
from typing import cast

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors._base import Address, Choice, Missing, Page, Person, Post, Unreachable, Unreadable
from connectors._http import Http
from connectors._rehearsal.archive import open_archive
from connectors._rehearsal.telling import picture_source
from connectors.rehearsal import LONGEST_WAIT, PAGE, Rehearsal

ARCHIVES = Path(__file__).parents[1] / "fixtures" / "archives"
SMALL = ARCHIVES / "small"
START = datetime(2009, 10, 12, 9, 30, tzinfo=UTC)
BASE = "rehearsal:{}/20091012T093000.000000Z/"


class Clock:
    """A clock that stands still until told; seconds count from the opening."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds

    def __call__(self) -> datetime:
        return START + timedelta(seconds=self.seconds)


NOBODY = cast("Http", None)  # an archive has no network: whoever asks it for something fails


def source(value: Path | str = SMALL, **options: object) -> Address:
    return Address(
        network="rehearsal", kind="archive", value=str(value), options={"started_at": START.isoformat(), **options}
    )


async def at(seconds: float, cursor: str = "", address: Address | None = None) -> Page:
    return await Rehearsal(Clock(seconds)).poll(NOBODY, address or source(), cursor)


def names(keys: Iterator[str] | list[str]) -> list[str]:
    return [key.rpartition("/")[2] for key in keys]


def ids(page: Page) -> list[str]:
    return names([post.key for post in page.posts])


async def said(name: str, seconds: float) -> Post:
    page = await at(seconds)
    return next(post for post in page.posts if post.key.endswith(f"/{name}"))


# --- what a person types ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["rehearsal:harbour", "harbour", "HARBOUR", "rehearsal:", " Rehearsal: harbour "])
def test_recognise_knows_the_built_in_archive_by_name(text: str) -> None:
    assert Rehearsal().recognise(text) == Address(network="rehearsal", kind="archive", value="harbour")


@pytest.mark.parametrize("text", ["{}/archive.jsonl", "rehearsal:{}/archive.jsonl", "rehearsal:{}"])
def test_recognise_takes_a_path_and_makes_it_absolute(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ARCHIVES)
    address = Rehearsal().recognise(text.format("small"))
    assert address is not None
    assert address.value == str(
        SMALL / text.format("small").removeprefix("rehearsal:").removeprefix("small").strip("/")
    )


@pytest.mark.parametrize("text", ["#harbour26", "@harbour@sea.example", "https://sea.example/a.jsonl", "the harbour"])
def test_recognise_leaves_other_networks_their_own(text: str) -> None:
    assert Rehearsal().recognise(text) is None


def test_recognise_has_no_servers() -> None:
    assert Rehearsal().recognise("harbour", "sea.example") is None


# --- when ---------------------------------------------------------------------------------------------------------


async def test_first_poll_gives_the_backlog_with_times_before_the_opening() -> None:
    page = await at(-1)
    assert [(post.key, post.created_at) for post in page.posts] == [(page.posts[0].key, START - timedelta(seconds=600))]
    assert page.wait == 1
    assert not page.more


async def test_before_the_backlog_nothing_is_due() -> None:
    assert await at(-601) == Page(cursor=f"{START.isoformat()} 0", broken=(await at(0)).broken, wait=1)


async def test_wait_is_bounded_on_both_sides() -> None:
    assert (await at(-599)).wait == LONGEST_WAIT
    assert (await at(9.9)).wait == Rehearsal.min_interval
    assert (await at(1000)).wait == LONGEST_WAIT


async def test_each_poll_goes_on_where_the_last_one_stopped() -> None:
    first = await at(0)
    second = await at(22, first.cursor)
    assert (ids(first), ids(second)) == (["early", "hello"], ["vote"])
    assert ids(await at(22, second.cursor)) == []


async def test_speed_hurries_the_day_but_not_the_backlog() -> None:
    page = await at(3, address=source(speed=10))
    assert [(names([post.key])[0], (post.created_at - START).total_seconds()) for post in page.posts] == [
        ("early", -600), ("hello", 0), ("vote", 1), ("quoting", 2.5),
    ]  # fmt: skip
    assert page.posts[2].poll is not None
    assert page.posts[2].poll.closes_at == START + timedelta(seconds=7)


async def test_rate_gives_post_n_at_n_over_rate_whatever_the_times() -> None:
    page = await at(1, address=source(rate=2))
    assert [(names([post.key])[0], (post.created_at - START).total_seconds()) for post in page.posts] == [
        ("early", 0), ("hello", 0.5), ("vote", 1),
    ]  # fmt: skip


async def test_start_is_the_first_poll_when_no_opening_is_named() -> None:
    address = Address(network="rehearsal", kind="archive", value=str(SMALL))
    page = await at(100, address=address)
    assert page.posts[-1].created_at == START + timedelta(seconds=100)
    assert ids(await at(111, page.cursor, address)) == ["vote"]


async def test_another_opening_plays_the_archive_again_under_new_keys() -> None:
    later = source(started_at=(START + timedelta(seconds=5)).isoformat())
    page = await at(5, (await at(0)).cursor, later)
    assert [post.key for post in page.posts] == [
        page.posts[0].key, page.posts[0].key.replace("/early", "/hello")
    ]  # fmt: skip
    assert "/20091012T093005.000000Z/" in page.posts[0].key


@pytest.mark.parametrize("cursor", ["nonsense", "2009-10-12 x", f"{START.isoformat()} "])
async def test_a_cursor_that_cannot_be_read_begins_again(cursor: str) -> None:
    assert await at(0, cursor) == await at(0)


async def test_same_cursor_and_clock_give_the_same_page() -> None:
    assert await at(47) == await at(47)


@given(st.lists(st.floats(-700, 100), max_size=8))
async def test_steps_come_to_the_same_posts_as_one_leap(moments: list[float]) -> None:
    known: dict[str, Post] = {}
    cursor = ""
    for moment in [*sorted(moments), 100]:
        page = await at(moment, cursor)
        known |= {post.key: post for post in page.posts}
        for key in page.gone:
            known.pop(key, None)
        cursor = page.cursor
    assert known == {post.key: post for post in (await at(100)).posts}


async def test_a_page_is_bounded_and_says_that_there_is_more() -> None:
    address = source("harbour", loop=True, rate=10_000)
    first = await at(1, address=address)
    assert first.cursor.endswith(f" {PAGE}")
    assert first.more
    assert len(first.posts) <= PAGE


# --- again and again ----------------------------------------------------------------------------------------------


async def test_loop_says_everything_again_with_fresh_keys() -> None:
    first = await at(79, address=source(loop=True))
    second = await at(86 + 30, first.cursor, source(loop=True))
    assert ids(second) == ["early#2", "hello#2", "vote#2", "quoting#2"][: len(ids(second))]
    assert ids(second)[:2] == ["early#2", "hello#2"]
    assert second.posts[1].reply_to.endswith("/early#2")


async def test_loop_shortens_the_backlog_of_later_laps() -> None:
    first = await at(79, address=source(loop=True))
    page = await at(90, first.cursor, source(loop=True))
    assert [(post.created_at - START).total_seconds() for post in page.posts] == [80, 86]


async def test_loop_lets_laps_go_that_nobody_saw() -> None:
    first = await at(0, address=source(loop=True))
    late = await at(86 * 1000, first.cursor, source(loop=True))
    laps = {int(name.partition("#")[2]) for name in ids(late)}
    assert len(laps) <= 2
    assert min(laps) > 900


async def test_loop_at_a_rate_lets_nothing_go() -> None:
    address = source(loop=True, rate=1)
    keys: list[str] = []
    page = await at(6 * 50 - 1, address=address)
    while True:
        keys += [post.key for post in page.posts]
        if not page.more:
            break
        page = await at(6 * 50 - 1, page.cursor, address)
    assert len({key for key in keys if "/early" in key}) == 50


async def test_without_a_loop_the_end_is_the_end() -> None:
    first = await at(10_000)
    assert await at(20_000, first.cursor) == Page(cursor=first.cursor, wait=LONGEST_WAIT)


# --- what ---------------------------------------------------------------------------------------------------------


async def test_post_has_safe_words_with_linked_tags() -> None:
    post = await said("early", 0)
    assert post.html == (
        '<p>First &lt;here&gt;. <a class="hashtag" href="https://quay.example/tags/Small" target="_blank" '
        'rel="nofollow noopener noreferrer ugc">#Small</a> <a class="hashtag" href="https://quay.example/tags/small" '
        'target="_blank" rel="nofollow noopener noreferrer ugc">#small</a> &amp; <a href="https://quay.example/#top" '
        'target="_blank" rel="nofollow noopener noreferrer ugc">https://quay.example/#top</a></p>'
    )
    assert post.tags == ("small",)
    assert post.url == "https://quay.example/@ada/early"


async def test_post_names_people_emoji_and_what_it_answers() -> None:
    post = await said("hello", 0)
    name = open_archive(str(SMALL)).name
    assert [(mention.handle, mention.url) for mention in post.mentions] == [
        ("@ada@quay.example", "https://quay.example/@ada")
    ]
    assert post.emojis == {"wave": f"rehearsal:{name}/pictures/quay.png"}
    assert post.reply_to == BASE.format(name) + "early"
    assert post.author == Person(name="Bo :wave:", handle="@bo@pier.example", url="https://pier.example/@bo", bot=True)
    assert (post.warning, post.sensitive, post.lang) == ("Greetings", True, "en")


async def test_post_shows_only_pictures_that_lie_in_the_archive() -> None:
    page = await at(0)
    media = page.posts[1].media
    assert [(each.kind, each.url.partition("/")[2], each.alt, each.focus) for each in media] == [
        ("image", "pictures/quay.png", "A teal quay.", (0.5, -0.5)),
        ("audio", "/quay.example/1.mp3", "Waves.", None),
    ]
    assert page.broken == (
        "line 1: there is no picture “pictures/none.png” beside the archive",
        "line 6: there is no picture “../../escape.png” beside the archive",
    )


async def test_keys_and_pictures_do_not_tell_where_the_archive_lies() -> None:
    assert str(ARCHIVES).encode() not in msgspec.json.encode((await at(100)).posts)


async def test_html_is_cleaned_and_a_title_kept() -> None:
    post = await said("quoting", 49)
    assert (post.title, post.url) == ("On tea", "https://pier.example/on-tea")
    assert post.html == "<p>Yes <b>tea</b> #small</p>"


async def test_wish_in_a_bio_is_passed_on() -> None:
    assert (await said("quoting", 49)).opted_out == "#nobot in their profile"
    assert (await said("early", 0)).opted_out == ""


async def test_quote_follows_what_it_quotes_until_that_is_gone() -> None:
    before = await said("quoting", 49)
    assert before.quote is not None
    assert before.quote.html.startswith("<p>Hello ")
    page = await at(55, (await at(49)).cursor)
    assert names(list(page.gone)) == ["hello"]
    assert [(names([post.key]), post.quote) for post in page.posts] == [(["quoting"], None)]


async def test_edit_changes_only_the_fields_that_it_names() -> None:
    post = await said("early", 31)
    assert (post.warning, post.lang, post.edited_at) == ("An edit", "en", START + timedelta(seconds=31))
    assert post.html.startswith("<p>First, edited.")
    assert post.card is not None
    assert post.card.title == "The quay"


async def test_votes_grow_and_close_the_poll() -> None:
    polls = [(await said("vote", seconds)).poll for seconds in (10, 20, 60)]
    assert [(poll.choices, poll.votes, poll.voters, poll.closed) for poll in polls if poll] == [
        ((Choice(title="Yes", votes=0), Choice(title="No", votes=0)), 0, None, False),
        ((Choice(title="Yes", votes=3), Choice(title="No", votes=1)), 4, 4, False),
        ((Choice(title="Yes", votes=5), Choice(title="No", votes=2)), 7, 7, True),
    ]


async def test_card_carries_the_archives_picture() -> None:
    card = (await said("vote", 10)).card
    assert card is not None
    assert picture_source(card.picture) == (open_archive(str(SMALL)).name, "pictures/quay.png")


async def test_something_said_aside_comes_only_by_a_boost() -> None:
    before = await at(39)
    assert "aside" not in ids(before)
    page = await at(45, before.cursor)
    assert ids(page) == ["aside"]
    assert {key: person.name for key, person in page.boosts.items()} == {page.posts[0].key: "Ada Quay"}
    assert page.gone == ()


# --- trouble and pictures -------------------------------------------------------------------------------------------


async def test_every_broken_line_is_told_once_and_the_rest_is_played() -> None:
    page = await at(10.5, address=source(ARCHIVES / "broken.jsonl"))
    assert ids(page) == ["good"]
    assert page.broken == (
        "line 3: there is no picture “missing.png” beside the archive",
        "line 4: there is already a person “ada”",
        "line 5: there is no picture “/etc/hostname” beside the archive",
        "line 6: there is already a post “good”",
        "line 7: there is no person “nobody”",
        "line 8: there is no post “nowhere” before this",
        "line 9: there is no post “nowhere” before this",
        "line 10: the post has no poll to vote in",
        "line 11: 2 choices need 2 counts",
        "line 12: Object contains unknown field `txt`",
        "line 13: Invalid value 'dance' - at `$.act`",
        "line 14: there is no person “nobody”",
        "line 16: the post “good” is deleted before this",
        "line 17: JSON is malformed: invalid character (byte 4)",
    )
    assert (await at(12, page.cursor, source(ARCHIVES / "broken.jsonl"))).broken == ()


async def test_an_archive_that_is_not_there_is_missing() -> None:
    with pytest.raises(Missing) as caught:
        await at(0, address=source("/nowhere/day.jsonl"))
    assert str(caught.value) == (
        "There is no archive at “/nowhere/day.jsonl”: give a .jsonl file, a folder with archive.jsonl in it, "
        "or “harbour”."
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "does not begin with an archive's header: Input data was truncated."),
        ("{}", "does not begin with an archive's header: Object missing required field `archive`."),
        (
            '{"archive": 2, "name": "x"}',
            "does not begin with an archive's header: Invalid enum value 2 - at `$.archive`.",
        ),
        ('{"archive": 1, "name": "x"}', "has no post that can be read."),
    ],
)
async def test_a_file_that_is_no_archive_is_unreadable(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "day.jsonl").write_text(text)
    with pytest.raises(Unreadable) as caught:
        await at(0, address=source(tmp_path / "day.jsonl"))
    assert str(caught.value).endswith(sentence)


async def test_an_endless_file_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "day.jsonl").open("wb") as file:
        file.truncate(65 * 1024 * 1024)
    with pytest.raises(Unreadable, match="is larger than 64 MB"):
        await at(0, address=source(tmp_path / "day.jsonl"))


async def test_a_changed_archive_is_read_again(tmp_path: Path) -> None:
    copytree(SMALL, tmp_path / "day")
    assert ids(await at(0, address=source(tmp_path / "day"))) == ["early", "hello"]
    script = tmp_path / "day" / "archive.jsonl"
    script.write_text(script.read_text().replace('"id": "early"', '"id": "first"').replace('"early"', '"first"'))
    assert ids(await at(0, address=source(tmp_path / "day"))) == ["first", "hello"]


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
    with pytest.raises(Missing):
        await Rehearsal().picture(NOBODY, url)


async def test_picture_of_an_archive_not_yet_opened_is_to_be_asked_for_again() -> None:
    name = open_archive(str(SMALL)).name
    with pytest.raises(Unreachable):
        await Rehearsal().picture(NOBODY, f"rehearsal:{name}/pictures/quay.png")


async def test_picture_that_is_too_large_is_refused(tmp_path: Path) -> None:
    copytree(SMALL, tmp_path / "day")
    with (tmp_path / "day" / "pictures" / "quay.png").open("r+b") as file:
        file.truncate(13 * 1024 * 1024)
    rehearsal = Rehearsal(Clock(0))
    page = await rehearsal.poll(NOBODY, source(tmp_path / "day"), "")
    with pytest.raises(Unreadable, match="is larger than 12 MB"):
        await rehearsal.picture(NOBODY, page.posts[1].media[0].url)


def test_clock_is_the_real_one_unless_told() -> None:
    assert abs(Rehearsal()._clock() - datetime.now(UTC)) < timedelta(seconds=5)
