"""The schedule of rechecks: a round for each source now and then, and the sources of one server in turn.

Of the sources of one server, the one that has waited longest comes first, however often the others poll. A clock set
back ends every pause.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from aggregator.intake.recheck import ROUND_INTERVAL

Host = tuple[str, str]
"""A network, and the host that a source of it polls; empty where the network has only one server."""
REQUEST_TIMEOUT = timedelta(minutes=2)
"""How long a source's request for a round counts; an ended or failing source must not keep the others waiting."""


class RecheckSchedule:
    """Call `begin` before a round, and `leave_alone` afterwards with the pause that the server asks for."""

    def __init__(self) -> None:
        self._pauses: dict[int | Host, tuple[datetime, timedelta]] = {}
        self._asked: dict[Host, dict[int, datetime]] = {}
        self._served: dict[int, datetime] = {}

    def begin(self, source_id: int, host: Host, at: datetime) -> bool:
        """Whether the source may begin a round now; if so, no other source of this server begins one meanwhile."""
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
        """Whether no other source of this server that requests a round, and may have one, has waited longer."""
        ours = self._served.get(source_id)
        for other, asked in list(self._asked[host].items()):
            if not timedelta(0) <= at - asked <= REQUEST_TIMEOUT:
                del self._asked[host][other]
                self._served.pop(other, None)
            elif other != source_id and not self._rests(other, at) and _waits_longer(self._served.get(other), ours):
                return False
        return True

    def _rests(self, name: int | Host, at: datetime) -> bool:
        began, pause = self._pauses.get(name, (at, timedelta(0)))
        return timedelta(0) <= at - began < pause


def _waits_longer(other: datetime | None, ours: datetime | None) -> bool:
    """Whether the other source's last round is older; None stands for a source without a round yet."""
    return ours is not None and (other is None or other < ours)
