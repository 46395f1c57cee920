"""Two sources that show the same posts, neither of them the origin, and origins that give one answer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from aggregator.audit.actor import UNNAMED
from aggregator.intake.admit import AdmitResult
from aggregator.intake.context import PollContext
from aggregator.intake.disputes import Disputes
from aggregator.intake.versions import Dispute
from aggregator.sources.tables import Source
from aggregator.store.store import Store
from aggregator.walls.following import follow
from aggregator.walls.tables import Wall
from connectors.contract import Address, Attachment, Confirmation, Page, Post
from connectors.http.client import Http
from tests.aggregator.invented import NETWORK, START, Clock, Invented, bring, said

OLD = said("1", "<p>Good morning.</p>")
EDIT = said("1", "<p>Good evening.</p>", edited_at=START + timedelta(minutes=5))
SILENT_EDIT = said("1", "<p>Good night.</p>")
PICTURE = Attachment(kind="image", url="https://o.example/1.png", alt="A quay", width=1600, height=1200)
WISH = said("1", opted_out="#nobot")


class Confirming(Invented):
    """A connector whose origins give one answer, which counts the questions."""

    def __init__(self, answer: Confirmation) -> None:
        super().__init__()
        self.answer = answer
        self.asked: list[Post] = []

    async def confirm(self, http: Http, source: Address, claimed: Post) -> Confirmation:
        self.asked.append(claimed)
        return self.answer


class Counted(Disputes):
    """Disputes that count how often they have changed a post."""

    def __init__(self, context: PollContext) -> None:
        super().__init__(context, self.count)
        self.changed = 0

    def count(self) -> None:
        self.changed += 1


def nowhere(_key: str) -> bool:
    """No server is the origin of any post."""
    return False


class Copies:
    """Two walls whose sources, on two servers, have both shown a post; `first` was followed first."""

    def __init__(self, store: Store, first: Source, second: Source, clock: Clock) -> None:
        self.store, self.first, self.second, self.clock = store, first, second, clock

    async def tell(self, source: Source, *posts: Post) -> AdmitResult:
        return await bring(self.store, source, Page(posts=posts), is_origin=nowhere)

    def disputes(self, connector: Confirming) -> Counted:
        return Counted(
            PollContext(store=self.store, connectors={NETWORK: connector}, http=Http(), clock=self.clock, pauses=())
        )

    async def settle(self, post: Post, answer: Confirmation) -> bool:
        """The first source tells of this version, and the origin answers; returns whether it became the current one."""
        disputed = (await self.tell(self.first, post)).disputed
        return await ask(self.disputes(Confirming(answer)), self.first, disputed)


async def ask(disputes: Counted, source: Source, disputed: Iterable[Dispute]) -> bool:
    """Ask the origins, and wait for their answers; returns whether any post changed."""
    before = disputes.changed
    disputes.begin(source.id or 0, disputed)
    await disputes.finished()
    return disputes.changed > before


async def source_on(store: Store, wall: Wall, server: str) -> Source:
    async with store.write() as db:
        address = Address(network=NETWORK, kind="hashtag", value="tag", server=server)
        return await follow(db, wall, address, by=UNNAMED)
