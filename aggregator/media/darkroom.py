"""The darkroom: takes the pictures that posts want, fetches, prepares and keeps them, and has their posts shown again.

It owns the pace and what becomes of each failure; it refuses to know what a post looks like. A picture that fails
holds nothing back, and a kill at any moment only means that a picture is fetched once more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator import moment
from aggregator.media.images import BadPicture
from aggregator.media.leftovers import forget_strays, forget_unused, hold_shelf
from aggregator.media.pictures import Kept, are_due, failed, finished, shown_by, take
from aggregator.media.sandbox import Collapsed, Sandbox
from aggregator.media.shelf import Shelf
from aggregator.media.tables import StoredPicture
from aggregator.store import Store
from connectors._base import Connector, Missing, Refused, Throttled, Trouble, Unreachable, Unreadable
from connectors._http import Http

LOOK_EVERY = 2.0
"""Seconds between two looks at what is due, when nobody nudges: other processes want pictures too."""
GATHER = 0.1
"""Seconds in which finished pictures gather, so that a burst shows no post many times again."""
HELD = 64
"""Pictures that one darkroom has in hand: fetched by turns, so that one slow host fills no more than its lanes."""
LANES = 2
"""Pictures fetched from one host at the same time."""
FETCH = 30.0
"""Seconds that one fetch may take altogether."""
SILENT = timedelta(minutes=1)
"""For how long a host that did not answer is not asked again, for any picture."""
FORGET_EVERY = 300.0
"""Seconds between two looks for pictures that no post shows any more."""
STRAYS_EVERY = 12
"""Every so many of these looks also walk the shelf itself."""

Republish = Callable[[AsyncSession, Collection[str]], Awaitable[None]]
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no picture. `final` says that another try would be no use; `wait` is in seconds."""

    id: str
    trouble: str
    final: bool = False
    wait: float = 0.0
