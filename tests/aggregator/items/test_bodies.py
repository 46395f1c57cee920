"""What a card is drawn from."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.items.bodies import MOST_PICTURES, build, wanted, with_emojis
from aggregator.items.body import Author, Ballot, BallotChoice, Body, Link, Medium, Picture, Quoted
from aggregator.items.names import post_id
from aggregator.media.pictures import Wanted, picture_id
from aggregator.media.tables import Progress, StoredPicture
from connectors._base import Attachment, Choice, LinkCard, Person, Poll, Quote
from tests.aggregator.invented import ADA, BEN, NETWORK, START, said

AVATAR = "https://invented.example/ada.png"
CAT = "https://invented.example/cat.png"
CAT_IMAGE = (
    '<img class="emoji" src="/media/catfile/s.webp" alt=":cat:" title=":cat:" width="64" height="64" loading="lazy">'
)
PICTURES = {"cat": Picture(id="catfile", width=64, height=64)}


def stored(url: str, purpose: str, progress: Progress = Progress.READY, **fields: Any) -> dict[str, StoredPicture]:
    id_ = picture_id(NETWORK, url, purpose)
    picture = StoredPicture(
        id=id_, network=NETWORK, url=url, purpose=purpose, progress=progress, next_try_at=START, **fields
    )
    return {id_: picture}


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
    post = said(
        "1",
        edited_at=START,
        title="Day one",
        warning="food",
        sensitive=True,
        media=(Attachment(kind="video", url="https://v", preview="https://p", alt="a hall", focus=(0.1, 0.2)),),
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
        edited_at=START,
        boosted_by=ben,
        title="Day one",
        html="<p>Good morning.</p>",
        warning="food",
        sensitive=True,
        media=(Medium(kind="video", url="https://v", alt="a hall", focus=(0.1, 0.2)),),
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


# --- emoji ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "drawn"),
    [
        ("<p>A :cat: sat.</p>", f"<p>A {CAT_IMAGE} sat.</p>"),
        (":cat:", CAT_IMAGE),
        (":cat: :cat:", f"{CAT_IMAGE} {CAT_IMAGE}"),
        ("猫:cat:猫", f"猫{CAT_IMAGE}猫"),
        ("<p>:dog:</p>", "<p>:dog:</p>"),
        ("at 10:cat:30", "at 10:cat:30"),
        ("::cat::", "::cat::"),
        ('<a href="https://x/:cat:" title=":cat:">y</a>', '<a href="https://x/:cat:" title=":cat:">y</a>'),
        ('<a title="a > :cat: b">:cat:</a>', f'<a title="a > :cat: b">{CAT_IMAGE}</a>'),
        ("<a title='it&apos;s > :cat: '>y</a>", "<a title='it&apos;s > :cat: '>y</a>"),
        ("&lt;:cat:&gt;", f"&lt;{CAT_IMAGE}&gt;"),
    ],
)
def test_emoji_are_drawn_in_the_text_and_never_in_the_tags(html: str, drawn: str) -> None:
    assert with_emojis(html, PICTURES) == drawn


@given(st.text(alphabet=":cat<>\"' &;x0"))
def test_emoji_change_nothing_but_the_codes(html: str) -> None:
    assert with_emojis(html, PICTURES).replace(CAT_IMAGE, ":cat:") == html


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
    this = post_id(NETWORK, "1")
    assert wanted(post, person(AVATAR, BEN)) == [
        Wanted(this, NETWORK, AVATAR, "avatar"),
        Wanted(this, NETWORK, "https://i", "picture"),
        Wanted(this, NETWORK, "https://only", "picture"),
        Wanted(this, NETWORK, "https://still", "picture"),
        Wanted(this, NETWORK, "https://lp", "picture"),
        Wanted(this, NETWORK, "https://ben", "avatar"),
        Wanted(this, NETWORK, CAT, "emoji"),
    ]


def test_wanted_passes_on_what_the_network_tells_about_a_picture() -> None:
    image = Attachment(kind="image", url="https://i", blurhash="LEHV6n", width=4, height=3)
    assert wanted(said("1", media=(image,))) == [
        Wanted(post_id(NETWORK, "1"), NETWORK, "https://i", "picture", "LEHV6n", 4, 3)
    ]


def test_wanted_is_bounded_however_many_pictures_a_post_names() -> None:
    flood = tuple(Attachment(kind="image", url=f"https://i/{n}") for n in range(1000))
    assert [each.url for each in wanted(said("1", media=flood))] == [f"https://i/{n}" for n in range(MOST_PICTURES)]
