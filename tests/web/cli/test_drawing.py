"""A wall's records drawn for a terminal, and which are drawn again."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from web.cli.drawing import Transcript, draw
from web.cli.live_client import Record

LONDON = ZoneInfo("Europe/London")
TODAY = date(2026, 7, 12)
ADA = {"name": "Ada", "handle": "@ada@quay.example"}
BEN = {"name": "Ben", "handle": "@ben@quay.example"}


def post(at: str = "2026-07-12T09:30:00.000000Z", **body: Any) -> Record:
    return Record(7, "post", "abc", at, {"author": ADA, "network": "mastodon", **body})


def lines_of(**body: Any) -> list[str]:
    """Below the head, without their margin."""
    return [line[7:] for line in draw(post(**body), LONDON).plain.splitlines()[1:]]


def test_a_post_is_drawn_with_its_author_and_its_words_in_the_wall_s_own_time() -> None:
    media = [{"kind": "image", "alt": "A gull"}, {"kind": "video"}]
    drawn = draw(post(title="Low tide", html="<p>Fish &amp; chips</p><p>at six</p>", media=media), LONDON)
    assert drawn.plain.splitlines() == [
        "10:30  Ada  @ada@quay.example  Mastodon  abc",
        "       Low tide",
        "       Fish & chips",
        "       at six",
        "       [image] A gull",
        "       [video]",
    ]


def test_a_content_warning_hides_the_words() -> None:
    assert draw(post(warning="spoilers", html="<p>The gull did it</p>"), LONDON).plain.splitlines() == [
        "10:30  Ada  @ada@quay.example  Mastodon  abc",
        "       [spoilers]",
    ]


def test_foreign_words_cannot_steer_the_terminal() -> None:
    drawn = draw(post(html="<p>a\x1b[2Jb\u202ec\x9bd [bold]e[/bold]</p>"), LONDON).plain
    assert drawn.splitlines()[1] == "       a[2Jbcd [bold]e[/bold]"


@pytest.mark.parametrize(
    ("record", "line"),
    [
        (Record(8, "post", "abc", "2026-07-12T09:30:00.000000Z", None), "abc  removed"),
        (Record(9, "wall", "wall", "1970-01-01T00:00:00.000000Z", {}), "wall wall  changed"),
    ],
)
def test_what_is_no_post_is_one_line(record: Record, line: str) -> None:
    assert draw(record, None).plain == line


def test_a_poll_is_drawn_with_a_line_for_each_choice_and_its_figures() -> None:
    choices = [{"title": "Salt", "votes": 3}, {"title": "Vinegar", "votes": 1}]
    poll = {"choices": choices, "votes": 4, "closed": True}
    assert lines_of(html="Which?", poll=poll) == [
        "Which?",
        "○ Salt  3 (75%)",
        "○ Vinegar  1 (25%)",
        "4 have voted, closed",
    ]
    several = {"choices": choices, "votes": 4, "voters": 3, "multiple": True}
    assert lines_of(poll=several) == ["○ Salt  3 (100%)", "○ Vinegar  1 (33%)", "3 have voted"]
    hidden = {"choices": [{"title": "Salt"}, {"title": "Vinegar"}], "votes": 1}
    assert lines_of(poll=hidden) == ["○ Salt", "○ Vinegar", "1 has voted"]
    assert lines_of(poll={"choices": [{"title": "Salt", "votes": 0}]})[0] == "○ Salt  0"


def test_link_card_quote_and_boost_have_a_line_each() -> None:
    card = {"url": "https://quay.example/news", "title": "Low tide", "site": "The Quay"}
    quote = {"url": "", "author": BEN, "html": "<p>Ahoy</p><p>there</p>"}
    assert lines_of(html="See", card=card, quote=quote, boosted_by=BEN) == [
        "boosted by Ben  @ben@quay.example",
        "See",
        "> Ben: Ahoy",
        "  there",
        "→ Low tide  The Quay  https://quay.example/news",
    ]


def test_a_content_warning_hides_poll_card_and_quote() -> None:
    besides = {"poll": {"choices": [{"title": "x"}]}, "card": {"url": "u", "title": "t"}}
    quote = {"url": "", "author": BEN, "html": "q"}
    assert lines_of(warning="spoilers", **besides, quote=quote) == ["[spoilers]"]


# --- what is drawn once -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "news",
    [
        {"author": ADA | {"avatar": {"id": "x"}}},
        {"media": [{"kind": "image", "alt": "A gull", "picture": {"id": "x"}}]},
        {"html": '<p>Fish <img class="emoji" src="/media/x/s.webp" alt=":gull:" title=":gull:"></p>'},
        {"card": {"url": "https://quay.example", "title": "Low tide"}},
        {"poll": {"choices": [{"title": "Salt", "votes": 2}], "votes": 2}},
    ],
    ids=["avatar", "picture", "emoji", "card", "votes"],
)
def test_a_post_whose_words_are_the_same_is_not_drawn_again(news: dict[str, Any]) -> None:
    body: dict[str, Any] = {"html": "<p>Fish :gull:</p>", "media": [{"kind": "image", "alt": "A gull"}]}
    body["poll"] = {"choices": [{"title": "Salt"}]}
    transcript = Transcript(LONDON, TODAY)
    assert transcript.draw(post(**body)) is not None
    assert transcript.draw(post(**(body | news))) is None


@pytest.mark.parametrize(
    "news",
    [
        {"html": "Chips"},
        {"poll": {"choices": [{"title": "Salt"}]}},
        {"title": "New"},
        {"warning": "fish"},
        {"media": [{"kind": "image", "alt": "A gull"}]},
    ],
)
def test_a_post_whose_words_change_is_drawn_again_as_edited(news: dict[str, Any]) -> None:
    transcript = Transcript(LONDON, TODAY)
    first = transcript.draw(post(html="Fish"))
    body: dict[str, Any] = {"html": "Fish"} | news
    again = transcript.draw(post(**body))
    assert first is not None
    assert again is not None
    assert [drawn.plain.splitlines()[0].endswith("  edited") for drawn in (first, again)] == [False, True]


def test_a_post_that_was_taken_away_is_drawn_whole_when_it_comes_back() -> None:
    transcript = Transcript(LONDON, TODAY)
    gone = Record(8, "post", "abc", "2026-07-12T09:30:00.000000Z", None)
    drawn = [transcript.draw(record) for record in (post(html="Fish"), gone, post(html="Fish"))]
    assert [each.plain.splitlines()[-1].strip() if each else None for each in drawn] == [
        "Fish",
        "abc  removed",
        "Fish",
    ]
    assert drawn[2] is not None
    assert "edited" not in drawn[2].plain


def test_a_day_begins_with_its_date_in_the_wall_s_own_zone() -> None:
    transcript = Transcript(LONDON, TODAY)
    at = ["2026-07-12T09:30:00.000000Z", "2026-07-12T23:30:00.000000Z", "2026-07-13T09:30:00.000000Z"]
    drawn = [transcript.draw(post(moment, html=moment)) for moment in at]
    assert [each.plain.splitlines()[0][:20] if each else "" for each in drawn] == [
        "10:30  Ada  @ada@qua",
        "Monday 13 July 2026",
        "10:30  Ada  @ada@qua",
    ]
