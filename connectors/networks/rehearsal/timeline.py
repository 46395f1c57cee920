"""When each act of an archive is due: in real time, faster, at a fixed rate, once or for ever.

Pure arithmetic: act number `n` counts on through the laps, and `due(n)` needs no memory of what was played before.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise

from connectors.networks.rehearsal.cursor import Pauses
from connectors.networks.rehearsal.entities import AnyEvent, PostEvent

LOOP_PAUSE = 20.0  # between the last act and the next lap, in seconds of the archive
MAX_OPENING_PAUSE = (
    6.0  # the longest silence before the opening in later laps: only a first audience needs an hour of backlog
)


class Timeline:
    """`rate` is posts a second, whatever the archive's own times; otherwise those times run `speed` times faster.

    `pauses` say from which act on everything comes by how many seconds later.
    """

    def __init__(
        self, acts: Sequence[AnyEvent], *, rate: float | None, speed: float, loop: bool, pauses: Pauses = ()
    ) -> None:
        self.loop = loop
        self.lap_length = len(acts)
        self._rate = rate
        self._pauses = pauses
        self.speed = speed
        self._times = [act.t for act in acts]
        self._first_lap = max(self._times[-1], 0.0) + LOOP_PAUSE
        gaps = (min(b - a, MAX_OPENING_PAUSE) if b <= 0 else b - a for a, b in pairwise(self._times))
        self._again = list(accumulate(gaps, initial=0.0))
        self._counts = list(accumulate(isinstance(act, PostEvent) for act in acts))

    def due(self, n: int) -> float:
        """Seconds after the start at which act `n` is due; the backlog before the opening is never hurried."""
        return self._unpaused(n) + sum(seconds for first, seconds in self._pauses if n >= first)

    def _unpaused(self, n: int) -> float:
        lap, index = divmod(n, self.lap_length)
        if self._rate is not None:
            return (lap * self._counts[-1] + self._counts[index] - 1) / self._rate
        if lap == 0:
            seconds = self._times[index]
            return seconds if seconds < 0 else seconds / self.speed
        later = self._first_lap + (lap - 1) * (self._again[-1] + LOOP_PAUSE)
        return (later + self._again[index]) / self.speed

    def exists(self, n: int) -> bool:
        return self.loop or n < self.lap_length

    def is_due(self, n: int, elapsed: float) -> bool:
        return self.exists(n) and self.due(n) <= elapsed

    def resume(self, place: int, elapsed: float) -> int:
        """Where to go on. Whole laps since an opening long ago are let go; at a fixed rate everything is given."""
        if not self.loop or self._rate is not None:
            return place
        played = elapsed - sum(seconds for _, seconds in self._pauses)
        lap = int((played * self.speed - self._first_lap) // (self._again[-1] + LOOP_PAUSE)) + 1
        return max(place, (lap - 1) * self.lap_length)
