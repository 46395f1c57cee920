"""The expectations of each case of a hashtag's timeline."""

from __future__ import annotations

from tests.cases.expecting import case, shown
from tests.cases.road import Seen

HALL = {"words": "The hall is full #socitm09", "at": "2026-11-25T05:49:00Z"}
PIER = {"words": "Good morning from the pier #socitm09", "at": "2026-11-25T05:41:00Z"}
FIRST_SEEN = "2026-11-26T09:00:00Z"


# --- times ------------------------------------------------------------------------------------------------------


@case("date-beyond-the-calendar")
def _(polls: list[Seen]) -> None:
    (seen,) = polls
    strange = {"words": "Written at the end of days #socitm09", "created_at": FIRST_SEEN, "at": FIRST_SEEN}
    shown(seen, strange, HALL, PIER)


@case("date-still-to-come")
def _(polls: list[Seen]) -> None:
    (seen,) = polls
    early = {"words": "Greetings from next month #socitm09", "created_at": FIRST_SEEN, "at": FIRST_SEEN}
    shown(seen, early, {**HALL, "at": "2026-11-25T05:48:00Z"}, PIER)


@case("edited-at-is-an-empty-text")
def _(polls: list[Seen]) -> None:
    (seen,) = polls
    shown(seen, HALL, {"words": "Never edited #socitm09"}, {"words": "Nor this #socitm09"}, PIER)


@case("edited-at-is-the-date-of-writing")
def _(polls: list[Seen]) -> None:
    (seen,) = polls
    shown(seen, HALL, {"words": "Never edited, though the server fills the field #socitm09"}, PIER)


@case("one-status-without-a-date")
def _(polls: list[Seen]) -> None:
    (seen,) = polls
    dateless = {"words": "Somewhere in time #socitm09", "created_at": FIRST_SEEN, "at": FIRST_SEEN}
    shown(seen, dateless, HALL, PIER)


@case("poll-until-the-119th-century")
def _(polls: list[Seen]) -> None:
    (seen,) = polls
    shown(seen, HALL, {"words": "How long shall we stay? #socitm09"}, PIER)
    poll = dict(seen.card("How long")["poll"])
    assert poll.pop("closes_at", None) in (None, "9999-12-31T23:59:59Z")
    assert poll == {
        "choices": [{"title": "A day", "votes": 1}, {"title": "For ever", "votes": 2}],
        "votes": 3,
        "voters": 3,
    }


# --- parts ------------------------------------------------------------------------------------------------------


@case("card-whose-address-is-none")
def _(polls: list[Seen]) -> None:
    (seen,) = polls
    shown(seen, HALL, {"words": "curl http://[boat iso] #socitm09", "card": None}, PIER)


@case("half-an-emoji-in-the-json")
def _(polls: list[Seen]) -> None:
    (seen,) = polls
    card = {
        "url": "https://harbour.example/x",
        "title": "The hall",
        "site": "Harbour",
        "description": "All about the hall and the pier \ufffd",
    }
    words = "A wink that was cut in half \ufffd #socitm09"
    shown(seen, HALL, {"words": words}, PIER)
    told = seen.card("A wink")["card"]
    assert {**told, "site": "Harbour"} == card
    assert told["site"] in ("Harbour", "harbour.example")


@case("lists-that-became-objects")
def _(polls: list[Seen]) -> None:
    (seen,) = polls
    shown(seen, HALL, {"words": "Three pictures, one was removed #socitm09", "tags": ["socitm09"]}, PIER)
    assert [(medium["url"], medium["alt"]) for medium in seen.card("Three pictures")["media"]] == [
        ("https://peer.test/1.jpg", "A boat"),
        ("https://peer.test/3.jpg", "A pier"),
    ]


@case("only-an-unknown-attachment")
def _(polls: list[Seen]) -> None:
    (seen,) = polls
    assert (seen.trouble, seen.broken, len(seen.cards)) == ("", 0, 3)
    (slides,) = [card for card in seen.cards if card["url"] == "https://peer.test/@ada/5"]
    link = slides.get("card") or {"url": slides.get("html", ""), "title": slides["words"]}
    assert "https://far.test/files/abc123" in link["url"]
    assert link["title"] == "Slides of the keynote"


@case("portrait-photo-and-many-words")
def _(polls: list[Seen]) -> None:
    (seen,) = polls
    newer, older = seen.cards
    assert newer["words"].startswith("We have just come out of the morning's first session")
    assert [(medium["kind"], medium["alt"]) for medium in newer["media"]] == [
        ("image", "A full hall, seen from the stage")
    ]
    assert older["words"] == PIER["words"]


# --- names and codes --------------------------------------------------------------------------------------------


@case("emoji-named-in-other-scripts")
def _(polls: list[Seen]) -> None:
    """Their pictures are not here yet: until then they are the words that they were."""
    (seen,) = polls
    words = "Here :taneŝima_ĝojas: and :鹅: and :plain: and :dash-ed.dot: #socitm09"
    shown(seen, {"words": words, "name": "Ada :鹅: 10:30:plain:"}, PIER)


@case("emoji-without-an-address")
def _(polls: list[Seen]) -> None:
    (seen,) = polls
    shown(seen, HALL, {"words": "Waves :wave: :boat: #socitm09"}, PIER)
    assert "emoji" not in seen.card("Waves")["html"]


@case("invisible-names")
def _(polls: list[Seen]) -> None:
    (seen,) = polls
    names = ("ada", "bo", "cy", "di")
    questions = ("Who wrote this?", "Nor this?", "Nor that?", "A soft hyphen?")
    shown(
        seen,
        *({"name": name, "words": f"{said} #socitm09"} for name, said in zip(names, questions, strict=True)),
    )


@case("four-hundred-hashtags")
def _(polls: list[Seen]) -> None:
    (seen,) = polls
    many = ["socitm09", *(f"word{n:03}ofthewall" for n in range(29))]
    first_words = " ".join(f"#word{n:03}ofthewall" for n in range(20))
    assert (seen.trouble, seen.broken, len(seen.cards)) == ("", 0, 4)
    flood = seen.card("#word000ofthewall")
    assert flood["tags"] == many
    assert flood["words"].startswith(first_words)
    assert [card["tags"] for card in seen.cards if card is not flood] == [["socitm09"]] * 3


# --- a server with pages of its own kind ------------------------------------------------------------------------


@case("min-id-means-the-newest-after-it")
def _(polls: list[Seen]) -> None:
    lines = [sorted(int(card["words"].split()[1]) for card in seen.cards) for seen in polls]
    assert lines[0] == list(range(1, 41))
    assert lines[-1] == list(range(1, 131))
    assert [(seen.trouble, seen.broken, seen.again) for seen in polls] == [("", 0, 0)] * 3
