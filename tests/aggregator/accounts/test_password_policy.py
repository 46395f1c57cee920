"""Which passwords are taken."""

from __future__ import annotations

import unicodedata

import pytest

from aggregator.accounts.errors import InvalidDetails
from aggregator.accounts.password_policy import MAX_PASSWORD, check_password, prepare
from tests.accounts import OTHER_PASSWORD, PASSWORD

WORDS = ["kim.adeyemi@conference.example", "Kim Adeyemi", "harbour26", "Harbour 26", "harbour"]
SHIP = "\u6703\u8b70\u6d77\u6e2f\u71c8\u5854\u8c93\u982d\u9df9\u5496\u5561\u9435"


@pytest.mark.parametrize("password", [PASSWORD, OTHER_PASSWORD, "x7Gk!p2qLw9z", "ärgerliche Möwen im Takt", SHIP])
def test_password_that_is_hard_to_guess_is_taken(password: str) -> None:
    assert check_password(password, WORDS) == password


@pytest.mark.parametrize(
    "password",
    [
        "passwordpassword",
        "P@ssw0rd!2026",
        "123456789012",
        "qwertyuiop12",
        "1qaz2wsx3edc",
        "aaaaaaaaaaaaaaaa",
        "abcdefghijklmnop",
        "abcabcabcabcabc",
        "iloveyou1234567",
        "09.06.2026 2026",
        "backchannel2026",
        "Kim Adeyemi 26",
        "adeyemi-harbour",
        "harbour26harbour26",
        "kim.adeyemi@conference.example",
    ],
)
def test_password_that_is_easy_to_guess_is_refused(password: str) -> None:
    with pytest.raises(InvalidDetails, match=r"^The password is too easy to guess: use four or more words"):
        check_password(password, WORDS)


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("x7Gk!p2qLw9", "A password has 12 characters or more; this one has 11."),
        ("x" * (MAX_PASSWORD + 1), f"A password has 256 characters or fewer; this one has {MAX_PASSWORD + 1}."),
        (f"{PASSWORD}\t", "A password cannot have control characters, such as a tab: type it anew, without them."),
        (f"{PASSWORD}\ud83d", "A password cannot have control characters, such as a tab: type it anew, without them."),
    ],
)
def test_password_of_another_shape_is_refused_with_the_reason(password: str, sentence: str) -> None:
    with pytest.raises(InvalidDetails) as refused:
        check_password(password)
    assert str(refused.value) == sentence


def test_password_is_the_same_on_all_keyboards() -> None:
    typed = "ärgerliche Möwen im Takt"
    assert prepare(unicodedata.normalize("NFD", typed).replace(" ", "\u00a0")) == typed


def test_longest_password_of_signs_is_judged() -> None:
    """All readings of all signs at once would take zxcvbn many seconds."""
    assert check_password(("4@8({[</369&#!1|0$5+7%2" * 12)[:MAX_PASSWORD])
