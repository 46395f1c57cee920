"""Two servers, neither of them the origin, disagree about a post: the origin is asked, and its word counts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from aggregator.audit.actor import UNNAMED
from aggregator.intake.admit import AdmitResult
from aggregator.intake.context import PollContext
from aggregator.intake.disputes import Disputes
from aggregator.intake.questions import ASK_INTERVAL, MAX_OF_HOST, MAX_OF_POST, MAX_OF_SOURCE, MAX_QUESTIONS, Questions
from aggregator.intake.versions import Dispute
from aggregator.sources.tables import Source
from aggregator.store.store import Store
from aggregator.walls.following import follow, unfollow
from aggregator.walls.tables import Wall
from connectors.contract import Address, Attachment, Choice, Confirmation, Page, Poll, Post, Quote
from connectors.http.client import Http
from tests.aggregator.invented import NETWORK, ONE, START, TWO, Clock, Invented, a_wall, bring, said, shown, words

OLD = said("1", "<p>Good morning.</p>")
EDIT = said("1", "<p>Good evening.</p>", edited_at=START + timedelta(minutes=5))
SILENT_EDIT = said("1", "<p>Good night.</p>")
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


@pytest.fixture
async def copies(store: Store, wall: Wall) -> Copies:
    first = await source_on(store, await a_wall(store, "theirs"), "https://b.example")
    found = Copies(store, first, await source_on(store, wall, "https://a.example"), Clock())
    for source in (found.first, found.second):
        await found.tell(source, OLD)
    return found


@pytest.mark.parametrize("version", [EDIT, SILENT_EDIT])
async def test_copy_on_two_servers_is_changed_by_neither_alone(copies: Copies, wall: Wall, version: Post) -> None:
    for source in (copies.first, copies.second):
        assert await copies.tell(source, version) == AdmitResult(disputed=(Dispute(version, OLD),))
    assert await words(copies.store, wall.channel) == {ONE: OLD.html}


async def test_copy_on_one_server_is_changed_by_it_again(copies: Copies, wall: Wall) -> None:
    await bring(copies.store, copies.second, Page(missing=("1",)), is_origin=nowhere)
    assert (await copies.tell(copies.first, EDIT)).edited == {ONE}


@pytest.mark.parametrize(
    "version",
    [
        replace(OLD, html="<p> Good  <b>morning.</b></p>"),
        replace(OLD, url="https://b.example/@ada/1"),
        replace(EDIT, author=replace(OLD.author, url="https://b.example/@eve", handle="@eve@b.example")),
    ],
)
async def test_same_words_and_another_author_are_no_dispute(copies: Copies, version: Post) -> None:
    assert await copies.tell(copies.first, version) == AdmitResult()


async def test_votes_are_counted_on_by_the_first_of_two_servers(copies: Copies, wall: Wall) -> None:
    def asked(votes: int, title: str = "Yes") -> Post:
        poll = Poll(choices=(Choice(title=title, votes=votes),), votes=votes)
        return said("2", poll=poll)

    for source in (copies.first, copies.second):
        await copies.tell(source, asked(1))
    assert await copies.tell(copies.second, asked(7)) == AdmitResult()
    assert (await copies.tell(copies.first, asked(3))).edited != frozenset()
    assert len((await copies.tell(copies.first, asked(3, "No"))).disputed) == 1


@pytest.mark.parametrize(
    ("answer", "html"),
    [
        (Confirmation(html=EDIT.html), EDIT.html),
        (Confirmation(attachments=1), OLD.html),
        (Confirmation(), OLD.html),
    ],
)
async def test_origin_confirms_words_or_they_do_not_come(
    copies: Copies, wall: Wall, answer: Confirmation, html: str
) -> None:
    assert await copies.settle(EDIT, answer) == (html == EDIT.html)
    assert await words(copies.store, wall.channel) == {ONE: html}


async def test_confirmed_words_bring_nothing_else(copies: Copies, wall: Wall) -> None:
    """The origin's own text comes: links of the same letters may lead elsewhere."""
    forged = said(
        "1",
        '<p>Good <a href="https://evil.example/">evening.</a></p>',
        url="https://evil.example/",
        author=replace(OLD.author, name="Forged"),
        quote=Quote(key="2", url="https://evil.example/", author=OLD.author, html="<p>Forged</p>"),
        media=(Attachment(kind="image", url="https://evil.example/1.png"),),
        edited_at=EDIT.edited_at,
    )
    before = (await shown(copies.store, wall.channel))[ONE]
    assert await copies.settle(forged, Confirmation(html=EDIT.html, attachments=1))
    after = (await shown(copies.store, wall.channel))[ONE]
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert (after["html"], changed) == (EDIT.html, {"html", "edited_at"})


async def test_wish_alone_brings_no_other_words(copies: Copies, wall: Wall) -> None:
    forged = replace(WISH, html=f'<p><a href="https://evil.example/">{OLD.html[3:-4]}</a></p>')
    assert not await copies.settle(forged, Confirmation(html=forged.html, wish=False))
    assert await words(copies.store, wall.channel) == {ONE: OLD.html}


async def test_pictures_leave_where_the_origin_has_fewer(copies: Copies, wall: Wall) -> None:
    picture = Attachment(kind="image", url="https://invented.example/1.png")
    for source in (copies.first, copies.second):
        await copies.tell(source, said("2", media=(picture,)))
    edit = said("2", EDIT.html, edited_at=EDIT.edited_at)
    assert await copies.settle(edit, Confirmation(html=EDIT.html))
    assert "media" not in (await shown(copies.store, wall.channel))[TWO]


async def test_confirmed_edit_brings_no_post_back_that_has_left(copies: Copies, wall: Wall) -> None:
    page = Page(posts=(EDIT,), unmatched=("1",))
    disputed = (await bring(copies.store, copies.second, page, is_origin=nowhere)).disputed
    assert await words(copies.store, wall.channel) == {}
    connector = Confirming(Confirmation(html=EDIT.html))
    assert await ask(copies.disputes(connector), copies.second, disputed)
    assert await words(copies.store, wall.channel) == {}
    assert await words(copies.store, "theirs/wall") == {ONE: EDIT.html}


async def test_origin_that_was_silent_about_a_wish_has_the_last_word(copies: Copies, wall: Wall) -> None:
    assert await copies.settle(WISH, Confirmation())
    await bring(copies.store, copies.second, Page(posts=(said("1", "<p>Genuine.</p>"),)))
    assert (await shown(copies.store, wall.desk))[ONE]["post"]["html"] == "<p>Genuine.</p>"


async def test_post_that_was_withdrawn_meanwhile_is_not_confirmed(copies: Copies, wall: Wall) -> None:
    disputed = (await copies.tell(copies.first, EDIT)).disputed
    await bring(copies.store, copies.second, Page(gone=("1",)))
    connector = Confirming(Confirmation(html=EDIT.html))
    assert not await ask(copies.disputes(connector), copies.first, disputed)
    assert await words(copies.store, wall.channel) == {}


async def test_source_that_is_unfollowed_blocks_no_edit(copies: Copies, wall: Wall) -> None:
    async with copies.store.write() as db:
        await unfollow(db, copies.second.id or 0, by=UNNAMED)
    assert (await copies.tell(copies.first, EDIT)).edited == {ONE}


async def test_votes_are_counted_on_after_a_confirmed_edit(copies: Copies) -> None:
    def asked(votes: int, **more: Any) -> Post:
        return said("2", poll=Poll(choices=(Choice(title="Yes", votes=votes),), votes=votes), **more)

    for source in (copies.first, copies.second):
        await copies.tell(source, asked(1))
    assert await copies.settle(asked(1, html=EDIT.html, edited_at=EDIT.edited_at), Confirmation(html=EDIT.html))
    assert (await copies.tell(copies.first, asked(7, html=EDIT.html, edited_at=EDIT.edited_at))).edited == {TWO}


async def test_versions_of_one_post_ask_its_origin_a_few_times(copies: Copies) -> None:
    connector = Confirming(Confirmation())
    disputes = copies.disputes(connector)
    for number in range(9):
        same = replace(EDIT, author=replace(OLD.author, avatar=f"https://b.example/{number}.png"))
        other = replace(EDIT, html=f"<p>Version {number}.</p>")
        await ask(disputes, copies.first, [Dispute(same, OLD), Dispute(other, OLD)])
    assert len(connector.asked) == MAX_OF_POST


@pytest.mark.parametrize(
    ("answer", "leaves"),
    [
        (Confirmation(wish=True), True),
        (Confirmation(), True),  # an author's wish counts where the origin can't be asked
        (Confirmation(wish=False), False),
        (Confirmation(html=EDIT.html, wish=False), False),
    ],
)
async def test_wish_to_be_left_out_counts_unless_the_origin_denies_it(
    copies: Copies, wall: Wall, answer: Confirmation, *, leaves: bool
) -> None:
    assert await copies.settle(WISH, answer) == leaves
    assert (await words(copies.store, wall.channel) == {}) == leaves


async def test_origin_is_asked_about_a_version_once_in_a_while(copies: Copies) -> None:
    connector = Confirming(Confirmation())
    disputes = copies.disputes(connector)
    disputed = (await copies.tell(copies.first, EDIT)).disputed
    for _ in range(3):
        await ask(disputes, copies.first, disputed)
    assert connector.asked == [EDIT]
    copies.clock.forward(ASK_INTERVAL.total_seconds())
    await ask(disputes, copies.first, disputed)
    assert connector.asked == [EDIT, EDIT]


async def test_page_of_disputes_asks_a_few_origins(copies: Copies) -> None:
    connector = Confirming(Confirmation(attachments=1))
    many: Any = tuple(Dispute(replace(EDIT, key=str(number)), OLD) for number in range(3 * MAX_QUESTIONS))
    await ask(copies.disputes(connector), copies.first, many)
    assert len(connector.asked) == MAX_QUESTIONS


async def test_slow_origin_holds_up_nobody(copies: Copies) -> None:
    class Silent(Confirming):
        async def confirm(self, http: Http, source: Address, claimed: Post) -> Confirmation:
            self.asked.append(claimed)
            await asyncio.Event().wait()
            return self.answer

    connector = Silent(Confirmation())
    disputes = copies.disputes(connector)
    disputed = (await copies.tell(copies.first, EDIT)).disputed
    disputes.begin(copies.first.id or 0, disputed)
    disputes.begin(copies.first.id or 0, [Dispute(SILENT_EDIT, OLD)])
    disputes.begin(copies.second.id or 0, [Dispute(SILENT_EDIT, OLD)])
    while len(connector.asked) < 2:
        await asyncio.sleep(0)
    await disputes.stop()
    assert connector.asked == [EDIT, SILENT_EDIT]
    assert (await copies.tell(copies.first, EDIT)).disputed == disputed


def test_lies_of_one_server_use_up_no_questions_of_another() -> None:
    def claims(host: str, post: str, version: int) -> Dispute:
        key = f"https://{host}/{post}"
        return Dispute(said(key, f"<p>{version}</p>"), said(key))

    questions = Questions()
    asked = [
        *(questions.due(1, [claims("a.example", "1", n)], START) for n in range(9)),
        *(questions.due(1, [claims("a.example", f"post{n}", 0)], START) for n in range(99)),
        *(questions.due(1, [claims(f"h{n}.example", "1", 0)], START) for n in range(999)),
    ]
    counts = [sum(map(len, part)) for part in (asked[:9], asked[9:108], asked)]
    assert counts == [MAX_OF_POST, MAX_OF_HOST - MAX_OF_POST, MAX_OF_SOURCE]
    honest = claims("a.example", "1", 99)
    assert questions.due(2, [honest], START) == [honest]
    assert questions.due(1, [honest], START + ASK_INTERVAL) == [honest]


async def test_no_other_server_takes_off_what_its_origin_shows(copies: Copies, wall: Wall) -> None:
    """The origin is asked again in any case; another server may be mistaken about the author's wish, or lie."""
    await bring(copies.store, copies.second, Page(posts=(OLD,)))
    assert await copies.tell(copies.first, WISH) == AdmitResult()
    assert await words(copies.store, wall.channel) == await words(copies.store, "theirs/wall") == {ONE: OLD.html}


async def test_pictures_that_are_taken_back_or_sensitive_at_the_origin_are_so(copies: Copies, wall: Wall) -> None:
    one, two = (Attachment(kind="image", url=f"https://invented.example/{n}.png", alt=f"Picture {n}") for n in "12")
    old = said("2", media=(one, two))
    for source in (copies.first, copies.second):
        await copies.tell(source, old)
    fewer = replace(old, media=(replace(two, url="https://b.example/2.png"),), sensitive=True)
    same = Confirmation(html=old.html, attachments=2)
    assert not await copies.settle(fewer, same)
    assert await copies.settle(fewer, replace(same, sensitive=True))
    shown_now = (await shown(copies.store, wall.channel))[TWO]
    assert (len(shown_now["media"]), shown_now["sensitive"]) == (2, True)
    copies.clock.forward(ASK_INTERVAL.total_seconds())
    assert await copies.settle(fewer, Confirmation(html=old.html, attachments=1))
    assert [each["alt"] for each in (await shown(copies.store, wall.channel))[TWO]["media"]] == ["Picture 2"]
