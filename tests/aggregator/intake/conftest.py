"""What the intake says to its log is caught, so that tests can read it."""

from collections.abc import Iterator
from typing import Any

import pytest
from structlog.testing import capture_logs


@pytest.fixture(autouse=True)
def said_to_log() -> Iterator[list[Any]]:
    """The log's entries, as they come."""
    with capture_logs() as entries:
        yield entries
