"""Hacker News's searches, sites, accounts and threads, and rechecks, against invented stories and comments."""

from __future__ import annotations

import httpx
import pytest

from connectors.contract import Address, Page
from connectors.errors import ConnectorError
from connectors.networks.hackernews.connector import HackerNews
from tests.fakes.hackernews_server import HackerNewsServer, new_item

hackernews = HackerNews()
SEARCH = Address(network="hackernews", kind="search", value="socitm09")


async def poll(server: HackerNewsServer, cursor: str = "", source: Address = SEARCH) -> Page:
    async with server.http() as http:
        return await hackernews.poll(http, source, cursor)


async def recheck(server: HackerNewsServer, refs: dict[str, str]) -> Page:
    async with server.http() as http:
        return await hackernews.recheck(http, SEARCH, refs)


def key(number: int) -> str:
    return f"https://news.ycombinator.com/item?id={number}"


@pytest.mark.parametrize(
    ("text", "on", "kind", "value"),
    [
        (
            "https://hn.algolia.com/?dateRange=all&query=harbour%20talks&sort=byDate",
            "",
            "search",
            "harbour talks",
        ),
        ("hn.algolia.com/?q=socitm09&utm_source=mail", "", "search", "socitm09"),
        ("#socitm09", "news.ycombinator.com", "search", "socitm09"),
        ("harbour talks", "https://hn.algolia.com", "search", "harbour talks"),
        ("https://news.ycombinator.com/from?site=Conference.Example", "", "site", "conference.example"),
        ("news.ycombinator.com/from?site=github.com/harbour", "", "site", "github.com/harbour"),
        ("https://news.ycombinator.com/user?id=Ada_9", "", "account", "Ada_9"),
        ("https://news.ycombinator.com/submitted?id=ada", "", "account", "ada"),
        ("https://news.ycombinator.com/item?id=4200009#4200010", "", "thread", "4200009"),
    ],
)
def test_searches_sites_accounts_and_threads_are_recognised(text: str, on: str, kind: str, value: str) -> None:
    assert hackernews.recognise(text, on) == Address(network="hackernews", kind=kind, value=value)


@pytest.mark.parametrize(
    ("text", "on"),
    [
        ("harbour talks", ""),
        ("https://news.ycombinator.com/newest", ""),
        ("https://news.ycombinator.com/item?id=x", ""),
        ("https://hn.algolia.com/?q=%E2%80%8B", ""),
        ("https://news.ycombinator.com.evil.example/user?id=ada", ""),
        ("harbour", "peer.example"),
    ],
)
def test_other_text_is_not_on_hacker_news(text: str, on: str) -> None:
    assert hackernews.recognise(text, on) is None


async def test_no_story_is_lost_or_doubled_between_polls() -> None:
    server = HackerNewsServer(*(new_item(n, "A talk") for n in range(120, 0, -1)))
    first = await poll(server)
    assert len(first.posts) == 100
    server.items = [*(new_item(n, "A talk") for n in range(240, 120, -1)), *server.items]
    second = await poll(server, first.cursor)
    new = {post.key for post in second.posts}
    assert ({key(n) for n in range(121, 241)} <= new, second.broken) == (True, ())
    assert await poll(server, second.cursor) == Page(cursor=second.cursor)


async def test_recheck_tells_changed_deleted_and_killed_items() -> None:
    server = HackerNewsServer(*(new_item(n, "A talk") for n in (9, 4, 3, 2, 1)))
    first = await poll(server)
    assert (await recheck(server, {key(9): "9"})).posts == first.posts[-1:]
    server.items[1] |= {"title": "Corrected"}
    server.items[2] = {"id": 3, "deleted": True, "time": 1, "type": "story"}
    server.items[3] |= {"dead": True}
    del server.items[4]
    page = await recheck(server, first.refs)
    assert {post.title for post in page.posts} == {"Corrected", "A talk"}
    assert (set(page.gone), page.missing) == ({key(3), key(1)}, (key(2),))


@pytest.mark.parametrize(
    "reply",
    [
        httpx.Response(200, text="null"),
        httpx.Response(200, text="<html>"),
        httpx.Response(401),
        httpx.Response(403),
        httpx.Response(404),
        httpx.Response(410),
        httpx.Response(502),
    ],
)
async def test_server_that_answers_all_alike_ends_no_story(reply: httpx.Response) -> None:
    server = HackerNewsServer(new_item(2, "A talk"), new_item(1, "A talk"))
    refs = (await poll(server)).refs
    server.fails["/v0/item/"] = reply
    try:
        page = await recheck(server, refs)
    except ConnectorError:
        return
    assert (page.gone, page.missing) == ((), ())


async def test_wishes_are_looked_up_once_for_each_account() -> None:
    server = HackerNewsServer(new_item(2, by="bo"), new_item(1, "A talk"))
    server.about["bo"] = "Boats. <p>#noindex"
    page = await poll(server)
    assert [bool(post.opted_out) for post in page.posts] == [False, True]
    server.items.insert(0, new_item(3, by="bo"))
    assert [bool(post.opted_out) for post in (await poll(server, page.cursor)).posts] == [False, True, True]
    assert sorted(path for path in server.asked if "/user/" in path) == ["/v0/user/ada.json", "/v0/user/bo.json"]
