"""Which passwords are taken: long enough, and hard to guess for a program that knows the person and the wall.

Length and composition follow NIST SP 800-63B, section 5.1.1.2: no rules about kinds of characters, no expiry. Guesses
are estimated by zxcvbn, which has lists of common passwords, words and names, and finds repeats, sequences and dates.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from aggregator.accounts.errors import InvalidDetails
from connectors.text.characters import is_control

MIN_PASSWORD: Final = 12
MAX_PASSWORD: Final = 256
"""Characters."""
JUDGED: Final = 40
"""Characters that are judged: zxcvbn's time grows with the square of the length."""
MIN_SCORE: Final = 4
"""The best of zxcvbn's: 10¹⁰ guesses or more."""
LETTER_SIGNS: Final = frozenset("@({[<!|$+%")
"""Signs that zxcvbn reads as letters, too."""
MAX_LETTER_SIGNS: Final = 3
"""Different ones that are judged: zxcvbn tries all their readings, which takes ten seconds for all ten signs."""
NEUTRAL: Final = "~"
MIN_WORD: Final = 3
OUR_WORDS: Final = ("backchannel", "conference", "moderator", "organiser")
TOO_EASY: Final = (
    "The password is too easy to guess: use four or more words that do not belong together, or let a password manager"
    " make one. Names of people and of this wall do not help."
)


def prepare(password: str) -> str:
    """Return the form in which a password is hashed, the same for all keyboards (RFC 8265, section 4.2.2)."""
    spaced = "".join(" " if unicodedata.category(c) == "Zs" else c for c in password)
    return unicodedata.normalize("NFC", spaced)


def check_password(password: str, words: Iterable[str] = ()) -> str:
    """Return the prepared password. `words` are those about the person and the wall. Raises InvalidDetails.

    It takes up to half a second: call it in a thread.
    """
    prepared = prepare(password)
    if len(prepared) < MIN_PASSWORD:
        raise InvalidDetails(f"A password has {MIN_PASSWORD} characters or more; this one has {len(prepared)}.")
    if len(prepared) > MAX_PASSWORD:
        raise InvalidDetails(f"A password has {MAX_PASSWORD} characters or fewer; this one has {len(prepared)}.")
    if any(map(is_control, prepared)):
        raise InvalidDetails("A password cannot have control characters, such as a tab: type it anew, without them.")
    from zxcvbn import zxcvbn  # noqa: PLC0415  # its lists take a tenth of a second to load, and are seldom needed

    if zxcvbn(_judged(prepared), user_inputs=_parts([*words, *OUR_WORDS]))["score"] < MIN_SCORE:
        raise InvalidDetails(TOO_EASY)
    return prepared


def _judged(password: str) -> str:
    """Return what is judged of a password, in which most signs are only signs."""
    signs = [c for c in dict.fromkeys(password[:JUDGED]) if c in LETTER_SIGNS]
    return password[:JUDGED].translate({ord(c): NEUTRAL for c in signs[MAX_LETTER_SIGNS:]})


def _parts(words: Iterable[str]) -> list[str]:
    """Return the words and their parts in lower case, as somebody who guesses would put them together."""
    found: dict[str, None] = {}
    for word in words:
        lower = word.casefold()
        for part in (lower, re.sub(r"\W+", "", lower), *re.split(r"[\W_\d]+", lower)):
            if len(part) >= MIN_WORD:
                found[part] = None
    return list(found)
