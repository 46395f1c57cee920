"""From a status to a Post, field by field, and the wishes of its author."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.contract import Attachment, Choice, LinkCard, Mention, Person, Poll, Post
from connectors.contract.fields import id_of, read
from connectors.networks.mastodon.entities import Account, Status
from connectors.networks.mastodon.people import opted_out, to_person
from connectors.networks.mastodon.posts import to_post
from connectors.networks.mastodon.visibility import is_open

ADA = {
    "id": "1",
    "username": "ada",
    "acct": "ada",
    "display_name": "Ada",
    "url": "https://m.example/@ada",
    "avatar": "https://m.example/ada.gif",
    "avatar_static": "https://m.example/ada.png",
}
FIRST_SEEN = datetime(2009, 10, 13, tzinfo=UTC)
PLAIN = {
    "id": "7",
    "uri": "https://m.example/users/ada/statuses/7",
    "url": "https://m.example/@ada/7",
    "created_at": "2009-10-12T09:30:00.000Z",
    "account": ADA,
    "visibility": "public",
    "content": "<p>Good morning</p>",
}


def post(**fields: Any) -> Post:
    return to_post(read({**PLAIN, **fields}, Status), FIRST_SEEN)


def test_post_of_a_plain_status() -> None:
    assert post() == Post(
        network="mastodon",
        key="https://m.example/users/ada/statuses/7",
        url="https://m.example/@ada/7",
        author=Person(
            name="Ada",
            handle="@ada@m.example",
            url="https://m.example/@ada",
            avatar="https://m.example/ada.png",
        ),
        created_at=datetime(2009, 10, 12, 9, 30, tzinfo=UTC),
        html="<p>Good morning</p>",
    )


# --- fields ------------------------------------------------------------------------------------------------------


def test_url_falls_back_to_the_key_and_never_leads_out_of_the_web() -> None:
    assert post(url=None).url == PLAIN["uri"]
    assert post(url="javascript:alert(1)").url == PLAIN["uri"]
    assert post(url=None, uri="tag:m.example,2009:7").url == ""


@pytest.mark.parametrize(
    "url", ["https://evil.example\\@bank.example/", "https://bank.example@evil.example/", "https://bank.example:99999/"]
)
def test_address_that_leads_elsewhere_than_it_says_is_not_linked(url: str) -> None:
    found = post(
        url=url,
        account={**ADA, "url": url, "avatar_static": url},
        card={"url": url, "title": "Bank", "image": url},
        mentions=[{"acct": "bo", "url": url}],
        media_attachments=[{"type": "image", "url": url}],
        emojis=[{"shortcode": "x", "url": url}],
    )
    assert (found.url, found.card, found.media, found.emojis) == (PLAIN["uri"], None, (), {})
    assert (found.author.handle, found.author.url, found.author.avatar) == ("@ada", "", ADA["avatar"])
    assert found.mentions == (Mention(handle="@bo", url=""),)


def test_times_are_in_utc() -> None:
    found = post(created_at="2009-10-12T11:30:00+02:00", edited_at="2009-10-12T10:00:00")
    assert (found.created_at, found.edited_at) == (
        datetime(2009, 10, 12, 9, 30, tzinfo=UTC),
        datetime(2009, 10, 12, 10, 0, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    "zero",
    ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00+05:00", "1970-01-01T00:00:00.000Z", "1989-12-31T23:59:59Z", 0, "0"],
)
def test_time_before_the_web_is_unreadable(zero: object) -> None:
    found = post(created_at=zero, edited_at=zero, poll={"options": [{"title": "Yes"}], "expires_at": zero})
    assert found.poll is not None
    assert (found.created_at, found.edited_at, found.poll.closes_at) == (FIRST_SEEN, None, None)


@pytest.mark.parametrize(
    ("language", "lang"), [("en", "en"), ("pt-BR", "pt-BR"), (None, ""), ("", ""), ('en" onload="x', ""), ("x" * 9, "")]
)
def test_language_is_a_language_tag_or_nothing(language: str | None, lang: str) -> None:
    assert post(language=language).lang == lang


@pytest.mark.parametrize(
    ("fields", "name", "handle"),
    [
        ({}, "Ada", "@ada@m.example"),
        ({"display_name": " "}, "ada", "@ada@m.example"),
        ({"display_name": None, "username": None}, "ada", "@ada@m.example"),
        ({"acct": "ada@far.example"}, "Ada", "@ada@far.example"),
        ({"acct": "@ada"}, "Ada", "@ada@m.example"),
        ({"url": None}, "Ada", "@ada"),
        ({"display_name": "A\u202eda"}, "Ada", "@ada@m.example"),
    ],
)
def test_person_has_a_name_and_a_handle(fields: dict[str, Any], name: str, handle: str) -> None:
    found = to_person(read({**ADA, **fields}, Account))
    assert (found.name, found.handle) == (name, handle)


def test_person_keeps_still_avatars_and_the_bot_flag() -> None:
    found = to_person(read({**ADA, "avatar_static": None, "bot": True}, Account))
    assert (found.avatar, found.bot) == ("https://m.example/ada.gif", True)


PICTURE = {"type": "image", "url": "https://m.example/a.png"}


@pytest.mark.parametrize(
    ("media", "expected"),
    [
        (PICTURE, Attachment(kind="image", url="https://m.example/a.png")),
        ({**PICTURE, "meta": None}, Attachment(kind="image", url="https://m.example/a.png")),
        ({**PICTURE, "meta": []}, Attachment(kind="image", url="https://m.example/a.png")),
        (
            {**PICTURE, "meta": {"original": {"width": 1e300, "height": -5}, "focus": {"x": -9, "y": 0.5}}},
            Attachment(kind="image", url="https://m.example/a.png", focus=(-1.0, 0.5)),
        ),
        (
            {**PICTURE, "meta": {"original": "huge", "small": {"width": 4, "height": 3}, "focus": "left"}},
            Attachment(kind="image", url="https://m.example/a.png", width=4, height=3),
        ),
        (
            {"type": "gifv", "url": "https://m.example/a.mp4", "preview_url": "https://m.example/a.png"},
            Attachment(kind="gif", url="https://m.example/a.mp4", preview="https://m.example/a.png"),
        ),
        (
            {"type": "video", "url": "https://m.example/a.mp4", "preview_url": "https://m.example/a.mp4"},
            Attachment(kind="video", url="https://m.example/a.mp4"),
        ),
        (
            {"type": "unknown", "url": None, "remote_url": "https://far.example/b.jpeg?x=1"},
            Attachment(kind="image", url="https://far.example/b.jpeg?x=1"),
        ),
        ({"type": "unknown", "url": "https://m.example/a.pdf"}, None),
        ({"type": "unknown", "url": "https://m.example/a"}, None),
        ({"type": "image", "url": "data:image/png;base64,AA"}, None),
        ({"type": 5}, None),
        ("a picture", None),
    ],
)
def test_attachment_survives_what_servers_put_into_it(media: object, expected: Attachment | None) -> None:
    assert post(media_attachments=[media]).media == ((expected,) if expected else ())


@pytest.mark.parametrize("part", ["media_attachments", "mentions", "tags", "emojis", "poll", "card", "quote"])
@pytest.mark.parametrize("junk", [None, 7, "x", {}, [], [None], {"options": [None], "url": 3, "state": "accepted"}])
def test_post_survives_a_broken_part(part: str, junk: object) -> None:
    assert post(**{part: junk}) == post()


@pytest.mark.parametrize("part", ["id", "uri", "account", "visibility"])
def test_status_without_its_heart_is_unreadable(part: str) -> None:
    with pytest.raises(ValueError, match=f"missing required field `{part}`"):
        read({name: value for name, value in PLAIN.items() if name != part}, Status)


def test_poll_with_secret_votes_keeps_them_secret() -> None:
    found = post(poll={"options": [{"title": "A", "votes_count": None}, {"title": "B"}], "expires_at": None})
    assert found.poll == Poll(choices=(Choice(title="A"), Choice(title="B")))


def test_card_without_a_title_is_called_by_its_site() -> None:
    card = {"url": "https://talks.example/1", "title": "", "image": "javascript:x"}
    assert post(card=card).card == LinkCard(url="https://talks.example/1", title="talks.example", site="talks.example")
    assert post(card={"url": "javascript:alert(1)"}).card is None


def test_tags_are_in_their_normal_form_and_once() -> None:
    assert post(tags=[{"name": "Sócitm09"}, {"name": "SOCITM09"}, {"name": "旅"}]).tags == ("socitm09", "旅")


def test_mention_of_a_neighbour_gets_its_host() -> None:
    mentions = [{"acct": "bo", "url": "https://m.example/@bo"}, {"acct": "cy@far.example", "url": "ftp://x"}]
    assert post(mentions=mentions).mentions == (
        Mention(handle="@bo@m.example", url="https://m.example/@bo"),
        Mention(handle="@cy@far.example", url=""),
    )


def test_emoji_of_author_post_and_poll_come_together() -> None:
    def emoji(code: str, name: str) -> dict[str, str]:
        return {
            "shortcode": code,
            "url": f"https://m.example/{name}.gif",
            "static_url": f"https://m.example/{name}.png",
        }

    found = post(
        account={**ADA, "emojis": [emoji("a", "author"), emoji("b", "author")]},
        emojis=[emoji("b", "post"), {"shortcode": "bad", "url": "javascript:x"}],
        poll={"options": [], "emojis": [emoji("c", "poll")]},
    )
    assert found.emojis == {
        "a": "https://m.example/author.png",
        "b": "https://m.example/post.png",
        "c": "https://m.example/poll.png",
    }


# --- quotes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["pending", "rejected", "revoked", "deleted", "unauthorized", "blocked_account", ""])
def test_quote_is_shown_only_once_its_author_agreed(state: str) -> None:
    assert post(quote={"state": state, "quoted_status": PLAIN}).quote is None


@pytest.mark.parametrize(
    "quoted",
    [
        None,
        {"id": "7"},
        {**PLAIN, "visibility": "private"},
        {**PLAIN, "account": {**ADA, "noindex": True}},
    ],
)
def test_quote_of_what_is_not_for_everyone_is_left_out(quoted: object) -> None:
    assert post(quote={"state": "accepted", "quoted_status": quoted}).quote is None


def test_quote_under_a_warning_shows_the_warning_alone() -> None:
    quoted = {**PLAIN, "spoiler_text": "Lunch <3", "content": "<p>herring</p>"}
    found = post(quote={"state": "accepted", "quoted_status": quoted}).quote
    assert found is not None
    assert found.html == "<p>Lunch &lt;3</p>"


# --- visibility --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("visibility", "shown"),
    [("public", True), ("unlisted", True), ("private", False), ("direct", False), ("local", False)],
)
def test_only_what_everyone_may_read_is_open(visibility: str, *, shown: bool) -> None:
    assert is_open(read({**PLAIN, "visibility": visibility}, Status)) is shown


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (
            {"noindex": True},
            "The author asks search engines and services like ours to leave their posts out (noindex).",
        ),
        ({"note": "<p>Hi. #NoBot please</p>"}, "The author asks to be left out: #nobot stands in their profile."),
        (
            {"note": '<p><a href="https://m.example/tags/noindex" class="hashtag">#<span>noindex</span></a></p>'},
            "The author asks to be left out: #noindex stands in their profile.",
        ),
        (
            {"fields": [{"name": "Wishes", "value": "#nobot #noarchive"}]},
            "The author asks to be left out: #nobot stands in their profile.",
        ),
        (
            {"fields": [{"name": "#nobot", "value": None}]},
            "The author asks to be left out: #nobot stands in their profile.",
        ),
        ({"note": "<p>#nobots #noindexing C#nobot nobot noindex</p>"}, ""),
        ({"note": '<a href="https://m.example/#nobot">my page</a>'}, ""),
        ({"note": "https://m.example/#nobot"}, ""),
        ({"discoverable": False, "indexable": False, "noindex": None}, ""),
    ],
)
def test_authors_who_ask_to_be_left_out_are_left_out(fields: dict[str, Any], sentence: str) -> None:
    assert opted_out(read({**ADA, **fields}, Account)) == sentence
    assert post(account={**ADA, **fields}).opted_out == sentence


@pytest.mark.parametrize(
    ("said", "shown"),
    [("Lunch", "Lunch"), ("", ""), (" \n", ""), ("\u200b", "…"), ("\u2800", "…"), (None, "")],
)
def test_warning_that_nobody_can_see_folds_as_well(said: object, shown: str) -> None:
    assert post(spoiler_text=said).warning == shown


@pytest.mark.parametrize(
    ("end", "told"),
    [
        ("2009-10-13T09:30:00Z", datetime(2009, 10, 13, 9, 30, tzinfo=UTC)),
        ("9999-12-31T00:00:00Z", None),
        ("soon", None),
    ],
)
def test_poll_without_an_end_that_anybody_means_has_none(end: str, told: datetime | None) -> None:
    found = post(poll={"options": [{"title": "A"}], "expires_at": end}).poll
    assert found is not None
    assert found.closes_at == told


@pytest.mark.parametrize("name", ["a b/../c", "https://peer.example 7", "1\n2", "7\u00a0", " ", True, None, "9" * 201])
def test_id_that_is_no_name_is_none(name: object) -> None:
    """A blank would split a ref, and another server would be asked for the post."""
    assert id_of({"id": name}) == ""
