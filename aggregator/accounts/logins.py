"""Logins and names: what may be one, and the form in which two spellings of a login are the same."""

from __future__ import annotations

import unicodedata
from typing import Final

from aggregator.accounts.errors import InvalidDetails
from connectors.text.characters import is_control

MIN_LOGIN: Final = 2
MAX_LOGIN: Final = 254
"""Characters; as many as an e-mail address may have (RFC 5321, section 4.5.3.1.3, less its brackets)."""
MAX_NAME: Final = 80
SIGNS: Final = frozenset("._-+@")
"""What Unicode calls controls, which steer terminals, and halves of characters, which no text can carry."""


def fold(login: str) -> str:
    """Return the stored form of a login: without case, width and composition (Unicode's NFKC case folding)."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", login.strip()).casefold())


def check_login(login: str) -> str:
    """Return the folded login. Raises InvalidDetails."""
    folded = fold(login)
    if not MIN_LOGIN <= len(folded) <= MAX_LOGIN:
        raise InvalidDetails(f"A login has between {MIN_LOGIN} and {MAX_LOGIN} characters; this one has {len(folded)}.")
    if not all(c in SIGNS or unicodedata.category(c)[0] in "LMN" for c in folded) or not any(map(str.isalnum, folded)):
        raise InvalidDetails(
            "A login is a user name or an e-mail address: letters, digits and, among them, any of . _ - + @"
        )
    return folded


def check_name(name: str) -> str:
    """Return the name with single spaces. Raises InvalidDetails."""
    shown = " ".join(name.split())
    if not 1 <= len(shown) <= MAX_NAME:
        raise InvalidDetails(f"A name has between 1 and {MAX_NAME} characters; this one has {len(shown)}.")
    if any(map(is_control, shown)):
        raise InvalidDetails("A name cannot have control characters, such as Escape: type it anew, without them.")
    return shown
