"""PeerTube's channels, accounts and tags, rechecks and authors, against a server of invented videos."""

from __future__ import annotations

import httpx
import pytest
from msgspec.structs import replace

from connectors.contract import Address, Confirmation, Page, Person, Presence
from connectors.errors import ConnectorError, NotFound
from connectors.networks.peertube.connector import PeerTube
from tests.fakes.peertube_entities import ORIGIN, new_account, new_video, uuid
from tests.fakes.peertube_server import PeerTubeServer, refusal

peertube = PeerTube()
TAG = Address(network="peertube", kind="hashtag", value="socitm09", server=ORIGIN)
CHANNEL = Address(network="peertube", kind="channel", value="talks@peertube.example", server=ORIGIN)


async def poll(server: PeerTubeServer, cursor: str = "", source: Address = TAG) -> Page:
    async with server.http() as http:
        return await peertube.poll(http, source, cursor)


async def recheck(server: PeerTubeServer, refs: dict[str, str], source: Address = TAG) -> Page:
    async with server.http() as http:
        return await peertube.recheck(http, source, refs)


def key(number: int, host: str = "peertube.example") -> str:
    return f"https://{host}/videos/watch/{uuid(number)}"


@pytest.mark.parametrize(
    ("text", "on", "kind", "value"),
    [
        ("https://peertube.example/c/talks", "", "channel", "talks@peertube.example"),
        ("https://peertube.example/c/talks@far.example/videos", "", "channel", "talks@far.example"),
        ("https://peertube.example/video-channels/talks", "", "channel", "talks@peertube.example"),
        ("https://peertube.example/a/ada/video-channels", "", "account", "ada@peertube.example"),
        ("https://far.example/accounts/Ada", "peertube.example", "account", "ada@far.example"),
        ("https://peertube.example/search?tagsOneOf=Socitm09", "", "hashtag", "socitm09"),
        ("#socitm09", "peertube.example", "hashtag", "socitm09"),
        ("@ada@peertube.example", "", "account", "ada@peertube.example"),
    ],
)
def test_channels_accounts_and_tags_are_recognised(text: str, on: str, kind: str, value: str) -> None:
    assert peertube.recognise(text, on) == Address(network="peertube", kind=kind, value=value, server=ORIGIN)


@pytest.mark.parametrize(
    "text", ["https://peertube.example/w/abc", "https://peertube.example/search?search=x", "!a@b.c"]
)
def test_other_text_is_not_a_list_of_videos(text: str) -> None:
    assert peertube.recognise(text) is None


async def test_no_video_is_lost_or_doubled_between_polls() -> None:
    server = PeerTubeServer(*(new_video(n) for n in range(90, 0, -1)))
    first = await poll(server)
    assert len(first.posts) == 78
    server.videos = [*(new_video(n) for n in range(190, 90, -1)), *server.videos]
    second = await poll(server, first.cursor)
    new = [post.key for post in second.posts]
    assert (len(new), {key(n) for n in range(91, 191)} <= set(new), second.broken) == (116, True, ())
    assert await poll(server, second.cursor) == Page(cursor=second.cursor)


async def test_removed_video_leaves_no_gap() -> None:
    server = PeerTubeServer(new_video(1))
    first = await poll(server)
    server.videos = [new_video(5)]
    assert (await poll(server, first.cursor)).broken == ()
    server.videos = [new_video(7)]
    server.fails["videos/"] = httpx.Response(410)
    assert "Gap in the timeline" in (await poll(server, first.cursor)).broken[0]


async def test_handle_names_a_channel_or_an_account() -> None:
    server = PeerTubeServer(new_video(1))
    server.absent = {"video-channels/talks"}
    page = await poll(server, source=CHANNEL)
    assert server.asked[:3] == ["video-channels/talks", "accounts/talks", "accounts/talks/videos"]
    server.asked.clear()
    await poll(server, page.cursor, CHANNEL)
    assert server.asked == ["accounts/talks/videos"]
    server.absent |= {"accounts/talks"}
    server.videos = []
    with pytest.raises(NotFound, match=r"^Channel not found: peertube\.example has no channel"):
        await poll(server, page.cursor, CHANNEL)


async def test_recheck_tells_changed_deleted_private_and_untagged_videos() -> None:
    far = new_video(5, host="far.example")
    server = PeerTubeServer(*(new_video(n) for n in (9, 4, 3, 2, 1)), far)
    refs = (await poll(server)).refs
    kept = {video["id"]: video for video in server.videos}
    kept[1] |= {"name": "Corrected", "tags": ["SocITM09"]}
    kept[2] |= {"tags": ["other"]}
    server.private = {uuid(3)}
    server.videos = [kept[9], kept[2], kept[1]]
    page = await recheck(server, refs)
    assert {post.title for post in page.posts} == {"Corrected", "A talk"}
    assert (page.unmatched, set(page.gone)) == ((key(2),), {key(3), key(4)})
    assert page.missing == (key(5, "far.example"),)
    assert [peertube.is_origin(TAG, each) for each in (key(1), key(5, "far.example"))] == [True, False]


async def test_poll_and_recheck_give_the_same_post() -> None:
    server = PeerTubeServer(new_video(1))
    page = await poll(server)
    server.videos[0] |= {
        "description": "Recorded at the quay, in full",
        "tags": ["socitm09"],
        "updatedAt": "2026-11-28",
    }
    assert (await recheck(server, page.refs)).posts == page.posts


@pytest.mark.parametrize(
    "reply",
    [
        httpx.Response(404, text="<html>"),
        httpx.Response(410),
        httpx.Response(502),
        httpx.Response(200, text="<html>"),
        httpx.Response(403, text="<html>"),
        refusal(404, "Video not found"),
    ],
)
async def test_server_that_answers_all_alike_ends_no_video(reply: httpx.Response) -> None:
    server = PeerTubeServer(new_video(1))
    refs = (await poll(server)).refs
    server.fails["videos/"] = reply
    try:
        page = await recheck(server, refs)
    except ConnectorError:
        return
    assert (page.gone, page.missing) == ((), ())


@pytest.mark.parametrize(
    ("name", "host", "found"),
    [
        ("bo", "peertube.example", Presence.GONE),
        ("bo@far.example", "far.example", Presence.MISSING),
        ("ada", "peertube.example", Presence.PRESENT),
    ],
)
async def test_author_ends_by_the_word_of_their_own_server(name: str, host: str, found: Presence) -> None:
    server = PeerTubeServer(new_video(1, by=new_account("cy")))
    server.absent = {"accounts/bo", "accounts/bo@far.example"}
    user = name.partition("@")[0]
    author = Person(name="", handle=f"@{user}@{host}", url=f"https://{host}/accounts/{user}")
    async with server.http() as http:
        assert await peertube.author(http, TAG, author) == found


async def test_wishes_are_looked_up_once_for_each_account() -> None:
    server = PeerTubeServer(new_video(2, by=new_account("bo")), new_video(1))
    server.accounts["bo"] = new_account("bo", description="Boats. #noindex")
    page = await poll(server)
    assert [bool(post.opted_out) for post in page.posts] == [False, True]
    server.videos.insert(0, new_video(3, by=new_account("bo")))
    assert [bool(post.opted_out) for post in (await poll(server, page.cursor)).posts] == [False, True, True]
    assert sorted(path for path in server.asked if path.startswith("accounts/")) == ["accounts/ada", "accounts/bo"]


@pytest.mark.parametrize(("bio", "wish"), [("Boats #nobot", True), ("Boats", False)])
async def test_origin_confirms_a_copy(bio: str, *, wish: bool) -> None:
    server = PeerTubeServer(new_video(1, host="far.example"))
    (post,) = (await poll(server)).posts
    server.accounts["ada"] = new_account("ada", "far.example", description=bio)
    wished = replace(post, opted_out="The author asks to be left out.")
    async with server.http() as http:
        preview = post.media[0].preview.replace(ORIGIN, "https://far.example")
        same = Confirmation(html=post.html, attachments=(replace(post.media[0], preview=preview),))
        assert await peertube.confirm(http, TAG, post) == same
        assert await peertube.confirm(http, TAG, replace(wished, title="Other")) == replace(same, html=None, wish=wish)
        server.fails["accounts"] = httpx.Response(503)
        assert await peertube.confirm(http, TAG, wished) == same
        server.fails["videos"] = httpx.Response(503)
        assert await peertube.confirm(http, TAG, post) == Confirmation()
