"""Misskey's timelines, rechecks, authors and wishes, against a server of invented notes."""

from __future__ import annotations

import httpx
import pytest
from msgspec.structs import replace

from aggregator.items.ids import post_id
from connectors.contract import Address, Page, Person, Presence
from connectors.errors import ConnectorError, Forbidden, NotFound
from connectors.http.client import Http
from connectors.networks.misskey.connector import Misskey
from connectors.sandbox import Inline
from connectors.timeline.cursor import read_cursor
from tests.fakes.misskey_entities import new_note, new_user
from tests.fakes.misskey_server import ORIGIN, MisskeyServer, refusal

misskey = Misskey()
TAG = Address(network="misskey", kind="hashtag", value="socitm09", server=ORIGIN)
ACCOUNT = Address(network="misskey", kind="account", value="ada@misskey.example", server=ORIGIN)
FAR = new_user("cy", "far.example")
FAR_NOTE = new_note("n2", "From afar #socitm09", FAR, uri="https://far.example/notes/x2")


async def poll(server: MisskeyServer, cursor: str = "", source: Address = TAG) -> Page:
    async with server.http() as http:
        return await misskey.poll(http, source, cursor)


async def recheck(server: MisskeyServer, refs: dict[str, str], source: Address = TAG) -> Page:
    async with server.http() as http:
        return await misskey.recheck(http, source, refs)


def keys(page: Page) -> list[str]:
    return [post.key.rpartition("/")[2] for post in page.posts]


def key(id_: str) -> str:
    return f"{ORIGIN}/notes/{id_}"


async def test_no_note_is_lost_or_doubled_between_polls() -> None:
    server = MisskeyServer(*(new_note(f"n{n:03}", f"Words {n}") for n in range(100)))
    first = await poll(server)
    assert keys(first) == [f"n{n:03}" for n in range(20, 100)]
    server.notes |= {f"n{n:03}": new_note(f"n{n:03}", f"Words {n}") for n in range(100, 230)}
    second = await poll(server, first.cursor)
    new = keys(second)
    assert (len(new), len(set(new)), set(new) >= {f"n{n:03}" for n in range(100, 230)}) == (160, 160, True)
    assert (second.broken, await poll(server, second.cursor)) == ((), Page(cursor=second.cursor))


async def test_deleted_note_leaves_no_gap() -> None:
    server = MisskeyServer(new_note("n1"))
    first = await poll(server)
    server.notes = {"n5": new_note("n5")}
    assert (await poll(server, first.cursor)).broken == ()
    server.notes = {"n7": new_note("n7")}
    server.fails["notes/show"] = httpx.Response(410)
    assert "Gap in the timeline" in (await poll(server, first.cursor)).broken[0]


async def test_note_of_another_server_is_one_post_on_every_network() -> None:
    (post,) = (await poll(MisskeyServer(FAR_NOTE))).posts
    assert (post.network, post.key) == ("misskey", "https://far.example/notes/x2")
    assert post_id("misskey", post.key) == post_id("mastodon", post.key) != post_id("feeds", post.key)
    assert [misskey.is_origin(TAG, each) for each in (post.key, key("n1"))] == [False, True]


async def test_recheck_tells_edited_deleted_hidden_and_left_notes() -> None:
    server = MisskeyServer(new_note("n1"), FAR_NOTE, new_note("n3"), new_note("n4"), new_note("n5"), new_note("n9"))
    refs = (await poll(server)).refs
    edited = "2026-11-25T08:00:00.000Z"
    server.notes["n1"] |= {"text": "Corrected #socitm09", "updatedAt": edited}
    server.notes["n3"] |= {"text": "Without it", "tags": [], "updatedAt": edited}
    server.notes["n4"] |= {"visibility": "followers"}
    for gone in ("n2", "n5"):
        del server.notes[gone]
    page = await recheck(server, refs)
    assert (keys(page), page.unmatched) == (["n1", "n3", "n9"], (key("n3"),))
    assert page.posts[0].html.startswith("<p>Corrected ")
    assert (set(page.gone), page.missing) == ({key("n4"), key("n5")}, ("https://far.example/notes/x2",))


async def test_note_whose_author_wants_readers_to_sign_in_is_gone() -> None:
    server = MisskeyServer(new_note("n1"), new_note("n2"))
    refs = (await poll(server)).refs
    shown = new_user("ada", requireSigninToViewContents=True)
    server.notes["n2"] |= {"user": shown}
    (marked,) = [post for post in (await recheck(server, refs)).posts if post.opted_out]
    assert marked.opted_out == "The author shows their posts only to people who have signed in."


@pytest.mark.parametrize(
    "reply",
    [
        httpx.Response(404, text="<html>Not found</html>"),
        httpx.Response(410),
        httpx.Response(502),
        httpx.Response(200, text="<html>Log in</html>"),
        refusal(400, "NO_SUCH_NOTE"),
        refusal(429, "RATE_LIMIT_EXCEEDED"),
    ],
)
async def test_server_that_answers_all_alike_ends_no_note(reply: httpx.Response) -> None:
    server = MisskeyServer(new_note("n1"))
    refs = (await poll(server)).refs
    server.fails["notes/show"] = reply
    try:
        page = await recheck(server, refs)
    except ConnectorError:
        return
    assert (page.gone, page.missing) == ((), ())


@pytest.mark.parametrize(
    ("handle", "url", "found"),
    [
        ("@bo@misskey.example", f"{ORIGIN}/@bo", Presence.GONE),
        ("@bo@far.example", "https://far.example/@bo", Presence.MISSING),
        ("@ada@misskey.example", f"{ORIGIN}/@ada", Presence.PRESENT),
    ],
)
async def test_author_ends_by_the_word_of_their_own_server(handle: str, url: str, found: Presence) -> None:
    server = MisskeyServer(new_note("n1", by=new_user("cy")))
    server.absent = {"u-bo"}
    async with server.http() as http:
        assert await misskey.author(http, TAG, Person(name="", handle=handle, url=url)) == found


async def test_wishes_are_looked_up_once_for_each_author_and_kept() -> None:
    server = MisskeyServer(new_note("n1"), new_note("n2", by=new_user("bo")))
    server.users["u-bo"] = new_user("bo", description="Boats", fields=[{"name": "Machines", "value": "#noindex"}])
    first = await poll(server)
    assert [bool(post.opted_out) for post in first.posts] == [False, True]
    server.notes["n3"] = new_note("n3", by=new_user("bo"))
    second = await poll(server, first.cursor)
    assert [bool(post.opted_out) for post in second.posts] == [False, True, True]
    assert [asked for endpoint, asked in server.asked if endpoint == "users/show"] == [{"userIds": ["u-ada", "u-bo"]}]
    assert read_cursor(second.cursor).wishes.keys() == {"u-ada", "u-bo"}


async def test_account_that_falls_silent_is_looked_up_again() -> None:
    server = MisskeyServer(new_note("n1"))
    first = await poll(server, source=ACCOUNT)
    del server.notes["n1"]
    second = await poll(server, first.cursor, ACCOUNT)
    assert (second.to_recheck, second.posts) == (("n1",), ())
    server.absent = {"u-ada"}
    with pytest.raises(NotFound, match=r"^Account not found: misskey\.example has no account @ada@misskey\.example"):
        await poll(server, first.cursor, ACCOUNT)


async def test_token_goes_to_the_source_s_server_only_in_the_body() -> None:
    server = MisskeyServer(new_note("n1"))
    asked = replace(TAG, credentials={"token": "secret"})
    await poll(server, source=asked)
    assert {sent.get("i") for _, sent in server.asked} == {"secret"}
    server.fails["notes/search-by-tag"] = refusal(403, "AUTHENTICATION_FAILED")
    with pytest.raises(Forbidden, match=r"^Invalid access token \(403\)"):
        await poll(server, source=asked)


async def test_origin_of_any_program_confirms_a_copy() -> None:
    (post,) = (await poll(MisskeyServer(FAR_NOTE))).posts
    note = {"type": "Note", "id": post.key, "content": post.html}
    http = Http(transport=httpx.MockTransport(lambda _: httpx.Response(200, json=note)), sandbox=Inline)
    async with http:
        assert (await misskey.confirm(http, TAG, post)).html == post.html
        assert (await misskey.confirm(http, TAG, replace(post, html="<p>Other</p>"))).html is None
