"""Rechecks by single requests: an absence counts with a witness, and only an origin's is final."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from connectors.contract import Page, Person, Post, Presence
from connectors.errors import ConnectorError, Forbidden, NotFound, RateLimited, Unavailable
from connectors.timeline.entries import Entry
from connectors.timeline.recheck import MAX_REQUESTS, SECONDS_EACH, presence, recheck
from tests.replay import UNDATED

HOME = "https://quay.example"
ADA = Person(name="Ada", handle="@ada@quay.example", url=f"{HOME}/@ada")


def entry(number: int | str, host: str = HOME, *, ended: bool = False, hidden: bool = False) -> Entry:
    key = f"{host}/{number}"
    post = Post(network="quay", key=key, url=key, author=ADA, created_at=UNDATED, html=f"<p>{number}</p>")
    shown = None if ended or hidden else post
    return Entry(id=str(number), ref=str(number), key=key, post=shown, ended=ended, author="ada")


class Server:
    """A server that lists and shows these entries; an error in an entry's place is raised."""

    def __init__(self, **entries: Entry | ConnectorError) -> None:
        self.entries = {name.removeprefix("_"): found for name, found in entries.items()}
        self.listed: list[Entry] | ConnectorError = []
        self.wishes: dict[str, str] = {}

    async def look(self, ref: str) -> Entry:
        found = self.entries.get(ref) or NotFound("Not found.")
        if isinstance(found, ConnectorError):
            raise found
        return found

    async def newest(self) -> Sequence[Entry]:
        if isinstance(self.listed, ConnectorError):
            raise self.listed
        return self.listed

    async def look_up(self, names: list[str]) -> dict[str, str]:
        return {name: self.wishes.get(name, "") for name in names}

    async def recheck(self, *keys: str) -> Page:
        refs = {key: key.rpartition("/")[2] for key in keys}
        return await recheck(refs, self.look, self.newest, HOME, self.look_up)


FAR = "https://far.example"


async def test_recheck_tells_present_gone_missing_and_unmatched() -> None:
    lacking = Entry(id="4", ref="4", key=f"{HOME}/4", post=entry(4).post, matches=False)
    private, closed = entry(5, ended=True), entry(6, hidden=True)
    server = Server(_1=entry(1), _4=lacking, _5=private, _6=closed, _7=entry("other"), _9=entry(9))
    server.listed = [entry(9)]
    page = await server.recheck(*(f"{HOME}/{n}" for n in (1, 2, 4, 5, 6, 7)), f"{FAR}/3")
    assert ([post.html for post in page.posts], page.unmatched) == (["<p>1</p>", "<p>4</p>"], (f"{HOME}/4",))
    assert (set(page.gone), set(page.missing)) == ({f"{HOME}/5", f"{HOME}/2"}, {f"{HOME}/6", f"{FAR}/3"})
    assert page.wait == SECONDS_EACH * 9


@pytest.mark.parametrize(
    ("listed", "gone", "missing"),
    [
        ([entry(9)], (), ()),  # the witness isn't found either
        ([entry(1)], (), ()),  # the absent post is listed
        ([], (), (f"{HOME}/1",)),  # there is no witness
        (Unavailable("Server error (500)."), (), ()),
    ],
)
async def test_absence_without_a_witness_ends_no_post(
    listed: list[Entry] | ConnectorError, gone: tuple[str, ...], missing: tuple[str, ...]
) -> None:
    server = Server()
    server.listed = listed
    page = await server.recheck(f"{HOME}/1")
    assert (page.gone, page.missing) == (gone, missing)


@pytest.mark.parametrize("error", [RateLimited("Slow.", 9), Unavailable("Down."), NotFound("Shut down.", gone=True)])
async def test_server_in_trouble_ends_nothing_and_keeps_what_it_said(error: ConnectorError) -> None:
    with pytest.raises((RateLimited, Unavailable)):
        await Server(_1=error).recheck(f"{HOME}/1")
    page = await Server(_1=entry(1), _2=error).recheck(f"{HOME}/1", f"{HOME}/2")
    assert ([post.html for post in page.posts], page.gone) == (["<p>1</p>"], ())


async def test_refusal_of_one_post_is_told_and_of_all_raised() -> None:
    page = await Server(_1=Forbidden("Closed."), _2=entry(2)).recheck(f"{HOME}/1", f"{HOME}/2")
    assert (len(page.posts), page.broken) == (1, ("Closed.",))
    with pytest.raises(Forbidden):
        await Server(_1=Forbidden("Closed.")).recheck(f"{HOME}/1")


async def test_recheck_is_bounded_and_marks_wishes() -> None:
    server = Server(**{f"_{n}": entry(n) for n in range(30)})
    server.wishes = {"ada": "Not me."}
    page = await server.recheck(*(f"{HOME}/{n}" for n in range(30)))
    assert ([post.opted_out for post in page.posts]) == ["Not me."] * MAX_REQUESTS


@pytest.mark.parametrize(
    ("listed", "is_home", "found"),
    [
        ([], True, Presence.GONE),
        ([], False, Presence.MISSING),
        ([entry(1)], True, Presence.PRESENT),  # the witness, ada, isn't found
        (NotFound("No such account."), True, Presence.GONE),
        (Unavailable("Down."), True, Presence.PRESENT),
    ],
)
async def test_author_is_gone_by_the_word_of_their_own_server(
    listed: list[Entry] | ConnectorError, found: Presence, *, is_home: bool
) -> None:
    server = Server()
    server.listed = listed
    assert await presence("bo", server.look, server.newest, is_home=is_home) == found


async def test_author_is_present_where_the_server_knows_them() -> None:
    assert await presence("ada", Server(ada=entry(1)).look, Server().newest, is_home=True) == Presence.PRESENT
    server = Server(ada=entry(1))
    server.listed = [entry(1)]
    assert await presence("bo", server.look, server.newest, is_home=True) == Presence.GONE


async def test_author_who_is_still_listed_is_present() -> None:
    server = Server()
    server.listed = [entry(1)]
    assert await presence("ada@quay.example", server.look, server.newest, is_home=True) == Presence.PRESENT
