"""Logins and names: spellings that are the same, and what is refused."""

from __future__ import annotations

import pytest

from aggregator.accounts.errors import InvalidDetails
from aggregator.accounts.logins import MAX_LOGIN, MAX_NAME, check_login, check_name


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("Kim", "kim"),
        (" kim@Conference.Example ", "kim@conference.example"),
        ("STRASSE", "strasse"),
        ("straße", "strasse"),
        ("\uff2b\uff49\uff4d", "kim"),
        ("Zoe\u0308", "zo\u00eb"),
        ("会議", "会議"),
        ("a-b_c+d.e", "a-b_c+d.e"),
    ],
)
def test_login_is_folded(typed: str, stored: str) -> None:
    assert check_login(typed) == check_login(stored) == stored


def test_login_that_cannot_be_is_refused() -> None:
    for typed in ("k", "", "a" * (MAX_LOGIN + 1)):
        with pytest.raises(InvalidDetails, match=r"^A login has between 2 and 254 characters"):
            check_login(typed)
    for typed in ("two words", "kim\0", "kim\x1b", "k/im", "...", "<b>"):
        with pytest.raises(InvalidDetails, match=r"^A login is a user name or an e-mail address"):
            check_login(typed)


def test_name_is_a_line_that_can_be_shown() -> None:
    assert check_name("  Kim   Adeyemi ") == "Kim Adeyemi"
    for wrong in ("", "   ", "n" * (MAX_NAME + 1)):
        with pytest.raises(InvalidDetails, match="between 1 and 80 characters"):
            check_name(wrong)
    for wrong in ("Kim\0", "Kim\x1b[31m", "Kim\ud83d"):
        with pytest.raises(InvalidDetails, match="control characters"):
            check_name(wrong)
