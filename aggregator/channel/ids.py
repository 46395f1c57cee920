"""The ids of channels: the slug of a wall and an audience, `wall` for everyone and `desk` for organisers."""

from __future__ import annotations

from typing import Final

WALL: Final = "/wall"
DESK: Final = "/desk"


def wall_channel(slug: str) -> str:
    """What everyone may see of the wall with this slug."""
    return slug + WALL


def desk_channel(slug: str) -> str:
    """What its organisers see."""
    return slug + DESK


def channel_order(channel_id: str) -> tuple[str, bool]:
    """Return the sort key of the order in which every writer locks channels: by slug, `wall` before `desk`.

    Sorting in Python avoids the collations of databases.
    """
    slug, _, audience = channel_id.partition("/")
    return slug, audience != "wall"
