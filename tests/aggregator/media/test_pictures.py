"""Requesting pictures and their progress, on both databases."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator import timestamps
from aggregator.items.pictures import release_pictures
from aggregator.items.tables import StoredPost
from aggregator.media.pictures import (
    LEASE,
    StoredFile,
    Wanted,
    are_due,
    failed,
    finished,
    lock_pictures,
    look_up,
    picture_id,
    shown_by,
    take,
    want,
)
from aggregator.media.tables import PictureUse, Progress, StoredPicture
from aggregator.store.store import Store
from tests.aggregator.media.room import Posts

URL = "https://a.example/1.png"
ID = picture_id("feeds", URL, "picture")
LATER = datetime(2100, 1, 1, tzinfo=UTC)


def wanted(post: str = "post", url: str = URL, purpose: str = "picture", **more: Any) -> tuple[str, Wanted]:
    return post, Wanted("feeds", url, purpose, **more)


async def want_all(db: AsyncSession, *asked: tuple[str, Wanted]) -> None:
    ids = dict((await db.exec(select(StoredPost.id, StoredPost.n))).all())
    await want(db, [(ids[post] or 0, picture) for post, picture in asked if post in ids])


async def wish(store: Store, *pictures: tuple[str, Wanted]) -> None:
    async with store.write() as db:
        await want_all(db, *pictures)


async def known(store: Store, id_: str = ID) -> StoredPicture | None:
    async with store.read() as db:
        return await db.get(StoredPicture, id_)


async def uses(store: Store) -> list[tuple[str, str]]:
    async with store.read() as db:
        query = select(StoredPost.id, PictureUse.picture_id).join(PictureUse)
        return sorted((await db.exec(query)).all())


def test_picture_id_tells_network_url_and_purpose_apart() -> None:
    ids = {
        picture_id(network, url, purpose)
        for network in ("feeds", "mastodon")
        for url in ("https://a.example/1", "https://a.example/2", "\ud800")
        for purpose in ("avatar", "picture")
    }
    assert len(ids) == 12
    assert {(len(id_), id_ == id_.lower(), id_.isalnum()) for id_ in ids} == {(32, True, True)}


# --- wanting ----------------------------------------------------------------------------------------------------


async def test_wanted_picture_waits_with_what_its_network_tells(store: Store, posts: Posts) -> None:
    await posts("post")
    before = timestamps.now()
    await wish(store, wanted(blurhash="LEHV6nWB2yk8pyo0adR*.7kCMdnj", width=800, height=600))
    found = await known(store)
    assert found
    assert before <= found.next_try_at <= timestamps.now()
    assert found.model_dump(exclude={"next_try_at"}, warnings=False) == {
        "id": ID,
        "network": "feeds",
        "url": URL,
        "purpose": "picture",
        "progress": "waiting",
        "file": "",
        "color": "#979695",
        "width": 800,
        "height": 600,
        "tries": 0,
        "trouble": "",
    }


async def test_wanting_again_changes_nothing(store: Store, posts: Posts) -> None:
    await posts("post", "other")
    await wish(store, wanted())
    async with store.write() as db:
        await finished(db, [StoredFile(ID, "f" * 40, "#123456", 9, 9)])
    before = await known(store)
    await wish(store, wanted(blurhash="000000"), wanted(), wanted("other"))
    assert await known(store) == before
    assert await uses(store) == [("other", ID), ("post", ID)]


async def test_wanting_sees_posts_of_the_same_transaction(store: Store) -> None:
    async with store.write() as db:
        db.add(StoredPost(id="post", network="feeds", body=b"{}", at=0, first_seen_at=timestamps.now()))
        await want_all(db, wanted())
    assert await uses(store) == [("post", ID)]


async def test_wanting_nothing_is_nothing(store: Store) -> None:
    await wish(store)
    assert await uses(store) == []


@pytest.mark.parametrize(
    "nonsense",
    [
        pytest.param(wanted(url=""), id="no address"),
        pytest.param(wanted(url="/1.png"), id="no scheme"),
        pytest.param(wanted(url="data:image/png;base64,AAAA"), id="no address on a network"),
        pytest.param(wanted(url="JavaScript:alert(1)"), id="a script"),
        pytest.param(wanted(url="https://a.example/" + "a" * 2048), id="too long"),
        pytest.param(wanted(url="https://a.example/\0"), id="a NUL, which PostgreSQL refuses"),
        pytest.param(wanted(url="https://a.example/\ud800"), id="half a character"),
        pytest.param(wanted(purpose="wallpaper"), id="another purpose"),
    ],
)
async def test_nonsense_is_left_out_and_the_rest_is_wanted(
    store: Store, posts: Posts, nonsense: tuple[str, Wanted]
) -> None:
    await posts("post")
    await wish(store, nonsense, wanted(url="rehearsal:ada", purpose="avatar"))
    assert await uses(store) == [("post", picture_id("feeds", "rehearsal:ada", "avatar"))]


@pytest.mark.parametrize("size", [(-1, 5), (5, 0), (10**12, 10**12), (70_000, 5)])
async def test_size_that_cannot_be_is_not_believed(store: Store, posts: Posts, size: tuple[int, int]) -> None:
    await posts("post")
    await wish(store, wanted(width=size[0], height=size[1]))
    found = await known(store)
    assert found
    assert (found.width, found.height) == (0, 0)


async def test_thousands_of_pictures_are_wanted_and_found_at_once(store: Store, posts: Posts) -> None:
    await posts(*map(str, range(500)))
    many = [wanted(str(post), f"https://a.example/{post}/{n}") for post in range(500) for n in range(5)]
    await wish(store, *many)
    async with store.read() as db:
        found = await look_up(db, [picture_id(one.network, one.url, one.purpose) for _, one in many])
    assert len(found) == 2500
    assert len(await uses(store)) == 2500


async def test_writers_that_want_the_same_pictures_do_not_collide(store: Store, posts: Posts) -> None:
    await posts(*map(str, range(8)))
    urls = [f"https://a.example/{n}" for n in range(50)]
    await asyncio.gather(
        *(wish(store, *(wanted(str(post), url) for url in (urls if post % 2 else urls[::-1]))) for post in range(8))
    )
    assert len(await uses(store)) == 400


async def test_released_post_shows_nothing_and_others_keep_theirs(store: Store, posts: Posts) -> None:
    await posts("post", "other")
    await wish(store, wanted(), wanted("other"))
    async with store.write() as db:
        await release_pictures(db, ["post"])
    assert await uses(store) == [("other", ID)]


async def test_picture_goes_with_its_last_post_only(store: Store, posts: Posts) -> None:
    await posts("post", "other")
    await wish(store, wanted(), wanted("other"), wanted("other", "https://a.example/2.png"))
    async with store.read() as db:
        assert await shown_by(db, [ID]) == set(await db.exec(select(StoredPost.n)))
        assert await shown_by(db, []) == set()


# --- the picture worker's side ----------------------------------------------------------------------------------------


async def taken(store: Store, at: datetime, limit: int = 10) -> list[str]:
    async with store.write() as db:
        return [picture.url for picture in await take(db, at, limit)]


async def test_nothing_is_due_where_nothing_waits(store: Store) -> None:
    async with store.read() as db:
        assert not await are_due(db, LATER)
    assert await taken(store, LATER) == []


async def test_picture_is_taken_by_one_until_the_lease_ends(store: Store, posts: Posts) -> None:
    await posts("post")
    await wish(store, wanted())
    at = timestamps.now()
    async with store.read() as db:
        assert await are_due(db, at)
    assert await taken(store, at) == [URL]
    assert await taken(store, at + LEASE - timedelta(microseconds=1)) == []
    assert await taken(store, at + LEASE) == [URL]


async def test_newest_pictures_are_taken_first_and_avatars_among_them(store: Store, posts: Posts) -> None:
    await posts("post")
    for age in (1, 2):
        await wish(
            store, wanted(url=f"https://a.example/p{age}"), wanted(url=f"https://a.example/a{age}", purpose="avatar")
        )
    assert await taken(store, LATER, 3) == [f"https://a.example/{name}" for name in ("a2", "p2", "a1")]


async def test_finished_picture_is_ready_and_due_no_more(store: Store, posts: Posts) -> None:
    await posts("post")
    await wish(store, wanted())
    async with store.write() as db:
        await finished(db, [StoredFile(ID, "f" * 40, "#123456", 640, 480), StoredFile("forgotten", "f" * 40, "", 1, 1)])
    found = await known(store)
    assert found
    assert (found.progress, found.file, found.color, found.width, found.height) == (
        Progress.READY,
        "f" * 40,
        "#123456",
        640,
        480,
    )
    assert await taken(store, LATER) == []
    async with store.read() as db:
        assert (await db.exec(select(func.count(col(StoredPicture.id))))).one() == 1


async def fail(store: Store, at: datetime, **how: Any) -> tuple[bool, float, str, int]:
    """Return whether it was the last try, the seconds until the next, the reason, and the number of tries."""
    async with store.write() as db:
        over = await failed(db, ID, "It\0did not work.", at, **how)
    found = await known(store)
    assert found
    return over, (found.next_try_at - at).total_seconds(), found.trouble, found.tries


async def test_failed_picture_is_tried_again_ever_later_and_then_refused(store: Store, posts: Posts) -> None:
    await posts("post")
    await wish(store, wanted())
    at, sentence = timestamps.now(), "It·did not work."
    assert [await fail(store, at) for _ in range(3)] == [
        (False, 60, sentence, 1),
        (False, 300, sentence, 2),
        (False, 1800, sentence, 3),
    ]
    assert (await fail(store, at))[0]
    found = await known(store)
    assert found
    assert (found.progress, found.tries) == (Progress.REFUSED, 4)
    assert await taken(store, LATER) == []


async def test_hopeless_picture_is_refused_at_once(store: Store, posts: Posts) -> None:
    await posts("post")
    await wish(store, wanted())
    assert (await fail(store, timestamps.now(), final=True))[0]
    found = await known(store)
    assert found
    assert found.progress == Progress.REFUSED


@pytest.mark.parametrize(("wait", "pause"), [(1, 60), (3600, 3600), (1e12, 86_400)])
async def test_picture_that_is_not_to_blame_is_put_off(store: Store, posts: Posts, wait: float, pause: float) -> None:
    await posts("post")
    await wish(store, wanted())
    at = timestamps.now()
    assert [await fail(store, at, wait=wait) for _ in range(5)] == [(False, pause, "It·did not work.", 0)] * 5


async def test_failure_of_a_slower_darkroom_undoes_nothing(store: Store, posts: Posts) -> None:
    await posts("post")
    await wish(store, wanted())
    async with store.write() as db:
        await finished(db, [StoredFile(ID, "f" * 40, "#123456", 640, 480)])
        assert not await failed(db, ID, "Too late.", timestamps.now(), final=True)
        assert not await failed(db, "forgotten", "Too late.", timestamps.now())
    found = await known(store)
    assert found
    assert (found.progress, found.trouble) == (Progress.READY, "")


async def test_picture_is_not_ready_before_those_who_want_it_just_now_can_be_seen(store: Store, posts: Posts) -> None:
    """Otherwise a post stored at the moment when its author's avatar becomes ready would wait for it forever."""
    await posts("old", "new")
    await wish(store, wanted("old"))

    async def finish() -> set[int]:
        async with store.write() as db:
            await lock_pictures(db, [ID])
            await finished(db, [StoredFile(ID, "f" * 40, "#123456", 640, 480)])
            return await shown_by(db, [ID])

    async with store.write() as db:
        await want_all(db, wanted("new"))
        found = (await look_up(db, [ID]))[ID]
        finishing = asyncio.create_task(finish())
        await asyncio.sleep(0.1)  # it is waiting for the lock now
    assert found.progress == Progress.WAITING
    async with store.read() as db:
        assert await finishing == set(await db.exec(select(StoredPost.n)))
