"""When each act of an archive is due: in real time, faster, at a fixed rate, once or in a loop.

Pure arithmetic: the act number `n` goes on through the loops, and `due(n)` needs no memory of earlier acts.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise

from connectors.networks.rehearsal.cursor import Pauses
from connectors.networks.rehearsal.entities import AnyEvent, PostEvent

LOOP_PAUSE = 20.0  # between the last act and the next loop, in seconds of the archive
MAX_OPENING_PAUSE = 6.0  # seconds; the longest pause before the opening in later loops, which need no hour of backlog


class Timeline:
    """`rate` is posts a second, whatever the archive's own times; otherwise those times run `speed` times faster.

    `pauses` are (first act, seconds): from that act on, all come so much later.
    """

    def __init__(
        self, acts: Sequence[AnyEvent], *, rate: float | None, speed: float, loop: bool, pauses: Pauses = ()
    ) -> None:
        self.loop = loop
        self.loop_length = len(acts)
        self._rate = rate
        self._pauses = pauses
        self.speed = speed
        self._times = [act.t for act in acts]
        self._first_loop = max(self._times[-1], 0.0) + LOOP_PAUSE
        gaps = (min(b - a, MAX_OPENING_PAUSE) if b <= 0 else b - a for a, b in pairwise(self._times))
        self._again = list(accumulate(gaps, initial=0.0))
        self._counts = list(accumulate(isinstance(act, PostEvent) for act in acts))

    def due(self, n: int) -> float:
        """Seconds after the start at which act `n` is due; the backlog before the opening keeps its own times."""
        return self._unpaused(n) + sum(seconds for first, seconds in self._pauses if n >= first)

    def _unpaused(self, n: int) -> float:
        loop, index = divmod(n, self.loop_length)
        if self._rate is not None:
            return (loop * self._counts[-1] + self._counts[index] - 1) / self._rate
        if loop == 0:
            seconds = self._times[index]
            return seconds if seconds < 0 else seconds / self.speed
        later = self._first_loop + (loop - 1) * (self._again[-1] + LOOP_PAUSE)
        return (later + self._again[index]) / self.speed

    def exists(self, n: int) -> bool:
        return self.loop or n < self.loop_length

    def is_due(self, n: int, elapsed: float) -> bool:
        return self.exists(n) and self.due(n) <= elapsed

    def resume(self, number: int, elapsed: float) -> int:
        """The number of the next act. Whole loops since an opening long ago are skipped, except at a fixed rate."""
        if not self.loop or self._rate is not None:
            return number
        played = elapsed - sum(seconds for _, seconds in self._pauses)
        loop = int((played * self.speed - self._first_loop) // (self._again[-1] + LOOP_PAUSE)) + 1
        return max(number, (loop - 1) * self.loop_length)
