"""A small archive, and a rehearsal of it whose clock stands still until told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

from connectors.contract import Address, Page, Post
from connectors.http.client import Http
from connectors.networks.rehearsal.connector import Rehearsal

ARCHIVES = Path(__file__).parents[3] / "fixtures" / "archives"
SMALL = ARCHIVES / "small"
START = datetime(2009, 10, 12, 9, 30, tzinfo=UTC)
BASE = "rehearsal:{}/20091012T093000.000000Z/"


class Clock:
    """A clock that stands still until told; seconds count from the opening."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds

    def __call__(self) -> datetime:
        return START + timedelta(seconds=self.seconds)


NOBODY = cast("Http", None)  # an archive has no network: any request fails


def source(value: Path | str = SMALL, **options: object) -> Address:
    return Address(
        network="rehearsal", kind="archive", value=str(value), options={"started_at": START.isoformat(), **options}
    )


async def at(seconds: float, cursor: str = "", address: Address | None = None) -> Page:
    return await Rehearsal(Clock(seconds)).poll(NOBODY, address or source(), cursor)


def names(keys: Iterator[str] | list[str]) -> list[str]:
    return [key.rpartition("/")[2] for key in keys]


def ids(page: Page) -> list[str]:
    return names([post.key for post in page.posts])


async def said(name: str, seconds: float) -> Post:
    page = await at(seconds)
    return next(post for post in page.posts if post.key.endswith(f"/{name}"))
