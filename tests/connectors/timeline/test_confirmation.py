"""The origin's answer about a version of a post that another server reports."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from connectors.contract import Address, Attachment, Choice, Confirmation, Person, Poll, Post
from connectors.contract.bounds import bounded
from connectors.http.client import Http
from connectors.sandbox import Inline
from connectors.text.html import clean
from connectors.timeline.entries import UNSEEN_WARNING
from tests.connectors.networks.mastodon.sources import mastodon

KEY, ACTOR = "https://far.example/notes/1", "https://far.example/users/ada"
SOURCE = Address(network="mastodon", kind="hashtag", value="x", server="https://m.example")
POST = Post(
    network="mastodon",
    key=KEY,
    url=KEY,
    author=Person(name="Ada", handle="@ada@far.example", url="https://far.example/@ada"),
    created_at=datetime(2026, 6, 9, tzinfo=UTC),
    html="<p>Good evening, all.</p>",
    warning="greetings",
    media=(Attachment(kind="image", url="https://m.example/1.png"),),
)
NOTE = {
    "type": "Note",
    "id": KEY,
    "attributedTo": ACTOR,
    "content": '<p class="x">Good   evening,<br>all.</p><script>1</script>',
    "summary": "greetings",
    "attachment": [{"type": "Document", "url": "https://far.example/1.png"}],
}
BY_LANGUAGE = {**NOTE, "contentMap": {"en": NOTE["content"]}}
del BY_LANGUAGE["content"]
WORDS = "<p>Good   evening,<br>all.</p>"
PICTURE = Attachment(kind="image", url="https://far.example/1.png", preview="https://far.example/1.png")
WISHED = replace(POST, opted_out="The author asks to be left out.")


async def confirm(post: Post, replies: dict[str, Any]) -> Confirmation:
    def answer(request: httpx.Request) -> httpx.Response:
        found = replies.get(str(request.url), httpx.Response(404))
        return found if isinstance(found, httpx.Response) else httpx.Response(200, json=found)

    async with Http(transport=httpx.MockTransport(answer), sandbox=Inline, per_second=10_000) as http:
        return await mastodon.confirm(http, SOURCE, post)


@pytest.mark.parametrize(
    ("note", "words"),
    [
        (NOTE, True),
        (NOTE | {"attachment": {"type": "Document"}}, True),
        (NOTE | {"content": "<p>Good morning, all.</p>"}, False),
        (NOTE | {"summary": None}, False),
        (NOTE | {"summary": " greetings "}, True),
        (NOTE | {"summary": "greet<b>"}, False),
        (NOTE | {"attachment": []}, True),
        ({**NOTE, "content": 7, "attachment": "x"}, False),
        (BY_LANGUAGE, True),
        ({"type": "Tombstone"}, False),
        (httpx.Response(404), False),
        (httpx.Response(410), False),
        (httpx.Response(401), False),  # it wants a signature
        (httpx.Response(503), False),
        (httpx.Response(200, text="<html>"), False),
        ([NOTE], False),
    ],
)
async def test_origin_confirms_the_words_or_denies_them(note: Any, *, words: bool) -> None:
    found = await confirm(POST, {KEY: note})
    assert (found.html == WORDS, found.wish) == (words, None)


async def test_what_our_reading_adds_and_cuts_is_no_other_version() -> None:
    warning, answer = "w" * 2_000, "a" * 900
    note = NOTE | {"type": "Question", "summary": warning, "oneOf": [{"name": answer}, {"name": "No"}]}
    choices = (Choice(title=answer), Choice(title="No"))
    html = f'{POST.html}<p><a href="https://far.example/1.bin">1.bin</a></p>'
    ours = bounded(replace(POST, html=html, warning=warning, poll=Poll(choices=choices)))
    assert (await confirm(ours, {KEY: note})).html == WORDS
    lie = replace(ours, warning="w…", poll=Poll(choices=(Choice(title="a…"), Choice(title="No"))))
    assert (await confirm(lie, {KEY: note})).html is None
    for changes in ({"summary": "v" + warning}, {"oneOf": [{"name": answer}]}, {"content": "<p>Good</p> morning"}):
        assert (await confirm(ours, {KEY: note | changes})).html is None


async def test_origin_tells_whether_its_pictures_are_sensitive() -> None:
    assert (await confirm(POST, {KEY: NOTE | {"sensitive": True}})).sensitive
    assert not (await confirm(POST, {KEY: NOTE | {"sensitive": "yes"}})).sensitive


@pytest.mark.parametrize(("kind", "words"), [("oneOf", True), ("anyOf", True), ("noneOf", False)])
async def test_origin_confirms_the_answers_of_a_poll(kind: str, *, words: bool) -> None:
    asked = replace(POST, poll=Poll(choices=(Choice(title="Yes", votes=7), Choice(title="No"))))
    question = NOTE | {"type": "Question", kind: [{"name": "Yes"}, {"name": "No"}]}
    assert ((await confirm(asked, {KEY: question})).html is not None) == words


@pytest.mark.parametrize(
    ("actor", "wish"),
    [
        ({"type": "Person", "summary": "<p>I sail. #nobot</p>"}, True),
        ({"attachment": [{"type": "PropertyValue", "name": "please", "value": "#NoIndex"}]}, True),
        ({"type": "Person", "summary": "<p>I sail.</p>"}, False),
        ({"summary": 7, "attachment": 8}, False),
        (httpx.Response(404), None),
        (httpx.Response(401), None),
        ([], None),
    ],
)
async def test_origin_confirms_an_author_s_wish_or_denies_it(actor: Any, *, wish: bool | None) -> None:
    assert await confirm(WISHED, {KEY: NOTE, ACTOR: actor}) == Confirmation(
        html=WORDS, attachments=(PICTURE,), wish=wish
    )


@pytest.mark.parametrize(
    ("author", "wish"),
    [
        ("https://m.example/users/ada", False),
        ("", None),
        (7, None),
        ({"id": "https://m.example/users/ada"}, False),
        (["https://m.example/users/ada"], False),
    ],
)
async def test_wish_of_an_actor_elsewhere_is_none(author: object, *, wish: bool | None) -> None:
    replies = {KEY: NOTE | {"attributedTo": author}, "https://m.example/users/ada": {"summary": "#nobot"}}
    assert await confirm(WISHED, replies) == Confirmation(html=WORDS, attachments=(PICTURE,), wish=wish)


async def test_warning_with_words_like_markup_is_not_confirmed() -> None:
    """A warning is plain text: readers see what stands between its brackets."""
    forged = replace(POST, warning="greet<forged words>ings")
    assert (await confirm(forged, {KEY: NOTE})).html is None


@pytest.mark.parametrize(("summary", "words"), [("\u200b", True), (" \u3164", True), ("", False), ("w", False)])
async def test_warning_without_a_visible_character_is_confirmed(summary: str, *, words: bool) -> None:
    """Our reading shows an ellipsis for it."""
    unseen = replace(POST, warning=UNSEEN_WARNING)
    assert ((await confirm(unseen, {KEY: NOTE | {"summary": summary}})).html is not None) == words


MASTODONS = '<p class="quote-inline">RE: <a href="https://q.example/1">q.example/1</a></p>'
MISSKEYS = '<span class="quote-inline"><br><br>RE: <a href="https://q.example/1">https://q.example/1</a></span>'


@pytest.mark.parametrize("note", [f"{MASTODONS}<p>Good evening, all.</p>", f"<p>Good evening, all.{MISSKEYS}</p>"])
@pytest.mark.parametrize("ours", ["", MASTODONS.replace("q.example", "m.example")])
async def test_line_of_a_quote_is_no_other_version(note: str, ours: str) -> None:
    found = await confirm(replace(POST, html=ours + POST.html), {KEY: NOTE | {"content": note}})
    assert found.html == (clean(note) if ours else POST.html)
    lie = replace(POST, html=ours + "<p>Good morning, all.</p>")
    assert (await confirm(lie, {KEY: NOTE | {"content": note}})).html is None


async def test_origin_s_attachments_are_read_one_by_one() -> None:
    link = {"type": "Link", "href": "https://far.example/2.gif", "mediaType": "image/gif"}
    attached = [
        {"type": "Document", "mediaType": "video/mp4", "url": "https://far.example/1", "name": "A ship", "width": 8,
         "height": 6, "blurhash": "L"},
        {"type": "Image", "url": [link], "summary": "A quay", "name": "quay.gif", "width": 8},
        {"type": "Document", "mediaType": "application/pdf", "url": "https://far.example/3"},
        {"type": "Document", "mediaType": "image/svg+xml", "url": "https://far.example/4"},
        {"type": "Audio", "url": "javascript:alert(1)"},
        {"type": "PropertyValue", "name": "x"},
        7,
    ]  # fmt: skip
    assert (await confirm(POST, {KEY: NOTE | {"attachment": attached}})).attachments == (
        Attachment(kind="video", url="https://far.example/1", alt="A ship", width=8, height=6, blurhash="L"),
        Attachment(kind="gif", url=link["href"], preview=link["href"], alt="A quay"),
    )
