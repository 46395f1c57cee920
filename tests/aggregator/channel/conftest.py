"""What the tests of the channel share: a channel in memory, and its line."""

import pytest

from aggregator.channel.fanout import Fanout
from tests.aggregator.channel.shelf import Shelf


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def line(shelf: Shelf) -> Fanout:
    return Fanout(shelf.load, "E", 0)
