"""No card exceeds its bound on either channel, and a normal card loses nothing."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from aggregator.channel.publish import MAX_BODY
from aggregator.items.bounds import FEW_MEDIA, MAX_CARD, MAX_NOTE, MAX_WHY, encode
from aggregator.items.publishing import DeskBody
from aggregator.items.render import build, shows_anything
from aggregator.items.wire import Author, Ballot, BallotChoice, Body, Link, Medium, Picture, Quoted
from connectors.contract import Attachment, Choice, LinkCard, Person, Poll, Post, Quote
from connectors.contract.bounds import bounded
from connectors.text.html import clean
from tests.aggregator.invented import said

FILE = "f" * 52
EMOJI = (
    f'<img class="emoji" src="/media/{FILE}/s.webp" alt=":cat:" title=":cat:" width="64" height="64" loading="lazy">'
)

# Mostly short, sometimes far beyond any bound, with characters that JSON writes in six bytes.
texts = st.builds(
    lambda unit, times: unit * times,
    st.sampled_from(["a", "word ", "é", "猫", "🐈", "\x01", '"', "\\", "\u2028", "e\u0301", "", ":cat:"]),
    st.sampled_from([0, 1, 40, 3_000, 70_000]),
)
htmls = st.builds(lambda tag, text: f"<{tag}>{text}</{tag}>", st.sampled_from(["p", "blockquote", "b"]), texts)
authors = st.builds(Author, name=texts, handle=texts, url=texts, avatar=st.none() | st.builds(Picture, id=texts))
bodies = st.builds(
    Body,
    network=st.just("invented"),
    url=texts,
    author=authors,
    created_at=st.just(datetime(2026, 11, 25, tzinfo=UTC)),
    boosted_by=st.none() | authors,
    title=texts,
    html=htmls,
    lang=texts,
    warning=texts,
    media=st.lists(st.builds(Medium, kind=st.just("image"), url=texts, alt=texts), max_size=20).map(tuple),
    poll=st.none() | st.builds(Ballot, choices=st.lists(st.builds(BallotChoice, title=texts), max_size=20).map(tuple)),
    card=st.none() | st.builds(Link, url=texts, title=texts, description=texts),
    quote=st.none() | st.builds(Quoted, url=texts, author=authors, html=htmls),
    emojis=st.dictionaries(texts, st.builds(Picture, id=texts), max_size=3),
    tags=st.lists(texts, max_size=30).map(tuple),
)


def on_desk(card: bytes, why: str = "\x01" * MAX_WHY) -> bytes:
    return msgspec.json.encode(
        DeskBody(state="withdrawn", why=why, version=2**31, note="🐈" * MAX_NOTE, covered=True, post=msgspec.Raw(card))
    )


def decoded(card: bytes) -> Body:
    return msgspec.json.decode(card, type=Body)


@settings(max_examples=75, deadline=None)
@given(bodies)
def test_card_fits_on_either_channel_whatever_it_says(body: Body) -> None:
    card = encode(body)
    assert len(card) <= MAX_CARD
    assert len(on_desk(card)) <= MAX_BODY
    assert decoded(card).created_at == body.created_at


@settings(max_examples=75, deadline=None)
@given(bodies)
def test_card_that_fits_is_left_as_it_is(body: Body) -> None:
    whole = msgspec.json.encode(body)
    assert (encode(body) == whole) is (len(whole) <= MAX_CARD)


def test_card_of_the_largest_bounded_post_shows_something() -> None:
    person = Person(name="猫" * 300, handle="@" + "猫" * 299, url="https://a/" + "猫" * 2_000)
    post = said(
        "1",
        clean("<p>" + "<b>🐈</b> " * 30_000 + "</p>"),
        author=person,
        warning="w" * 1_000,
        media=tuple(Attachment(kind="image", url=f"https://i/{n}", alt="🐈" * 5_000) for n in range(16)),
        poll=Poll(choices=tuple(Choice(title="🐈" * 300) for _ in range(20))),
        card=LinkCard(url="https://l/" + "猫" * 2_000, title="猫" * 300, description="猫" * 1_000),
        quote=Quote(key="q", url="https://q/" + "猫" * 2_000, author=person, html="<p>" + "🐈" * 19_000 + "</p>"),
    )
    body = decoded(encode(build(bounded(post), {})))
    assert shows_anything(body)
    assert body.author.name == "猫" * 300


def drawn(count: int, **fields: Any) -> Body:
    return replace(build(said("1"), {}), html=f"<p>{EMOJI * count}</p>", **fields)


def test_emoji_are_words_again_before_anything_else_goes() -> None:
    media = tuple(Medium(kind="image", url=f"https://i/{n}") for n in range(16))
    body = decoded(encode(drawn(600, media=media)))
    assert (body.html, body.media) == ("<p>" + ":cat:" * 600 + "</p>", media)


def test_media_beyond_the_first_few_go_before_words_do() -> None:
    media = tuple(Medium(kind="image", url=f"https://i/{n}", alt="猫" * 2_000) for n in range(16))
    html = "<p>" + "word " * 2_000 + "</p>"
    body = decoded(encode(replace(build(said("1"), {}), html=html, media=media)))
    assert body.html == html
    assert [medium.url for medium in body.media] == [f"https://i/{n}" for n in range(FEW_MEDIA)]


def test_words_are_cut_with_an_ellipsis_and_stay_well_formed() -> None:
    body = decoded(encode(replace(build(said("1"), {}), html="<p>" + "🐈🐈🐈 " * 6_000 + "</p>")))
    assert body.html.endswith("…</p>")
    assert clean(body.html) == body.html


@pytest.mark.parametrize("field", sorted(set(Post.__struct_fields__) & {"title", "html", "warning", "lang", "url"}))
def test_one_absurd_field_costs_no_card(field: str) -> None:
    card = encode(build(replace(said("1"), **{field: "<p>x</p>" * 50_000}), {}))
    assert len(card) <= MAX_CARD
    assert decoded(card).author.name == "Ada Quill"
