"""Posts of authors whose accounts are gone are all withdrawn; a new name of an author is applied to all posts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from aggregator.intake import Intake
from aggregator.intake.admit import AdmitResult
from aggregator.intake.authors import Authors
from aggregator.intake.context import PollContext
from aggregator.items.ids import post_id
from aggregator.moderation.presence import UNSHOWN
from aggregator.sources.tables import Source
from aggregator.store.sql import MAX_IN_TRANSACTION
from aggregator.store.store import Store
from aggregator.walls.tables import Wall
from connectors.contract import Address, Page, Person, Presence
from connectors.errors import NotFound, Unavailable
from connectors.http.client import Http
from tests.aggregator.invented import ADA, BEN, NETWORK, Clock, Invented, a_source, a_wall, bring, said, shown, words
from tests.statements import statements

MANY = 2 * MAX_IN_TRANSACTION + 7
RENAMED = Person(name="Ada Q.", handle=ADA.handle, url=ADA.url, avatar="https://invented.example/new.png")


class Knowing(Invented):
    """A connector with prepared answers about authors, which counts the lookups."""

    def __init__(self, presence: Presence | Exception = Presence.GONE, **more: Any) -> None:
        super().__init__(**more)
        self.presence = presence
        self.authors: list[str] = []

    async def author(self, http: Http, source: Address, author: Person) -> Presence:
        self.authors.append(author.name)
        if isinstance(self.presence, Exception):
            raise self.presence
        return self.presence


def context(store: Store, connector: Knowing, clock: Clock | None = None) -> PollContext:
    return PollContext(store=store, connectors={NETWORK: connector}, http=Http(), clock=clock or Clock(), pauses=())


async def posts_of_two(store: Store, source: Source) -> Page:
    """Admit many posts by Ada and one by Ben from that source."""
    page = Page(
        posts=(*(said(str(number)) for number in range(MANY)), said("ben", author=BEN)),
        refs={str(number): f"r{number}" for number in range(MANY)},
    )
    await bring(store, source, page)
    return page


LOST = AdmitResult(authors_to_check=(ADA,))


async def test_author_who_is_gone_takes_all_posts_from_every_wall(store: Store, wall: Wall, source: Source) -> None:
    there = await a_wall(store, "foyer")
    follower = await a_source(store, there, "ada")
    for each in (source, follower):
        await posts_of_two(store, each)
    assert await Authors(context(store, Knowing())).follow_up(source.id or 0, LOST)
    for shown_on in (wall, there):
        assert (await words(store, shown_on.channel)).keys() == {post_id(NETWORK, "ben")}
    desk = await shown(store, wall.desk)
    assert [key for key, body in desk.items() if body is not None] == [post_id(NETWORK, "ben")]


async def test_author_whom_one_server_shows_no_more_leaves_the_walls_that_only_it_serves(
    store: Store, wall: Wall, source: Source
) -> None:
    there = await a_wall(store, "foyer")
    follower = await a_source(store, there, "ada")
    for each in (source, follower):
        await posts_of_two(store, each)
    assert await Authors(context(store, Knowing(Presence.MISSING))).follow_up(source.id or 0, LOST)
    assert (await words(store, wall.channel)).keys() == {post_id(NETWORK, "ben")}
    assert len(await words(store, there.channel)) == MANY + 1
    on_desk = await shown(store, wall.desk)
    assert (on_desk[post_id(NETWORK, "7")]["state"], on_desk[post_id(NETWORK, "7")]["why"]) == ("hidden", UNSHOWN)


@pytest.mark.parametrize("presence", [Presence.PRESENT, Unavailable("away")])
async def test_author_who_is_there_or_not_known_loses_nothing(
    store: Store, wall: Wall, source: Source, presence: Presence | Exception
) -> None:
    await posts_of_two(store, source)
    assert not await Authors(context(store, Knowing(presence))).follow_up(source.id or 0, LOST)
    assert len(await words(store, wall.channel)) == MANY + 1


async def test_author_is_asked_about_once_in_a_while(store: Store, source: Source) -> None:
    clock, connector = Clock(), Knowing(Presence.PRESENT)
    authors = Authors(context(store, connector, clock))
    for _ in range(3):
        await authors.follow_up(source.id or 0, LOST)
    clock.forward(600)
    await authors.follow_up(source.id or 0, LOST)
    assert connector.authors == ["Ada Quill"] * 2


async def test_deletion_of_one_post_leads_to_its_author(store: Store, wall: Wall, source: Source) -> None:
    page = await posts_of_two(store, source)
    connector = Knowing(second_look=Page(gone=("3",)))
    connector.replies = [Page(cursor="c", to_recheck=("r3",))]
    await Intake(store, {NETWORK: connector}, Http(), clock=Clock()).poll_due()
    assert len(page.posts) == MANY + 1
    assert (await words(store, wall.channel)).keys() == {post_id(NETWORK, "ben")}


async def test_account_that_is_not_found_has_its_posts_looked_at(store: Store, wall: Wall, source: Source) -> None:
    await posts_of_two(store, source)
    connector = Knowing(second_look=Page(gone=("3",)))
    connector.replies = [NotFound("Account not found: it was deleted.")]
    clock = Clock()
    clock.forward(1_000)
    intake = Intake(store, {NETWORK: connector}, Http(), clock=clock)
    await intake.poll_due()
    assert (await words(store, wall.channel)).keys() == {post_id(NETWORK, "ben")}


async def test_new_name_and_picture_are_on_all_posts_of_the_author(store: Store, wall: Wall, source: Source) -> None:
    await posts_of_two(store, source)
    admitted = await bring(store, source, Page(posts=(said("3", author=RENAMED),)))
    assert admitted.renamed == (RENAMED,)
    await Authors(context(store, Knowing())).follow_up(source.id or 0, admitted)
    names: Mapping[str, Any] = await shown(store, wall.channel)
    told = {body["author"]["name"] for body in names.values() if body}
    assert told == {"Ada Q.", "Ben Rook"}
    assert sum(body["author"]["name"] == "Ada Q." for body in names.values()) == MANY


async def test_name_that_another_server_tells_changes_nothing(store: Store, wall: Wall, source: Source) -> None:
    await posts_of_two(store, source)
    forged = msgspec.structs.replace(RENAMED, name="Forged")
    admitted = await bring(store, source, Page(posts=(said("3", author=forged),)), is_origin=lambda _: False)
    assert admitted == AdmitResult()
    assert {body["author"]["name"] for body in (await shown(store, wall.channel)).values()} == {"Ada Quill", "Ben Rook"}


async def test_origin_puts_right_whom_another_server_has_named(store: Store, wall: Wall, source: Source) -> None:
    """The origin supersedes a forged first version with another author."""
    forged = msgspec.structs.replace(
        RENAMED, name="Forged", handle="@forged@b.example", url="https://b.example/@forged"
    )
    await bring(store, source, Page(posts=(said("7", author=forged),)), is_origin=lambda _: False)
    admitted = await bring(store, source, Page(posts=(said("7", author=RENAMED),)))
    assert admitted.edited == {post_id(NETWORK, "7")}
    assert [body["author"]["name"] for body in (await shown(store, wall.channel)).values()] == ["Ada Q."]
    later = await bring(store, source, Page(posts=(said("7", author=forged),)), is_origin=lambda _: False)
    assert later == AdmitResult()


@pytest.mark.parametrize(
    "url", [ADA.url, "https://invented.example/@ada/honest.example", "https://invented.example/did:x:y"]
)
async def test_author_who_is_gone_takes_no_post_that_was_made_elsewhere(
    store: Store, wall: Wall, source: Source, url: str
) -> None:
    """A server could claim a post on another server for its own account, and then delete that account."""
    author = msgspec.structs.replace(ADA, url=url)
    keys = ["https://honest.example/1", "https://invented.example/2"]
    await bring(store, source, Page(posts=tuple(said(key, author=author) for key in keys)))
    await Authors(context(store, Knowing())).follow_up(source.id or 0, AdmitResult(authors_to_check=(author,)))
    on_desk = await shown(store, wall.desk)
    assert {key for key, body in on_desk.items() if body} == {post_id(NETWORK, "https://honest.example/1")}


async def test_posts_of_an_author_who_is_gone_are_read_a_few_at_a_time(
    store: Store, wall: Wall, source: Source
) -> None:
    """Reading all at once could block the event loop for seconds, so each statement names the posts that it reads."""
    await posts_of_two(store, source)
    with statements() as asked:
        assert await Authors(context(store, Knowing())).follow_up(source.id or 0, LOST)
    reading = [text for text, _ in asked if text.startswith("SELECT") and "post.body" in text.partition("FROM")[0]]
    assert [text for text in reading if "post.n IN" not in text and "post.id IN" not in text] == []
    assert (await words(store, wall.channel)).keys() == {post_id(NETWORK, "ben")}
