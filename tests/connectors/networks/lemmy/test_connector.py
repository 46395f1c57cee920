"""Communities, rechecks and authors on Lemmy and PieFed, against a server of invented posts."""

from __future__ import annotations

import httpx
import pytest
from msgspec.structs import replace

from connectors.contract import Address, Confirmation, Page, Person, Presence
from connectors.errors import ConnectorError
from connectors.networks.lemmy.connector import Lemmy
from tests.fakes.lemmy_entities import ORIGIN, new_person, new_view, piefed
from tests.fakes.lemmy_server import LemmyServer, refusal

lemmy = Lemmy()
SOURCE = Address(network="lemmy", kind="community", value="quay@lemmy.example", server=ORIGIN)
FAR = "https://far.example"
APIS = ["/api/v3", "/api/alpha"]


async def poll(server: LemmyServer, cursor: str = "") -> Page:
    async with server.http() as http:
        return await lemmy.poll(http, SOURCE, cursor)


async def recheck(server: LemmyServer, refs: dict[str, str]) -> Page:
    async with server.http() as http:
        return await lemmy.recheck(http, SOURCE, refs)


@pytest.mark.parametrize(
    ("text", "on", "value", "server"),
    [
        ("!quay@lemmy.example", "", "quay@lemmy.example", ORIGIN),
        ("!Quay@far.example", "lemmy.example", "quay@far.example", ORIGIN),
        ("!quay", "https://lemmy.example", "quay@lemmy.example", ORIGIN),
        ("https://lemmy.example/c/quay", "", "quay@lemmy.example", ORIGIN),
        ("https://lemmy.example/c/quay@far.example/", "", "quay@far.example", ORIGIN),
        ("https://far.example/c/quay", "lemmy.example", "quay@far.example", ORIGIN),
    ],
)
def test_communities_are_recognised(text: str, on: str, value: str, server: str) -> None:
    found = Address(network="lemmy", kind="community", value=value, server=server)
    assert lemmy.recognise(text, on) == found


@pytest.mark.parametrize(
    "text",
    ["!", "!quay", "quay@lemmy.example", "#quay", "@quay@lemmy.example", "https://lemmy.example/u/ada", "!a b@c"],
)
def test_other_text_is_not_a_community(text: str) -> None:
    assert lemmy.recognise(text) is None


@pytest.mark.parametrize("api", APIS)
async def test_no_post_is_lost_or_doubled_between_polls(api: str) -> None:
    server = LemmyServer(*(new_view(str(n)) for n in range(1, 60)), api=api)
    first = await poll(server)
    assert len(first.posts) == 59
    server.views |= {str(n): new_view(str(n)) for n in range(60, 150)}
    second = await poll(server, first.cursor)
    new = [post.key for post in second.posts]
    assert (len(new), {f"{ORIGIN}/post/{n}" for n in range(60, 150)} <= set(new), second.broken) == (120, True, ())
    asked = len(server.asked)
    assert await poll(server, second.cursor) == Page(cursor=second.cursor)
    assert len(server.asked) == asked + 1


async def test_deleted_post_leaves_no_gap() -> None:
    server = LemmyServer(new_view("1"))
    first = await poll(server)
    server.views = {"5": new_view("5")}
    assert (await poll(server, first.cursor)).broken == ()
    server.views = {"7": new_view("7")}
    server.fails["post"] = httpx.Response(410)
    assert "Gap in the timeline" in (await poll(server, first.cursor)).broken[0]


@pytest.mark.parametrize("api", APIS)
async def test_recheck_tells_edited_deleted_and_absent_posts(api: str) -> None:
    views = [*(new_view(str(n)) for n in (1, 2, 3, 9)), new_view("4", home=FAR), new_view("5", home=FAR)]
    server = LemmyServer(*views, api=api)
    refs = (await poll(server)).refs
    server.views["1"]["post"] |= {"name": "Corrected", "updated": "2026-11-25T08:00:00Z"}
    server.views["2"]["post"] |= {"deleted": True}
    server.views["5"]["post"] |= {"removed": True}
    for absent in ("3", "4"):
        del server.views[absent]
    page = await recheck(server, refs)
    assert {post.title for post in page.posts} == {"Corrected", "Words"}
    assert set(page.gone) == {f"{ORIGIN}/post/2", f"{ORIGIN}/post/3"}
    assert set(page.missing) == {f"{FAR}/post/4", f"{FAR}/post/5"}
    assert [lemmy.is_origin(SOURCE, key) for key in (f"{FAR}/post/4", f"{ORIGIN}/post/2")] == [False, True]


@pytest.mark.parametrize(
    "reply",
    [
        httpx.Response(404, text="<html>"),
        httpx.Response(410),
        httpx.Response(502),
        httpx.Response(200, text="<html>"),
        refusal("couldnt_find_post"),
    ],
)
async def test_server_that_answers_all_alike_ends_no_post(reply: httpx.Response) -> None:
    server = LemmyServer(new_view("1"))
    refs = (await poll(server)).refs
    server.fails["post"] = reply
    try:
        page = await recheck(server, refs)
    except ConnectorError:
        return
    assert (page.gone, page.missing) == ((), ())


@pytest.mark.parametrize(
    ("name", "home", "found"),
    [("bo", ORIGIN, Presence.GONE), ("bo@far.example", FAR, Presence.MISSING), ("ada", ORIGIN, Presence.PRESENT)],
)
async def test_author_ends_by_the_word_of_their_own_server(name: str, home: str, found: Presence) -> None:
    server = LemmyServer(new_view("1", by=new_person("cy")))
    server.absent = {"bo", "bo@far.example"}
    user = name.partition("@")[0]
    author = Person(name="", handle=f"@{user}@{home.removeprefix('https://')}", url=f"{home}/u/{user}")
    async with server.http() as http:
        assert await lemmy.author(http, SOURCE, author) == found
    server.absent, server.people = set(), {name: new_person(user, home, banned=True)}
    async with server.http() as http:
        assert await lemmy.author(http, SOURCE, author) == (Presence.GONE if home == ORIGIN else Presence.MISSING)


async def test_profiles_that_piefed_s_lists_lack_are_looked_up_once() -> None:
    server = LemmyServer(piefed(new_view("1")), piefed(new_view("2", by=new_person("bo"))), api="/api/alpha")
    server.people["bo"] = piefed(new_view("9", by=new_person("bo")))["creator"] | {"about": "Boats #nobot"}
    first = await poll(server)
    assert [bool(post.opted_out) for post in first.posts] == [False, True]
    server.views["3"] = piefed(new_view("3", by=new_person("bo")))
    second = await poll(server, first.cursor)
    assert [bool(post.opted_out) for post in second.posts] == [False, True, True]
    assert server.asked.count("/api/alpha/user") == 2


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize(
    ("changes", "is_same"),
    [({}, True), ({"title": "Other"}, False), ({"html": "<p>Other</p>"}, False), ({"key": f"{FAR}/post/9"}, False),
     ({"key": f"{FAR}/notes/1"}, False)],
)  # fmt: skip
async def test_origin_confirms_a_copy(api: str, changes: dict[str, str], *, is_same: bool) -> None:
    """The origin's API is asked, which is read like any other: its pictures in the text count, too."""
    view = new_view("1", "Title", new_person("ada", FAR), FAR, body="Words ![A kettle](https://far.example/k.webp)")
    server = LemmyServer(view if api == APIS[0] else piefed(view), api=api)
    (post,) = (await poll(server)).posts
    async with server.http() as http:
        found = await lemmy.confirm(http, SOURCE, replace(post, **changes))
    same = Confirmation(html=post.html, attachments=post.media)
    if is_same:
        assert (found, len(post.media)) == (same, 1)
    else:
        assert found.html is None
