"""Fixtures for the tests of the channel: a channel in memory, and its fanout."""

import pytest

from aggregator.channel.fanout import Fanout
from tests.aggregator.channel.shelf import Shelf


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def fanout(shelf: Shelf) -> Fanout:
    return Fanout(shelf.load, "E", 0)
