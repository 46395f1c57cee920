"""Rendering a post to the body of a record."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from aggregator.items.emoji import MAX_DRAWN
from aggregator.items.ids import post_id
from aggregator.items.render import MAX_PICTURES, MAX_TAGS, build, shows_anything, wanted
from aggregator.items.wire import Author, Ballot, BallotChoice, Body, Link, Medium, Picture, Quoted
from aggregator.media.pictures import PictureView, Wanted, picture_id
from aggregator.media.tables import Progress
from aggregator.timestamps import to_micros
from connectors.contract import Attachment, Choice, LinkCard, Person, Poll, Quote
from connectors.contract.bounds import MAX_CHOICES, MAX_MEDIA
from tests.aggregator.invented import ADA, BEN, NETWORK, START, said

LATER = START + timedelta(hours=1)
AVATAR = "https://invented.example/ada.png"
CAT = "https://invented.example/cat.png"
CAT_IMAGE = (
    '<img class="emoji" src="/media/catfile/s.webp" alt=":cat:" title=":cat:" width="64" height="64" loading="lazy">'
)


def stored(
    url: str, purpose: str, progress: Progress = Progress.READY, file: str = "", color: str = "", **size: int
) -> dict[str, PictureView]:
    view = PictureView(progress, file, color, size.get("width", 0), size.get("height", 0))
    return {picture_id(NETWORK, url, purpose): view}


def person(avatar: str, of: Person = ADA) -> Person:
    return msgspec.structs.replace(of, avatar=avatar)


# --- build ------------------------------------------------------------------------------------------------------


def test_body_of_a_plain_post_says_what_was_said() -> None:
    assert build(said("1", lang="en", tags=("socitm09",)), {}) == Body(
        network=NETWORK,
        url="https://invented.example/@ada/1",
        author=Author(name="Ada Quill", handle="@ada@invented.example", url="https://invented.example/@ada"),
        created_at=datetime(2009, 10, 12, 9, 31, tzinfo=UTC),
        html="<p>Good morning.</p>",
        lang="en",
        tags=("socitm09",),
    )


def test_body_carries_every_part_of_a_rich_post() -> None:
    film = Attachment(kind="video", url="https://v", preview="https://p", alt="a hall", focus=(0.1, 0.2), duration=9)
    post = said(
        "1",
        edited_at=LATER,
        title="Day one",
        warning="food",
        sensitive=True,
        media=(film,),
        poll=Poll(choices=(Choice(title="tea", votes=2), Choice(title="coffee")), votes=2, voters=2, multiple=True),
        card=LinkCard(url="https://l", title="Slides", site="L", description="all of them", picture="https://lp"),
        quote=Quote(key="q", url="https://q", author=BEN, html="<p>Quoted.</p>"),
        reply_to="0",
    )
    body = build(post, {}, BEN)
    ben = Author(name=BEN.name, handle=BEN.handle, url=BEN.url)
    assert body == Body(
        network=NETWORK,
        url=post.url,
        author=Author(name=ADA.name, handle=ADA.handle, url=ADA.url),
        created_at=post.created_at,
        edited_at=LATER,
        boosted_by=ben,
        title="Day one",
        html="<p>Good morning.</p>",
        warning="food",
        sensitive=True,
        media=(Medium(kind="video", url="https://v", alt="a hall", focus=(0.1, 0.2), duration=9),),
        poll=Ballot(
            choices=(BallotChoice(title="tea", votes=2), BallotChoice(title="coffee")), votes=2, voters=2, multiple=True
        ),
        card=Link(url="https://l", title="Slides", site="L", description="all of them"),
        quote=Quoted(url="https://q", author=ben, html="<p>Quoted.</p>"),
        reply_to=post_id(NETWORK, "0"),
    )


@pytest.mark.parametrize(
    ("progress", "shown"),
    [
        (Progress.READY, Picture(id="file", color="#123456", width=80, height=60)),
        (Progress.WAITING, Picture(color="#123456", width=80, height=60)),
        (Progress.REFUSED, None),
    ],
)
def test_picture_is_a_file_once_ready_a_placeholder_before_and_nothing_if_refused(
    progress: Progress, shown: Picture | None
) -> None:
    known = stored(AVATAR, "avatar", progress, file="file", color="#123456", width=80, height=60)
    assert build(said("1", author=person(AVATAR)), known).author.avatar == shown


def test_placeholder_takes_its_shape_from_the_attachment_while_the_picture_is_unmeasured() -> None:
    image = Attachment(kind="image", url="https://i", preview="https://small", width=400, height=300)
    body = build(said("1", media=(image,)), stored("https://i", "picture", Progress.WAITING, color="#abcdef"))
    assert body.media[0].picture == Picture(color="#abcdef", width=400, height=300)


def test_picture_that_nobody_knows_is_left_out() -> None:
    assert build(said("1", author=person(AVATAR)), {}).author.avatar is None


@pytest.mark.parametrize(
    ("written", "edited", "label", "mark"),
    [
        ("2009-10-12T09:31", None, "2009-10-12T09:31", None),
        ("2009-10-12T08:00", "2009-10-12T09:00", "2009-10-12T08:00", "2009-10-12T09:00"),
        ("2099-12-31T12:00", None, "2009-10-12T09:31", None),
        ("2099-12-31T12:00", "2009-10-12T09:40", "2009-10-12T09:31", "2009-10-12T09:40"),
        ("2009-10-12T09:31", "2009-10-12T09:31", "2009-10-12T09:31", None),
        ("2009-10-12T09:32", "2009-10-12T09:32", "2009-10-12T09:31", None),
        ("2009-10-12T09:31", "2009-10-12T09:00", "2009-10-12T09:31", None),
    ],
)
def test_times_are_never_after_the_posts_place_and_an_edit_is_after_both(
    written: str, edited: str | None, label: str, mark: str | None
) -> None:
    def utc(text: str | None) -> datetime | None:
        return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None

    post = said("1", created_at=utc(written), edited_at=utc(edited))
    body = build(post, {}, at=to_micros(datetime(2009, 10, 12, 9, 31, tzinfo=UTC)))
    assert (body.created_at, body.edited_at) == (utc(label), utc(mark))


@pytest.mark.parametrize(
    "name", ["", " ", "\u200b", "\u3164\u2800", "\u2800 \u2800", "\xad\u2060\ufeff", "\u0301\u0302", "\ue000"]
)
def test_name_without_a_visible_character_is_the_handles_user(name: str) -> None:
    invisible = Person(name=name, handle="@bo@other.example", url="https://other.example/@bo")
    quote = Quote(key="q", url="https://q", author=invisible, html="<p>x</p>")
    body = build(said("1", author=invisible, quote=quote), {}, invisible)
    assert body.quote is not None
    assert body.boosted_by is not None
    assert [author.name for author in (body.author, body.quote.author, body.boosted_by)] == ["bo"] * 3


@pytest.mark.parametrize("name", ["★", "猫", "1", ":cat:", "🐈", "\u200bA", "—"])
def test_name_with_anything_to_see_is_kept(name: str) -> None:
    assert build(said("1", author=msgspec.structs.replace(ADA, name=name)), {}).author.name == name


def test_name_of_a_handle_without_a_user_is_the_handle() -> None:
    assert build(said("1", author=Person(name="", handle="harbour.example", url="")), {}).author.name == (
        "harbour.example"
    )


def test_body_has_no_more_tags_media_and_answers_than_a_card_has_room_for() -> None:
    post = said(
        "1",
        tags=tuple(f"tag{n}" for n in range(400)),
        media=tuple(Attachment(kind="image", url=f"https://i/{n}") for n in range(400)),
        poll=Poll(choices=tuple(Choice(title=f"{n}") for n in range(400))),
    )
    body = build(post, {})
    assert body.poll is not None
    assert (body.tags, len(body.media), len(body.poll.choices)) == (post.tags[:MAX_TAGS], MAX_MEDIA, MAX_CHOICES)


@pytest.mark.parametrize(
    ("fields", "shows"),
    [
        ({}, False),
        ({"html": "<p></p>"}, False),
        ({"html": '<p class="x>y"> \u200b&nbsp;</p>'}, False),
        ({"tags": ("socitm09",)}, False),
        ({"html": "<p>.</p>"}, True),
        ({"html": "&amp;"}, True),
        ({"title": "x"}, True),
        ({"warning": "food"}, True),
        ({"media": (Attachment(kind="image", url="https://i"),)}, True),
        ({"card": LinkCard(url="https://l", title="")}, True),
        ({"poll": Poll(choices=())}, True),
        ({"quote": Quote(key="q", url="https://q", author=BEN, html="")}, True),
    ],
)
def test_card_shows_something_or_nothing(fields: dict[str, Any], shows: bool) -> None:  # noqa: FBT001 (a parameter)
    assert shows_anything(build(said("1", **{"html": "", **fields}), {})) is shows


def test_card_of_one_emoji_alone_shows_something() -> None:
    known = stored(CAT, "emoji", file="catfile", width=64, height=64)
    assert shows_anything(build(said("1", ":cat:", emojis={"cat": CAT}), known))


# --- emoji ------------------------------------------------------------------------------------------------------


def test_emoji_of_the_words_outside_html_go_with_the_body_once_ready() -> None:
    post = said(
        "1", "<p>:cat: :dog:</p>", author=person("", ADA), title="My :cat:", emojis={"cat": CAT, "dog": "https://d"}
    )
    known = stored(CAT, "emoji", file="catfile", width=64, height=64) | stored("https://d", "emoji", Progress.WAITING)
    body = build(post, known)
    assert (body.html, body.emojis) == (
        f"<p>{CAT_IMAGE} :dog:</p>",
        {"cat": Picture(id="catfile", width=64, height=64)},
    )


def test_emoji_of_the_html_alone_are_not_repeated_beside_it() -> None:
    post = said("1", "<p>:cat:</p>", emojis={"cat": CAT})
    assert build(post, stored(CAT, "emoji", file="catfile", width=64, height=64)).emojis == {}


def test_emoji_are_drawn_in_what_a_post_quotes() -> None:
    quote = Quote(key="q", url="https://q", author=BEN, html="<p>:cat:</p>")
    body = build(said("1", quote=quote, emojis={"cat": CAT}), stored(CAT, "emoji", file="catfile", width=64, height=64))
    assert body.quote is not None
    assert body.quote.html == f"<p>{CAT_IMAGE}</p>"


def test_emoji_of_a_post_and_its_quote_are_bounded_together() -> None:
    quote = Quote(key="q", url="https://q", author=BEN, html="<p>" + ":cat: " * 100 + "</p>")
    post = said("1", "<p>" + ":cat: " * 60 + "</p>", quote=quote, emojis={"cat": CAT})
    body = build(post, stored(CAT, "emoji", file="catfile", width=64, height=64))
    assert body.quote is not None
    assert [len(re.findall("<img", html)) for html in (body.html, body.quote.html)] == [60, MAX_DRAWN - 60]


# --- wanted -----------------------------------------------------------------------------------------------------


def test_wanted_names_each_picture_of_the_card_once_the_most_visible_first() -> None:
    post = said(
        "1",
        "<p>:cat:</p>",
        author=person(AVATAR),
        media=(
            Attachment(kind="image", url="https://i", preview="https://small", blurhash="LEHV6n", width=4, height=3),
            Attachment(kind="image", url="https://i"),
            Attachment(kind="image", url="", preview="https://only"),
            Attachment(kind="video", url="https://v", preview="https://still"),
            Attachment(kind="audio", url="https://a"),
        ),
        card=LinkCard(url="https://l", title="Slides", picture="https://lp"),
        quote=Quote(key="q", url="https://q", author=person("https://ben", BEN), html=""),
        emojis={"cat": CAT, "unused": "https://u"},
    )
    assert wanted(post, person(AVATAR, BEN)) == [
        Wanted(NETWORK, AVATAR, "avatar"),
        Wanted(NETWORK, "https://i", "picture"),
        Wanted(NETWORK, "https://only", "picture"),
        Wanted(NETWORK, "https://still", "picture"),
        Wanted(NETWORK, "https://lp", "picture"),
        Wanted(NETWORK, "https://ben", "avatar"),
        Wanted(NETWORK, CAT, "emoji"),
    ]


def test_wanted_passes_on_what_the_network_tells_about_a_picture() -> None:
    image = Attachment(kind="image", url="https://i", blurhash="LEHV6n", width=4, height=3)
    assert wanted(said("1", media=(image,))) == [Wanted(NETWORK, "https://i", "picture", "LEHV6n", 4, 3)]


def test_wanted_is_bounded_however_many_pictures_a_post_names() -> None:
    flood = tuple(Attachment(kind="image", url=f"https://i/{n}") for n in range(1000))
    assert [each.url for each in wanted(said("1", media=flood))] == [f"https://i/{n}" for n in range(MAX_PICTURES)]
