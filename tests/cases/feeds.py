"""The expectations of each case of a feed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.cases.expecting import case, shown, titles
from tests.cases.road import Seen

TWO_NOTICES = ({"title": "Doors open at nine", "words": "Words."}, {"title": "Bring a coat", "words": "Words."})
SAME_TIME = datetime(2026, 11, 25, 8, 52, tzinfo=UTC)


# --- content ----------------------------------------------------------------------------------------------------


@case("apostrophe-escaped-twice")
def _(polls: list[Seen]) -> None:
    (seen,) = polls
    shown(
        seen,
        {
            "title": "Ferry to drop 'fair fare' promise & more",
            "words": "It's what it means for you & me",
            "url": "https://harbour.example/q/1",
        },
    )


@case("control-characters")
def _(polls: list[Seen]) -> None:
    (seen,) = polls
    assert (titles(seen), seen.trouble) == (["Sails and ropes", "Bring a coat"], "")
    assert [card["words"] for card in seen.cards] == ["Tie it well", "Words."]


@case("emoji-as-two-references")
def _(polls: list[Seen]) -> None:
    (seen,) = polls
    words = [(card["title"], card["words"]) for card in seen.cards]
    joined = ("See you at the pier 😉", "With a wink 😉 from us")
    replaced = ("See you at the pier \ufffd\ufffd", "With a wink \ufffd\ufffd from us")
    assert (seen.trouble, seen.broken) == ("", 0)
    assert words[::2] == [("Doors open at nine", "Words."), ("Bring a coat", "Words.")]
    assert words[1:-1] in ([joined], [replaced])


@case("lazy-pictures")
def _(polls: list[Seen]) -> None:
    (seen,) = polls
    media = [[(medium["url"], medium.get("alt", "")) for medium in card.get("media", [])] for card in seen.cards]
    hall, pier, boats = media
    assert hall == [("https://harbour.example/hall.jpg", "The hall, full")]
    assert pier in (
        [("https://harbour.example/pier-800.jpg", "The pier")],
        [("https://harbour.example/pier-400.jpg", "The pier")],
    )
    assert [url.partition("boats")[0] for url, _ in boats] == ["https://harbour.example/"]


@case("link-inside-the-title")
def _(polls: list[Seen]) -> None:
    (seen,) = polls
    shown(seen, {"title": "Prize for the best sail", "url": "https://harbour.example/prize"})


@case("permalink-guid-and-no-link")
def _(polls: list[Seen]) -> None:
    (seen,) = polls
    shown(seen, {"title": "Doors open at nine", "url": "https://harbour.example/blog/doors"})


@case("template-left-in-the-address")
def _(polls: list[Seen]) -> None:
    (seen,) = polls
    assert [card["words"] for card in seen.cards] == ["Doors open at nine", "Bring a coat"]
    assert (seen.trouble, seen.broken) == ("", 0)
    assert [card["url"] for card in seen.cards] == ["https://harbour.example/t/1", "https://harbour.example/"]
    assert "{{" not in seen.cards[1]["html"]


@case("unescaped-ampersand")
def _(polls: list[Seen]) -> None:
    (seen,) = polls
    assert [(card["title"], card["words"], card["url"]) for card in seen.cards] == [
        (
            "Q&A with R&D, and D&D in the evening",
            "Bring pen & paper",
            "https://harbour.example/a?id=1&lang=en&copy=2",
        ),
        ("Bring a coat", "Words.", "https://harbour.example/a/2"),
    ]
    assert seen.trouble == ""


# --- faults that must cost nothing ------------------------------------------------------------------------------


@case("comment-before-the-feed")
def _(polls: list[Seen]) -> None:
    (seen,) = polls
    shown(seen, {"title": "Doors open at nine", "words": "Words."})


@case("doctype-of-another-language")
def _(polls: list[Seen]) -> None:
    (seen,) = polls
    shown(seen, {"title": "Doors open at nine", "words": "Words."})


@case("geo-without-where")
def _(polls: list[Seen]) -> None:
    (seen,) = polls
    shown(seen, {"title": "Doors open at nine"}, {"title": "Where the boats are"})


@case("map-reference-that-is-no-number")
def _(polls: list[Seen]) -> None:
    (seen,) = polls
    shown(seen, {"title": "Doors open at nine"}, {"title": "Where the boats are"}, {"title": "Bring a coat"})


@case("zero-date-in-one-entry")
def _(polls: list[Seen]) -> None:
    (seen,) = polls
    shown(
        seen,
        {"title": "An old page without a day", "created_at": "2026-11-26T09:00:00Z", "at": "2026-11-26T09:00:00Z"},
        {"title": "Doors open at nine", "created_at": "2026-11-25T08:00:00Z"},
        {"title": "Bring a coat", "created_at": "2026-11-25T06:00:00Z"},
    )


# --- transport --------------------------------------------------------------------------------------------------


@case("content-encoding-utf-8")
def _(polls: list[Seen]) -> None:
    (seen,) = polls
    shown(seen, *TWO_NOTICES)


@case("gzip-in-two-members")
def _(polls: list[Seen]) -> None:
    (seen,) = polls
    shown(seen, *TWO_NOTICES)


@case("gzip-without-saying-so")
def _(polls: list[Seen]) -> None:
    (seen,) = polls
    shown(seen, *TWO_NOTICES)


@case("page-names-a-json-feed")
def _(polls: list[Seen]) -> None:
    (seen,) = polls
    shown(seen, {"words": "Doors open at nine", "url": "https://harbour.example/1"})


@case("html-page-in-place-of-the-feed")
def _(polls: list[Seen]) -> None:
    first, page, again = polls
    there = ({"title": "Programme is out"}, {"title": "Call for talks"})
    shown(first, *there)
    assert titles(page) == ["Programme is out", "Call for talks"]
    assert page.again == 0
    assert "web page" in page.trouble
    shown(again, {"title": "Speakers announced"}, *there)


@case("validator-that-never-changes", pause=timedelta(minutes=20))
def _(polls: list[Seen]) -> None:
    shown(polls[0], *TWO_NOTICES)
    shown(polls[-1], {"title": "The keynote begins"}, *TWO_NOTICES)
    assert [seen.trouble for seen in polls] == [""] * 7


# --- new entries and known ones ---------------------------------------------------------------------------------


@case("every-entry-updated-at-each-fetch", began=datetime(2026, 11, 25, 9, 1, tzinfo=UTC))
def _(polls: list[Seen]) -> None:
    notes = [{"title": f"Note {n}", "created_at": f"2026-11-{20 + n}T10:00:00Z"} for n in (3, 2, 1)]
    for seen in polls:
        shown(seen, *notes)


@case("guids-turn-from-http-to-https")
def _(polls: list[Seen]) -> None:
    for seen in polls:
        assert titles(seen) == ["Doors open at nine", "Bring a coat", "Lunch is on the pier"]
        assert [card.get("edited_at") for card in seen.cards] == [None] * 3


@case("oldest-first-long-feed")
def _(polls: list[Seen]) -> None:
    first, second = polls
    assert titles(first) == [f"Note {n} from the quay" for n in range(230, 30, -1)]
    assert titles(second) == ["Note 231: the doors are open", *titles(first)]
    assert (second.again, second.trouble) == (0, "")


@case("one-guid-for-all")
def _(polls: list[Seen]) -> None:
    first, second = polls
    articles = {"Keynote moved to the big hall": "keynote", "Lunch is on the pier": "lunch", "Wi-Fi and power": "wifi"}
    there = [{"title": title, "url": f"https://harbour.example/blog/{page}"} for title, page in articles.items()]
    shown(first, *there)
    shown(second, {"title": "Last boat at ten", "url": "https://harbour.example/blog/boat"}, *there)


@case("pubdate-is-the-time-of-fetching", began=SAME_TIME)
def _(polls: list[Seen]) -> None:
    for seen in polls:
        assert sorted(titles(seen)) == ["Note 1", "Note 2", "Note 3"]
        assert {(card["created_at"], card["at"], card.get("edited_at")) for card in seen.cards} == {
            ("2026-11-25T08:52:00Z", "2026-11-25T08:52:00Z", None)
        }
        assert (seen.again, seen.trouble) == (0, "")


@case("published-date-put-right-later")
def _(polls: list[Seen]) -> None:
    first, second = polls
    shown(first, {"title": "Twice is once", "created_at": "2020-02-03T09:00:00Z", "at": "2020-02-03T09:00:00Z"})
    right = "2026-11-25T08:00:00Z"
    shown(second, {"title": "Twice is once", "created_at": right, "at": right}, again=1)
