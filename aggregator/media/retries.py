"""What each thing that can go wrong with a picture means for the next try.

It refuses to know when that will be: see the back-off in `pictures.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from aggregator.media.images import BadPicture
from aggregator.media.sandbox import Collapsed
from aggregator.media.tables import StoredPicture
from connectors.errors import ConnectorError, Forbidden, InvalidResponse, NotFound, RateLimited

DEFER_FOR = 60.0
"""Seconds until another try where the picture is not to blame."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no picture, in one sentence; `final` and `wait` as in `pictures.failed`."""

    id: str
    trouble: str
    final: bool = False
    wait: float = 0.0


def failure(picture: StoredPicture, trouble: Exception) -> Failure:
    """Nothing changes what a network or a picture is; servers, processes and disks recover."""
    match trouble:
        case RateLimited():
            return Failure(picture.id, str(trouble), wait=max(trouble.wait, DEFER_FOR))
        case BadPicture() | NotFound() | Forbidden() | InvalidResponse():
            return Failure(picture.id, str(trouble), final=True)
        case ConnectorError() | Collapsed():
            return Failure(picture.id, str(trouble))
        case TimeoutError():
            return Failure(picture.id, "The picture took too long to come.")
        case OSError():
            log.error("a picture cannot be kept", url=picture.url, trouble=str(trouble))
            return Failure(picture.id, f"The picture cannot be kept here: {trouble}", wait=DEFER_FOR)
    log.error("a picture failed in a way that nobody foresaw", url=picture.url, exc_info=trouble)
    return Failure(picture.id, f"The picture failed in a way that nobody foresaw ({type(trouble).__name__}).")
