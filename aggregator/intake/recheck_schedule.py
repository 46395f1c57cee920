"""When a source may have its next round of rechecks: each one now and then, and all of one server's in turn.

Of the sources of one server, the one that has waited longest comes first, however often the others poll. A clock that
steps back ends every pause.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from aggregator.intake.recheck import ROUND_INTERVAL

Host = tuple[str, str]
"""A network, and whom a source of it asks: its server, or the host of its address; empty where there is only one."""
ASKS_WITHIN = timedelta(minutes=2)
"""A source that has not asked for so long does not keep the others waiting: it may have ended, or be in trouble."""


class RecheckSchedule:
    """Ask `begin` before a round, and say afterwards for how long to `leave_alone` the server."""

    def __init__(self) -> None:
        self._pauses: dict[int | Host, tuple[datetime, timedelta]] = {}
        self._asked: dict[Host, dict[int, datetime]] = {}
        self._served: dict[int, datetime] = {}

    def begin(self, source_id: int, host: Host, at: datetime) -> bool:
        """Whether it is time; then no other source of this server begins one meanwhile."""
        asked = self._asked.setdefault(host, {})
        asked[source_id] = at
        if self._rests(source_id, at) or self._rests(host, at) or not self._is_first(source_id, host, at):
            return False
        self._pauses[source_id] = self._pauses[host] = (at, ROUND_INTERVAL)
        self._served[source_id] = at
        return True

    def leave_alone(self, host: Host, at: datetime, seconds: float) -> None:
        self._pauses[host] = (at, timedelta(seconds=seconds))

    def _is_first(self, source_id: int, host: Host, at: datetime) -> bool:
        """Whether no other source of this server that may have a round, and still asks for one, has waited longer."""
        ours = self._served.get(source_id)
        for other, asked in list(self._asked[host].items()):
            if not timedelta(0) <= at - asked <= ASKS_WITHIN:
                del self._asked[host][other]
                self._served.pop(other, None)
            elif other != source_id and not self._rests(other, at) and _waits_longer(self._served.get(other), ours):
                return False
        return True

    def _rests(self, name: int | Host, at: datetime) -> bool:
        began, pause = self._pauses.get(name, (at, timedelta(0)))
        return timedelta(0) <= at - began < pause


def _waits_longer(other: datetime | None, ours: datetime | None) -> bool:
    """None has had no round yet."""
    return ours is not None and (other is None or other < ours)
