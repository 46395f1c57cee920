"""The reply to one attempt too many."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from web.problems import Refusal
from web.throttle import Throttled


@contextmanager
def limited() -> Iterator[None]:
    """Turn Throttled into a Refusal that says when to try again."""
    try:
        yield
    except Throttled as throttled:
        detail = f"Too many attempts: try again in {throttled.wait} s."
        raise Refusal(429, "throttled", detail, {"Retry-After": str(throttled.wait)}) from None
