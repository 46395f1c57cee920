"""Hashtags as they happen, from a server on a real socket that has every bad habit of streams."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx
import pytest

from connectors.errors import Forbidden, InvalidResponse, NotFound, RateLimited, Unavailable
from connectors.http.client import Http
from connectors.networks.mastodon.client import Server
from connectors.networks.mastodon.connections import MAX_EVENT_STREAMS
from connectors.networks.mastodon.events import events_of
from connectors.networks.mastodon.streaming_origin import streaming_origin
from connectors.sandbox import Inline
from tests.connectors.listening import listening
from tests.connectors.networks.mastodon.sources import account, mastodon, tag
from tests.fakes.mastodon_server import MastodonServer
from tests.recorded import elsewhere, path

WAYS = pytest.mark.parametrize("websockets", [True, False], ids=["WebSocket", "events"])


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.005)


def subscribed(server: MastodonServer, *tags: str) -> Callable[[], bool]:
    return lambda: server.streaming.listening == set(tags)


# --- what is told -----------------------------------------------------------------------------------------------


@WAYS
async def test_posts_edits_and_deletions_are_told_as_they_happen(
    server: MastodonServer,
    http: Http,
    websockets: bool,  # noqa: FBT001
) -> None:
    server.streaming.websockets = websockets
    async with listening(mastodon, http, tag(server), tag(server, "harbour26")) as heard:
        await until(subscribed(server, "socitm09", "harbour26"))
        first = server.post("One #Socitm09", tags=["Socitm09"])
        server.post("Two #harbour26", tags=["harbour26"])
        server.post("Elsewhere #other", tags=["other"])
        server.edit(first, "One, better #Socitm09")
        third = server.post("Three #socitm09", tags=["socitm09"])
        server.delete(third)
        await heard.messages(5)
        assert [len(heard.posts[number]) for number in (1, 2)] == [1, 1]
        assert "One, better" in heard.texts()[0]
        assert heard.told[0].deleted == (third,)
        assert heard.told[0].pages[1].refs == {server.uri(first): first}
    ways = ["WebSocket"] if websockets else ["events"] * 2
    assert server.streaming.opened == ways


@WAYS
async def test_hashtags_come_and_go_on_open_connections(
    server: MastodonServer,
    http: Http,
    websockets: bool,  # noqa: FBT001
) -> None:
    server.streaming.websockets = websockets
    async with listening(mastodon, http, tag(server)) as heard:
        await until(subscribed(server, "socitm09"))
        await heard.stream.serve({7: tag(server, "harbour26", any=["boats"])})
        await until(subscribed(server, "harbour26", "boats"))
        server.post("Boats", tags=["boats"])
        await heard.messages(1)
        assert list(heard.posts) == [7]


async def test_options_decide_as_they_do_for_polls(server: MastodonServer, http: Http) -> None:
    async with listening(mastodon, http, tag(server, all=["quay"], none=["spam"])) as heard:
        await until(subscribed(server, "socitm09"))
        for tags in (["socitm09"], ["socitm09", "quay"], ["socitm09", "quay", "spam"]):
            server.post(" ".join(f"#{each}" for each in tags), tags=tags)
        await heard.messages(3)
        polled = await mastodon.poll(http, tag(server, all=["quay"], none=["spam"]), "")
        assert tuple(heard.posts[1].values()) == polled.posts


async def test_late_post_does_not_come_back_after_its_deletion(server: MastodonServer, http: Http) -> None:
    server.streaming.held = []
    async with listening(mastodon, http, tag(server)) as heard:
        await until(subscribed(server, "socitm09"))
        for number in range(5):
            server.delete(server.post(f"Short-lived {number} #socitm09", tags=["socitm09"]))
        server.streaming.release()
        for taken in (1, 9):  # in one batch, and across two
            await heard.messages(taken)
        assert heard.posts == {}


async def test_newest_version_wins_whatever_the_order_and_however_often(server: MastodonServer, http: Http) -> None:
    server.streaming.held, server.streaming.times = [], 3
    async with listening(mastodon, http, tag(server)) as heard:
        await until(subscribed(server, "socitm09"))
        server.edit(server.post("First words #socitm09", tags=["socitm09"]), "Second words #socitm09")
        server.streaming.release()
        await heard.messages(6)
        [text] = heard.texts()
        assert "Second words" in text


# --- what goes wrong --------------------------------------------------------------------------------------------


async def test_server_that_wants_a_token_for_streams_is_told_so(server: MastodonServer, http: Http) -> None:
    server.streaming.token = "good"
    with pytest.raises(Forbidden, match=r"Access token required for streaming \(401\).* until then it is polled"):
        async with listening(mastodon, http, tag(server)):
            pass
    with pytest.raises(Forbidden, match=r"Access token refused for streaming \(401\)"):
        async with listening(mastodon, http, tag(server, token="bad")):
            pass
    async with listening(mastodon, http, tag(server, token="good")):
        await until(subscribed(server, "socitm09"))


@pytest.mark.parametrize(("status", "kind"), [(404, NotFound), (503, Unavailable), (429, RateLimited)])
async def test_server_without_streams_is_said_to_have_none(
    server: MastodonServer, http: Http, status: int, kind: type[Exception]
) -> None:
    server.streaming.refuses = status
    with pytest.raises(kind, match=str(status)):
        async with listening(mastodon, http, tag(server)):
            pass


@WAYS
async def test_connection_that_dies_and_one_that_floods_are_errors(
    server: MastodonServer,
    http: Http,
    websockets: bool,  # noqa: FBT001
) -> None:
    server.streaming.websockets, server.streaming.dies_after = websockets, 2
    async with listening(mastodon, http, tag(server)) as heard:
        await until(subscribed(server, "socitm09"))
        for number in range(2):
            server.post(f"{number} #socitm09", tags=["socitm09"])
        await heard.messages(2)
        with pytest.raises(EOFError):
            await heard.messages(1)
    async with listening(mastodon, http, tag(server)) as heard:
        await until(subscribed(server, "socitm09"))
        server.post("x" * 10_000_000, tags=["socitm09"])
        with pytest.raises(InvalidResponse, match="more than 1024 kB"):
            await heard.messages(1)


async def test_too_many_hashtags_for_event_streams_are_polled(server: MastodonServer, http: Http) -> None:
    server.streaming.websockets = False
    sources = [tag(server, f"tag{n}") for n in range(MAX_EVENT_STREAMS + 1)]
    with pytest.raises(Unavailable, match=r"Too many hashtags \(13\)"):
        async with listening(mastodon, http, *sources):
            pass


# --- whom a stream serves ---------------------------------------------------------------------------------------


def test_hashtags_of_one_server_and_account_share_a_stream(server: MastodonServer) -> None:
    key = mastodon.stream_key
    assert key(tag(server)) == key(tag(server, "harbour26", all=["quay"])) == server.url
    assert key(tag(server, token="one")) == key(tag(server, "harbour26", token="one")) != key(tag(server, token="two"))
    assert "one" not in key(tag(server, token="one")).removeprefix(server.url)
    assert (key(account(server)), key(tag(server, only_media=True))) == ("", "")


@pytest.mark.parametrize(
    ("origin", "named", "there"),
    [
        ("https://a.example", "wss://streaming.a.example", "wss://streaming.a.example/"),
        ("https://a.example", "https://streaming.a.example/x?y", "wss://streaming.a.example/"),
        ("https://a.example", "ws://streaming.a.example", "wss://a.example/"),
        ("https://a.example", "wss://user:secret@b.example", "wss://a.example/"),
        ("https://a.example", None, "wss://a.example/"),
        ("http://a.example:8080", "ws://a.example:4000", "ws://a.example:4000/"),
    ],
)
async def test_streaming_api_is_where_the_server_says_but_never_less_safe(
    origin: str, named: str | None, there: str
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/v1/instance":
            return httpx.Response(404)
        return httpx.Response(200, json={"configuration": {"urls": {"streaming": named}}})

    async with Http(transport=httpx.MockTransport(answer), per_second=1000, sandbox=Inline) as http:
        assert str(await streaming_origin(Server(http, origin))) == there


# --- recorded messages ------------------------------------------------------------------------------------------


async def test_message_that_cannot_be_read_costs_itself(http: Http) -> None:
    messages = [b"{", b"[]", b'{"event":"update","payload":"{}"}', b'{"event":"update"}', b'{"event":"notification"}']
    events = await events_of(http, [*messages, b'{"event":"delete","payload":115}', b'{"error":"No","status":"401"}'])
    assert [bool(event.broken) for event in events] == [True] * 4 + [False] * 3
    assert [(event.deleted, event.refusal) for event in events[4:]] == [("", 0), ("115", 0), ("", 401)]


@elsewhere
@pytest.mark.parametrize("name", ["mastodon/ws_hashtag_and_public_frames.jsonl", "gotosocial/ws_public_frames.jsonl"])
async def test_recorded_frames_are_read(http: Http, name: str) -> None:
    lines = path(name).read_bytes().splitlines()
    events = await events_of(http, lines)
    posted = [event for event, line in zip(events, lines, strict=True) if b'"event"' in line]
    assert posted
    assert [event for event in posted if event.broken or not event.status] == []
    assert {event.tag for event in events} <= {"", "socitm09"}
