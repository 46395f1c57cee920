"""Dates in Chinese, Japanese and Korean, parsed completely or not at all."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final

_DAY: Final = (
    r"(\d{4})\s*(?:[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]"
    r"|[-./]\s?(\d{1,2})[-./]\s?(\d{1,2})\.?(?=\s*[上下午오]))"
)
_WEEKDAY: Final = (
    r"(?:,?\s*\(?(?:星期|周|週|禮拜)?[日月火水木金土一二三四五六天월화수목금토일](?:曜日|요일)?\)?(?=[\s,]|$))?"
)
_TIME: Final = (
    r"(?:,?\s*(上午|下午|午前|午後|오전|오후)?\s*(\d{1,2})\s*(?::|[時时点點시])\s*(?:(\d{1,2})\s*[分분]?"
    r"(?:\s*:?\s*(\d{1,2})\s*[秒초]?)?)?\s*(Z|\(?(?:JST|KST|CST|HKT)\)?|(?:UTC|GMT)?[+-](?:0?\d|1[0-4])(?::?[0-5]\d)?|UTC|GMT)?)?"
)
_DATE: Final = re.compile(_DAY + _WEEKDAY + _TIME)
_AFTERNOON: Final = frozenset({"下午", "午後", "오후"})
_KOREAN: Final = re.compile("[년월일오시분]")
_CHINA, _KOREA = 800, 900
"""The zones of dates without one, as hhmm east of Greenwich; in Japan it is one hour more than in China."""
_ZONES: Final = {"Z": 0, "UTC": 0, "GMT": 0, "JST": 900, "KST": 900, "CST": _CHINA, "HKT": 800}
"""Zones by name; in a date with Chinese characters, CST is China's."""
_OFFSET: Final = re.compile(r"([+-])(\d{1,2}):?(\d\d)?")


def east_asian_date(text: str) -> datetime | None:
    """The time of a date like `2026年11月25日 09:00` or `2026-11-25 오후 9:00`, in UTC; None if it is none."""
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    year, month, day = (int(part) for part in (found[1], found[2] or found[4], found[3] or found[5]))
    hour, minute, second = (int(part or 0) for part in found.group(7, 8, 9))
    if found[6]:
        if not 0 <= hour <= 12:  # noqa: PLR2004  of half a day
            return None
        hour = hour % 12 + (12 if found[6] in _AFTERNOON else 0)
    with suppress(ValueError, OverflowError):
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC) - _offset(found[10] or "", text)
    return None


def _offset(zone: str, text: str) -> timedelta:
    if found := _OFFSET.search(zone):
        sign, hours, minutes = -1 if found[1] == "-" else 1, int(found[2]), int(found[3] or 0)
    else:
        default = _KOREA if _KOREAN.search(text) else _CHINA
        sign, (hours, minutes) = 1, divmod(_ZONES.get(zone.strip("()"), default), 100)
    return sign * timedelta(hours=hours, minutes=minutes)
