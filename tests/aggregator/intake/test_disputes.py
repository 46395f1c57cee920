"""Two servers, neither of them the origin, disagree about a post: the origin is asked, and its word counts."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from msgspec.structs import replace

from aggregator.audit.actor import UNNAMED
from aggregator.intake.admit import AdmitResult
from aggregator.intake.questions import ASK_INTERVAL, MAX_OF_HOST, MAX_OF_POST, MAX_OF_SOURCE, MAX_QUESTIONS, Questions
from aggregator.intake.versions import Dispute
from aggregator.sources.tables import Source
from aggregator.walls.following import unfollow
from aggregator.walls.tables import Wall
from connectors.contract import Address, Attachment, Choice, Confirmation, Page, Poll, Post, Quote
from connectors.http.client import Http
from tests.aggregator.intake.copies import EDIT, OLD, PICTURE, SILENT_EDIT, WISH, Confirming, Copies, ask, nowhere
from tests.aggregator.invented import ONE, START, TWO, bring, said, shown, words


@pytest.mark.parametrize("version", [EDIT, SILENT_EDIT])
async def test_copy_on_two_servers_is_changed_by_neither_alone(servers: Copies, wall: Wall, version: Post) -> None:
    for source in (servers.first, servers.second):
        assert await servers.tell(source, version) == AdmitResult(disputed=(Dispute(version, OLD),))
    assert await words(servers.store, wall.channel) == {ONE: OLD.html}


async def test_copy_on_one_server_is_changed_by_it_again(servers: Copies, wall: Wall) -> None:
    await bring(servers.store, servers.second, Page(missing=("1",)), is_origin=nowhere)
    assert (await servers.tell(servers.first, EDIT)).edited == {ONE}


@pytest.mark.parametrize(
    "version",
    [
        replace(OLD, html="<p> Good  <b>morning.</b></p>"),
        replace(OLD, url="https://b.example/@ada/1"),
        replace(EDIT, author=replace(OLD.author, url="https://b.example/@eve", handle="@eve@b.example")),
    ],
)
async def test_same_words_and_another_author_are_no_dispute(servers: Copies, version: Post) -> None:
    assert await servers.tell(servers.first, version) == AdmitResult()


async def test_votes_are_counted_on_by_the_first_of_two_servers(servers: Copies, wall: Wall) -> None:
    def asked(votes: int, title: str = "Yes") -> Post:
        poll = Poll(choices=(Choice(title=title, votes=votes),), votes=votes)
        return said("2", poll=poll)

    for source in (servers.first, servers.second):
        await servers.tell(source, asked(1))
    assert await servers.tell(servers.second, asked(7)) == AdmitResult()
    assert (await servers.tell(servers.first, asked(3))).edited != frozenset()
    assert len((await servers.tell(servers.first, asked(3, "No"))).disputed) == 1


@pytest.mark.parametrize(
    ("answer", "html"),
    [
        (Confirmation(html=EDIT.html), EDIT.html),
        (Confirmation(attachments=(PICTURE,)), OLD.html),
        (Confirmation(), OLD.html),
    ],
)
async def test_origin_confirms_words_or_they_do_not_come(
    servers: Copies, wall: Wall, answer: Confirmation, html: str
) -> None:
    assert await servers.settle(EDIT, answer) == (html == EDIT.html)
    assert await words(servers.store, wall.channel) == {ONE: html}


async def test_confirmed_words_bring_nothing_else(servers: Copies, wall: Wall) -> None:
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
    before = (await shown(servers.store, wall.channel))[ONE]
    assert await servers.settle(forged, Confirmation(html=EDIT.html))
    after = (await shown(servers.store, wall.channel))[ONE]
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert (after["html"], changed) == (EDIT.html, {"html", "edited_at"})


async def test_wish_alone_brings_no_other_words(servers: Copies, wall: Wall) -> None:
    forged = replace(WISH, html=f'<p><a href="https://evil.example/">{OLD.html[3:-4]}</a></p>')
    assert not await servers.settle(forged, Confirmation(html=forged.html, wish=False))
    assert await words(servers.store, wall.channel) == {ONE: OLD.html}


async def test_confirmed_edit_brings_no_post_back_that_has_left(servers: Copies, wall: Wall) -> None:
    page = Page(posts=(EDIT,), unmatched=("1",))
    disputed = (await bring(servers.store, servers.second, page, is_origin=nowhere)).disputed
    assert await words(servers.store, wall.channel) == {}
    connector = Confirming(Confirmation(html=EDIT.html))
    assert await ask(servers.disputes(connector), servers.second, disputed)
    assert await words(servers.store, wall.channel) == {}
    assert await words(servers.store, "theirs/wall") == {ONE: EDIT.html}


async def test_origin_that_was_silent_about_a_wish_has_the_last_word(servers: Copies, wall: Wall) -> None:
    assert await servers.settle(WISH, Confirmation())
    await bring(servers.store, servers.second, Page(posts=(said("1", "<p>Genuine.</p>"),)))
    assert (await shown(servers.store, wall.desk))[ONE]["post"]["html"] == "<p>Genuine.</p>"


async def test_post_that_was_withdrawn_meanwhile_is_not_confirmed(servers: Copies, wall: Wall) -> None:
    disputed = (await servers.tell(servers.first, EDIT)).disputed
    await bring(servers.store, servers.second, Page(gone=("1",)))
    connector = Confirming(Confirmation(html=EDIT.html))
    assert not await ask(servers.disputes(connector), servers.first, disputed)
    assert await words(servers.store, wall.channel) == {}


async def test_source_that_is_unfollowed_blocks_no_edit(servers: Copies, wall: Wall) -> None:
    async with servers.store.write() as db:
        await unfollow(db, servers.second.id or 0, by=UNNAMED)
    assert (await servers.tell(servers.first, EDIT)).edited == {ONE}


async def test_votes_are_counted_on_after_a_confirmed_edit(servers: Copies) -> None:
    def asked(votes: int, **more: Any) -> Post:
        return said("2", poll=Poll(choices=(Choice(title="Yes", votes=votes),), votes=votes), **more)

    for source in (servers.first, servers.second):
        await servers.tell(source, asked(1))
    assert await servers.settle(asked(1, html=EDIT.html, edited_at=EDIT.edited_at), Confirmation(html=EDIT.html))
    assert (await servers.tell(servers.first, asked(7, html=EDIT.html, edited_at=EDIT.edited_at))).edited == {TWO}


async def test_versions_of_one_post_ask_its_origin_a_few_times(servers: Copies) -> None:
    connector = Confirming(Confirmation())
    disputes = servers.disputes(connector)
    for number in range(9):
        same = replace(EDIT, author=replace(OLD.author, avatar=f"https://b.example/{number}.png"))
        other = replace(EDIT, html=f"<p>Version {number}.</p>")
        await ask(disputes, servers.first, [Dispute(same, OLD), Dispute(other, OLD)])
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
    servers: Copies, wall: Wall, answer: Confirmation, *, leaves: bool
) -> None:
    assert await servers.settle(WISH, answer) == leaves
    assert (await words(servers.store, wall.channel) == {}) == leaves


async def test_origin_is_asked_about_a_version_once_in_a_while(servers: Copies) -> None:
    connector = Confirming(Confirmation())
    disputes = servers.disputes(connector)
    disputed = (await servers.tell(servers.first, EDIT)).disputed
    for _ in range(3):
        await ask(disputes, servers.first, disputed)
    assert connector.asked == [EDIT]
    servers.clock.forward(ASK_INTERVAL.total_seconds())
    await ask(disputes, servers.first, disputed)
    assert connector.asked == [EDIT, EDIT]


async def test_page_of_disputes_asks_a_few_origins(servers: Copies) -> None:
    connector = Confirming(Confirmation(attachments=(PICTURE,)))
    many: Any = tuple(Dispute(replace(EDIT, key=str(number)), OLD) for number in range(3 * MAX_QUESTIONS))
    await ask(servers.disputes(connector), servers.first, many)
    assert len(connector.asked) == MAX_QUESTIONS


async def test_slow_origin_holds_up_nobody(servers: Copies) -> None:
    class Silent(Confirming):
        async def confirm(self, http: Http, source: Address, claimed: Post) -> Confirmation:
            self.asked.append(claimed)
            await asyncio.Event().wait()
            return self.answer

    connector = Silent(Confirmation())
    disputes = servers.disputes(connector)
    disputed = (await servers.tell(servers.first, EDIT)).disputed
    disputes.begin(servers.first.id or 0, disputed)
    disputes.begin(servers.first.id or 0, [Dispute(SILENT_EDIT, OLD)])
    disputes.begin(servers.second.id or 0, [Dispute(SILENT_EDIT, OLD)])
    while len(connector.asked) < 2:
        await asyncio.sleep(0)
    await disputes.stop()
    assert connector.asked == [EDIT, SILENT_EDIT]
    assert (await servers.tell(servers.first, EDIT)).disputed == disputed


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


async def test_no_other_server_takes_off_what_its_origin_shows(servers: Copies) -> None:
    """The origin is asked again in any case, as long as it is a source; another server may be mistaken, or lie."""
    post = said("https://a.example/1")
    await bring(servers.store, servers.second, Page(posts=(post,)))
    await servers.tell(servers.first, post)
    wish = replace(post, opted_out="#nobot")
    assert await servers.tell(servers.first, wish) == AdmitResult()
    async with servers.store.write() as db:
        await db.delete(await db.get_one(Source, servers.second.id))
    assert (await servers.tell(servers.first, wish)).disputed == (Dispute(wish, post),)


async def test_votes_that_come_while_the_origin_is_asked_hold_up_no_edit(servers: Copies, wall: Wall) -> None:
    def asked(votes: int, **more: Any) -> Post:
        return said("2", poll=Poll(choices=(Choice(title="Yes", votes=votes),), votes=votes), **more)

    for source in (servers.first, servers.second):
        await servers.tell(source, asked(1))
    disputed = (await servers.tell(servers.second, asked(1, html=EDIT.html, edited_at=EDIT.edited_at))).disputed
    await servers.tell(servers.first, asked(7))
    assert await ask(servers.disputes(Confirming(Confirmation(html=EDIT.html))), servers.second, disputed)
    found = (await shown(servers.store, wall.channel))[TWO]
    assert (found["html"], found["poll"]["votes"]) == (EDIT.html, 7)


async def test_key_that_is_no_address_stops_nothing(servers: Copies) -> None:
    connector = Confirming(Confirmation())
    strange = replace(EDIT, key="https://[x/1")
    await ask(servers.disputes(connector), servers.first, [Dispute(strange, replace(OLD, key=strange.key))])
    assert connector.asked == [strange]


async def test_confirmed_title_comes(servers: Copies, wall: Wall) -> None:
    for source in (servers.first, servers.second):
        await servers.tell(source, said("2", title="Old"))
    assert await servers.settle(said("2", title="New"), Confirmation(html=OLD.html))
    assert (await shown(servers.store, wall.channel))[TWO]["title"] == "New"
