"""The intervals between polls of a source. Pure arithmetic, in seconds.

`least` is always the connector's own shortest interval; no result is below it.
"""

from __future__ import annotations

import math
from random import Random

DAY = 86_400.0
MAX_SLOWDOWN = 12.0
"""How many times `least` the interval of a quiet source may be, unless its connector declares a longest interval."""
SLOWDOWN = 1.25
JITTER = 0.1
FIRST_PAUSE = 5.0
MAX_PAUSE = 900.0
LISTENING = (30.0, 120.0)
"""The least and the most seconds between polls of a source while a stream tells its posts."""


def adapt(interval: float, found: int, least: float, most: float | None = None) -> float:
    """Return the next interval: shorter the more posts were found, and a little longer after each empty poll.

    `most` is the connector's own longest interval, if it declares one.
    """
    wanted = interval / (1 + found) if found else interval * SLOWDOWN
    return max(min(wanted, least * MAX_SLOWDOWN if most is None else most), least)


def pause(interval: float, wish: float | None, least: float, random: Random) -> float:
    """Return the pause until the next poll: the network's wish, else `interval` with jitter to spread the sources."""
    if wish is not None:
        return bounded(wish, least)
    low = max(least, interval * (1 - JITTER))
    return random.uniform(low, max(low, interval * (1 + JITTER)))


def while_listening(wanted: float, since: float, random: Random) -> float:
    """Return the pause until the next poll of a source that has been listened to for `since` seconds.

    As long again as the stream has been open, within bounds: a stream that tells nothing is found out soon. `wanted` is
    the pause without the stream.
    """
    least, most = LISTENING
    return max(wanted, min(max(since, least), most) * random.uniform(1 - JITTER, 1 + JITTER))


def back_off(failures: int, least: float, random: Random) -> float:
    """Return the pause after consecutive failures: doubled each time, up to a quarter of an hour, with jitter."""
    longest = max(least, MAX_PAUSE)
    doubled = max(least, FIRST_PAUSE) * 2.0 ** min(max(failures - 1, 0), 16)
    return max(least, min(doubled, longest) * random.uniform(1 - JITTER, 1 + JITTER))


def bounded(wish: float, least: float) -> float:
    """Return the pause that the network asked for, within `least` and a day."""
    return least if math.isnan(wish) else min(max(wish, least), max(DAY, least))
