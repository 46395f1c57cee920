"""Dates of feeds, parsed completely or not at all: a guess would move a post by hours or months."""

from __future__ import annotations

import re
import unicodedata
from calendar import timegm
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_tz
from itertools import pairwise
from typing import Any, Final

from connectors.contract.bounds import MIN_DATE
from connectors.syndication.east_asian_dates import east_asian_date

MAX_DATE_LENGTH: Final = 100
ZONES: Final = {
    "WET": 0, "WEST": 100, "BST": 100, "CET": 100, "MEZ": 100, "MET": 100, "CEST": 200, "MESZ": 200, "MEST": 200,
    "EET": 200, "SAST": 200, "EEST": 300, "MSK": 300, "HKT": 800, "AWST": 800, "JST": 900, "KST": 900, "AEST": 1000,
    "AEDT": 1100, "NZST": 1200, "NZDT": 1300, "AKST": -900, "AKDT": -800, "HST": -1000, "BRT": -300,
    "EST": -500, "EDT": -400, "CST": -600, "CDT": -500, "MST": -700, "MDT": -600, "PST": -800, "PDT": -700,
    "GMT": 0, "UTC": 0, "UT": 0, "Z": 0,
}  # fmt: skip
"""Offsets of zone names with a common meaning, as hhmm east of Greenwich (530 is five and a half hours)."""

_ISO: Final = re.compile(
    r"(\d{4})(?:-?(\d{2})(?:-?(\d{2})(?:(?:[Tt]|\s+)(\d{2}):?(\d{2})(?::?(\d{2})(?:[.,]\d+)?)?\s*([A-Za-z]{1,5}|[+-]\d{2}(?::?\d{2})?)?)?)?)?"
)
_HALF_DAY: Final = re.compile(r"\b(\d{1,2})(:\d{2}(?::\d{2})?)\s*([AaPp])\.?[Mm]\b\.?")
_NAMED: Final = re.compile(r"(?<=[\s\d])([A-Za-z]{1,5})(?=(?:\s+\d{4})?\s*$)")
_BEHIND_NAME: Final = re.compile(r"\s(?:GMT|UTC|UT)\s?([+-])(\d{1,2})(?::?(\d{2}))?\s*$")
_HYPHENS: Final = re.compile(r"\b(\d{1,2})-([A-Za-z]{3,9})-(?=\d)")
_DIGITS: Final = re.compile(r"[\d\s./:,TtZz+-]*")  # a date of digits alone, whose order must be known
_SIGNS: Final = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d"), "-")  # ISO 8601 prefers U+2212
_GREEK: Final = re.compile(r"[\u0370-\u03ff]+, \d{2} [\u0370-\u03ff]+ \d{4} \d{2}:\d{2}:\d{2} \S+")
_DAY: Final = 24 * 3600
_CLEAR: Final = 0.8
"""The share of steps in one direction by which entries are in order."""


def moment(text: str) -> datetime | None:
    """The time of an ISO 8601, RFC 822 or East Asian date, in UTC; None if it is none of these.

    An unknown zone name counts as UTC (RFC 5322, 4.3).
    """
    said = _normalised(text)
    if found := _ISO.fullmatch(said):
        return _iso(found)
    if not said.isascii() and (east_asian := east_asian_date(said)):
        return east_asian
    return None if _DIGITS.fullmatch(said) or re.match(r"\d{4}-", said) else _mail_date(said)


def moment_or_guess(text: str, guess: Any) -> datetime | None:
    """The same, or what feedparser makes of a Greek date: its guess at any other text may be months away."""
    if (found := moment(text)) is not None or not _GREEK.fullmatch(_normalised(text)) or not guess:
        return found
    with suppress(ValueError, OverflowError, OSError, TypeError):
        return datetime.fromtimestamp(timegm(guess), UTC)
    return None


def _normalised(text: str) -> str:
    """The text on one line, with digits and signs of normal width and nothing invisible."""
    said = unicodedata.normalize("NFKC", text[:MAX_DATE_LENGTH].translate(_SIGNS))
    return " ".join("".join(char for char in said if unicodedata.category(char) != "Cf").split())


def newest_first(dates: Sequence[datetime | None]) -> list[int]:
    """The numbers of a document's entries in the order in which they are taken, by their dates.

    Nearly every feed has its newest entry first or last: then the order of the document counts, since a single entry
    may be pinned, undated or wrong. Without such an order the dates count, and an undated entry stays with the entry
    before it.
    """
    numbers = list(range(len(dates)))
    known = [date for date in dates if date and date > MIN_DATE]
    rises = sum(later > earlier for earlier, later in pairwise(known))
    falls = sum(later < earlier for earlier, later in pairwise(known))
    if max(rises, falls) >= _CLEAR * (rises + falls):
        return numbers[::-1] if rises > falls else numbers
    filled, last = [], known[0]
    for date in dates:
        last = date if date and date > MIN_DATE else last
        filled.append(last)
    return sorted(numbers, key=lambda number: filled[number], reverse=True)


def _iso(found: re.Match[str]) -> datetime | None:
    year, month, day, hour, minute, second = (
        int(part or default) for part, default in zip(found.groups(), "011000", strict=False)
    )
    offset = _offset(found[7] or "Z")
    if offset is None or not _is_time(hour, minute, second):
        return None
    with suppress(ValueError, OverflowError):
        return datetime(year, month, day, tzinfo=UTC) + timedelta(hours=hour, minutes=minute, seconds=second) - offset
    return None


def _is_time(hour: int, minute: int, second: int) -> bool:
    """Whether it is a time: midnight may end a day, and a minute may have a leap second (ISO 8601, 4.2.1 and 4.2.3)."""
    return (hour < 24 and minute < 60 and second <= 60) or (hour, minute, second) == (24, 0, 0)  # noqa: PLR2004  of a day


def _offset(zone: str) -> timedelta | None:
    """A zone's offset east of Greenwich; None if it is more than a day."""
    if zone[:1] in "+-":
        digits = zone[1:].replace(":", "").ljust(4, "0")
        hundreds = int(f"{zone[0]}{digits}")
    elif zone.upper() in ("AM", "PM"):  # of a clock with twelve hours
        return None
    else:
        hundreds = ZONES.get(zone.upper(), 0)
    sign = -1 if hundreds < 0 else 1
    hours, minutes = divmod(abs(hundreds), 100)
    return sign * timedelta(hours=hours, minutes=minutes) if hours < 24 and minutes < 60 else None  # noqa: PLR2004  of a day


def _mail_date(said: str) -> datetime | None:
    said = _NAMED.sub(_numeric, _BEHIND_NAME.sub(_padded, _HALF_DAY.sub(_whole_day, _HYPHENS.sub(r"\1 \2 ", said))))
    with suppress(ValueError, OverflowError, TypeError, IndexError):
        found = parsedate_tz(said if ":" in said or "." in said else f"{said} 00:00:00")
        if found is not None and abs(found[9] or 0) < _DAY and _is_time(*found[3:6]):
            hour, minute, second = found[3:6]
            return datetime(*found[:3], tzinfo=UTC) + timedelta(
                hours=hour, minutes=minute, seconds=second - (found[9] or 0)
            )
    return None


def _padded(found: re.Match[str]) -> str:
    """`UTC+2` and `GMT+0200` as numbers."""
    return f" {found[1]}{found[2]:0>2}{found[3] or '00'}"


def _whole_day(found: re.Match[str]) -> str:
    hour = int(found[1])
    if not 1 <= hour <= 12:  # noqa: PLR2004  of half a day
        return found[0]
    return f"{hour % 12 + (12 if found[3] in 'Pp' else 0):02}{found[2]} "


def _numeric(found: re.Match[str]) -> str:
    """A zone as a number, if its name is known."""
    hundreds = ZONES.get(found[1].upper())
    return found[1] if hundreds is None else f"{hundreds:+05d}"
