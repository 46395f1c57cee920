"""When a source may have its next round of second looks: each one now and then, and all of one server's in turn.

It refuses to know what a round looks at. A clock that steps back ends every pause.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from aggregator.intake.recheck import ROUND_EVERY

Host = tuple[str, str]
"""A network, and whom a source of it asks: its server, or the host of its address; empty where there is only one."""


class Rounds:
    """Ask `begin` before a round, and say afterwards for how long to `leave_alone` the server."""

    def __init__(self) -> None:
        self._pauses: dict[int | Host, tuple[datetime, timedelta]] = {}

    def begin(self, source_id: int, host: Host, at: datetime) -> bool:
        """Whether it is time; then no other source of this server begins one meanwhile."""
        if self._rests(source_id, at) or self._rests(host, at):
            return False
        self._pauses[source_id] = self._pauses[host] = (at, ROUND_EVERY)
        return True

    def leave_alone(self, host: Host, at: datetime, seconds: float) -> None:
        self._pauses[host] = (at, timedelta(seconds=seconds))

    def _rests(self, name: int | Host, at: datetime) -> bool:
        began, pause = self._pauses.get(name, (at, timedelta(0)))
        return timedelta(0) <= at - began < pause
