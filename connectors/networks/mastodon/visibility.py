"""Who may read a status, and whether its author means it for public places. Pure."""

from __future__ import annotations

from typing import Final

from connectors.contract.fields import flag, perhaps
from connectors.networks.mastodon.entities import Status

OPEN: Final = frozenset({"public", "unlisted"})
"""Visibilities that anyone may read. Unlisted posts are not meant for public places: see `is_quiet`."""

PRIVATE: Final = frozenset({"private", "direct", "limited"})
"""Visibilities that only some may read. Any other value is unknown, and says nothing about a post."""
LOCAL: Final = "local"  # Akkoma's: only for people on that server


def is_open(status: Status) -> bool:
    """Whether anyone may read it: followers-only, direct and local-only posts reach no wall, with any token.

    `local_only` is GoToSocial's, Hometown's and glitch-soc's: such a post has the visibility `public` as well.
    """
    return status.visibility in OPEN and not perhaps(status.local_only)


def is_private(status: Status) -> bool:
    """Whether it is surely not public: what can't be read, or is unknown, ends no post."""
    return status.visibility in PRIVATE or flag(status.local_only)


def has_known_visibility(status: Status) -> bool:
    return status.visibility in OPEN | PRIVATE | {LOCAL}


def is_quiet(status: Status) -> bool:
    """Whether its author keeps it out of public places, although anyone may read it."""
    return status.visibility != "public"
