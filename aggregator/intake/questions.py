"""Which disputed versions the origins are asked about: no server can use up the questions of another one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from aggregator.intake.versions import Dispute, question_of
from connectors.contract.origin import host_of_key

MAX_QUESTIONS = 5
"""Questions after one page."""
ASK_INTERVAL = timedelta(minutes=30)
"""How long the origin is not asked again about the same version: the dispute returns with each poll."""
MAX_OF_POST = 3
"""Questions of one source about one post in that time, however many versions it has."""
MAX_OF_HOST = 20
"""Questions of one source to one origin in that time."""
MAX_OF_SOURCE = 200
"""Questions of one source in that time."""


class _Question(NamedTuple):
    at: datetime
    host: str
    key: str
    digest: int


class Questions:
    """The recent questions of each source, in memory only."""

    def __init__(self) -> None:
        self._asked: dict[int, list[_Question]] = {}

    def due(self, source_id: int, disputed: Iterable[Dispute], at: datetime) -> list[Dispute]:
        """The disputes to ask about now, which count as asked from now on; the origins asked least come first."""
        self._forget(at)
        known = {question.digest for asked in self._asked.values() for question in asked}
        asked = self._asked.setdefault(source_id, [])
        hosts = Counter(question.host for question in asked)
        posts = Counter(question.key for question in asked)
        due: list[Dispute] = []
        for dispute in sorted(disputed, key=lambda each: hosts[host_of_key(each.claimed.key)]):
            key = dispute.claimed.key
            question = _Question(at, host_of_key(key), key, hash(question_of(dispute)))
            if len(due) == MAX_QUESTIONS or len(asked) == MAX_OF_SOURCE:
                break
            if question.digest in known:
                continue
            if hosts[question.host] < MAX_OF_HOST and posts[question.key] < MAX_OF_POST:
                asked.append(question)
                known.add(question.digest)
                hosts[question.host] += 1
                posts[question.key] += 1
                due.append(dispute)
        return due

    def _forget(self, at: datetime) -> None:
        for source_id, asked in list(self._asked.items()):
            recent = [question for question in asked if timedelta(0) <= at - question.at < ASK_INTERVAL]
            if recent:
                self._asked[source_id] = recent
            else:
                del self._asked[source_id]
