"""The consequence of each error for the next try to fetch a picture (see the back-off in `pictures.py`)."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from aggregator.media.images import BadPicture
from aggregator.media.sandbox import SandboxCrashed
from aggregator.media.tables import StoredPicture
from connectors.errors import ConnectorError, Forbidden, InvalidResponse, NotFound, RateLimited

DEFER_FOR = 60.0
"""Seconds until another try if the picture is not at fault."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Failure:
    """The reason for a missing picture in one sentence; `final` and `wait` as in `pictures.failed`."""

    id: str
    error: str
    final: bool = False
    wait: float = 0.0


def failure(picture: StoredPicture, error: Exception) -> Failure:
    """Return the failure for an error: refusals and invalid pictures are final; servers and disks may recover."""
    match error:
        case RateLimited():
            return Failure(picture.id, str(error), wait=max(error.wait, DEFER_FOR))
        case BadPicture() | NotFound() | Forbidden() | InvalidResponse():
            return Failure(picture.id, str(error), final=True)
        case ConnectorError() | SandboxCrashed():
            return Failure(picture.id, str(error))
        case TimeoutError():
            return Failure(picture.id, "Timed out while fetching the picture.")
        case OSError():
            log.error("picture not stored", url=picture.url, error=str(error))
            return Failure(picture.id, f"Picture not stored: {error}", wait=DEFER_FOR)
    log.error("picture failed unexpectedly", url=picture.url, exc_info=error)
    return Failure(picture.id, f"Unexpected error with the picture ({type(error).__name__}).")
