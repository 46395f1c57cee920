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
    assert await confirm(WISHED, {KEY: NOTE, ACTOR: actor}) == Confirmation(html=WORDS, attachments=1, wish=wish)


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
    assert await confirm(WISHED, replies) == Confirmation(html=WORDS, attachments=1, wish=wish)


async def test_warning_with_words_like_markup_is_not_confirmed() -> None:
    """A warning is plain text: readers see what stands between its brackets."""
    forged = replace(POST, warning="greet<forged words>ings")
    assert (await confirm(forged, {KEY: NOTE})).html is None
