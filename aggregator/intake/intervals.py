"""How long to wait before a source is asked again. Pure arithmetic, in seconds: no clock, no store.

`least` is always the connector's own smallest interval; no answer here is ever below it.
"""

from __future__ import annotations

import math
from random import Random

DAY = 86_400.0
SLOWEST = 12.0
"""A quiet source is asked so many times more seldom than a busy one, unless its connector declares something else."""
SLOWING = 1.25
JITTER = 0.1
FIRST_PAUSE = 5.0
LONGEST_PAUSE = 900.0


def adapt(interval: float, found: int, least: float, most: float | None = None) -> float:
    """The next interval: the more posts came, the shorter; a little longer each time that nothing did.

    `most` is the connector's own largest interval, where it declares one.
    """
    wanted = interval / (1 + found) if found else interval * SLOWING
    return max(min(wanted, least * SLOWEST if most is None else most), least)


def pause(interval: float, wish: float | None, least: float, random: Random) -> float:
    """Until the next poll: the network's own wish if it has one, else about `interval`, spread so that sources part."""
    if wish is not None:
        return bounded(wish, least)
    low = max(least, interval * (1 - JITTER))
    return random.uniform(low, max(low, interval * (1 + JITTER)))


def back_off(failures: int, least: float, random: Random) -> float:
    """After so many failures in a row: twice as long each time, up to a quarter of an hour, spread likewise."""
    longest = max(least, LONGEST_PAUSE)
    doubled = max(least, FIRST_PAUSE) * 2.0 ** min(max(failures - 1, 0), 16)
    return max(least, min(doubled, longest) * random.uniform(1 - JITTER, 1 + JITTER))


def bounded(wish: float, least: float) -> float:
    """What the network asked for, as long as it makes sense: not below `least`, not above a day."""
    return least if math.isnan(wish) else min(max(wish, least), max(DAY, least))
