"""Timestamps: aware UTC datetimes in Python, whole microseconds since 1970 in databases, RFC 3339 on the wire.

Integers compare the same way on SQLite and PostgreSQL and keep every digit, on which paging by time depends.
"""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, Dialect
from sqlalchemy.types import TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def now() -> datetime:
    return datetime.now(UTC)


def to_micros(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND


def from_micros(micros: int) -> datetime:
    return EPOCH + timedelta(microseconds=micros)


def to_wire(micros: int) -> str:
    """Return `2009-10-12T09:30:00.000000Z`: always of the same width, so that strings sort like timestamps."""
    moment = from_micros(micros).isoformat(timespec="microseconds")  # strftime would write the year 1 as “1”
    return moment.removesuffix("+00:00") + "Z"


def from_wire(text: str) -> int:
    """Return the microseconds of an RFC 3339 timestamp with an offset. Raises ValueError for anything else."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"“{text}” has no time zone")
    return to_micros(moment)


def own_zone(localtime: Path = Path("/etc/localtime")) -> str:
    """Return the IANA name of this machine's time zone, from `TZ` or the link `localtime`; else UTC."""
    _, _, linked = os.path.realpath(localtime).rpartition("zoneinfo/")
    for name in (os.environ.get("TZ", "").removeprefix(":"), linked):
        with suppress(KeyError, ValueError, OSError):
            return ZoneInfo(name).key.removeprefix("Etc/")
    return "UTC"


class UtcDateTime(TypeDecorator[datetime]):
    """A column of timestamps."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else to_micros(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else from_micros(value)
