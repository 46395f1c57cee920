"""Pictures from a wish to a page, with everything that goes wrong on the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from PIL import Image
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession
from structlog.testing import capture_logs

from aggregator import moment
from aggregator.media.darkroom import Darkroom
from aggregator.media.images import prepare
from aggregator.media.pictures import Wanted, release, take, want
from aggregator.media.shelf import Shelf
from aggregator.media.tables import Progress, StoredPicture
from aggregator.store import Store
from connectors._base import Address, Connector, Kind, Page, Throttled
from connectors._http import Http

Posts = Callable[..., Awaitable[None]]


def png(color: str = "red", size: int = 40) -> bytes:
    file = BytesIO()
    Image.new("RGB", (size, size), color).save(file, "PNG")
    return file.getvalue()


class Album(Connector):
    """A network whose pictures come from a dictionary, over a wire that we hold in our hands."""

    name, label, kinds, min_interval, quiet_after = "album", "Album", (Kind(name="a", label="a", example="a"),), 1, 1

    def recognise(self, text: str, on: str = "") -> Address | None:
        raise NotImplementedError

    async def poll(self, http: Http, source: Address, cursor: str) -> Page:
        raise NotImplementedError


class Wire(httpx.AsyncBaseTransport):
    """Answers from `replies` by path: bytes, a status, an exception; what is missing is a 404."""

    def __init__(self, **replies: bytes | int | Exception) -> None:
        self.replies = replies
        self.asked: list[str] = []
        self.at_once = self.most_at_once = 0
        self.pause = 0.0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        try:
            await asyncio.sleep(self.pause)
        finally:
            self.at_once -= 1
        reply = self.replies.get(request.url.path[1:], 404)
        if isinstance(reply, Exception):
            raise reply
        if isinstance(reply, int):
            return httpx.Response(reply)
        return httpx.Response(200, content=reply, headers={"Content-Type": "text/html"})


class Wall:
    """What the darkroom shows again, call by call."""

    def __init__(self, *, refuse: str = "") -> None:
        self.shown: list[list[str]] = []
        self.refuse = refuse

    async def republish(self, session: AsyncSession, post_ids: Collection[str]) -> None:
        if self.refuse in post_ids:
            raise RuntimeError("This post cannot be shown.")
        await session.exec(select(StoredPicture.id))
        self.shown.append(sorted(post_ids))


class Room:
    """A darkroom with a wire, a wall and a clock that can be moved."""

    def __init__(
        self,
        store: Store,
        folder: Path,
        wire: Wire,
        wall: Wall | None = None,
        *,
        look_every: float = 2,
        gather: float = 0.1,
        sweep_rest: float = 3.0,
    ) -> None:
        self.store, self.wire, self.wall = store, wire, wall or Wall()
        self.ahead = timedelta()
        self.http = Http(transport=wire, per_second=1e6)
        self.darkroom = Darkroom(
            store,
            self.http,
            {"album": Album()},
            folder,
            self.wall.republish,
            look_every=look_every,
            gather=gather,
            sweep_rest=sweep_rest,
            clock=self.clock,
        )

    def clock(self) -> datetime:
        return moment.now() + self.ahead

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        running = asyncio.create_task(self.darkroom.run())
        try:
            yield
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
            await self.http.aclose()

    async def wish(self, post: str, *names: str, host: str = "a.example", network: str = "album") -> None:
        async with self.store.write() as session:
            await want(session, [Wanted(post, network, f"https://{host}/{name}", "picture") for name in names])
        self.darkroom.nudge()

    async def has_asked(self) -> bool:
        return bool(self.wire.asked)

    async def has_nothing_in_hand(self) -> bool:
        return not self.darkroom._in_hand

    async def pictures(self) -> dict[str, StoredPicture]:
        async with self.store.read() as session:
            return {picture.url.rpartition("/")[2]: picture for picture in await session.exec(select(StoredPicture))}

    async def until(self, **progress: str) -> dict[str, StoredPicture]:
        """Wait until the pictures of these names are where they should be."""

        async def there() -> bool:
            pictures = await self.pictures()
            return {name: pictures[name].progress for name in progress} == progress

        await eventually(there)
        return await self.pictures()

    async def until_trouble(self, *names: str) -> dict[str, StoredPicture]:
        """Wait until something has gone wrong with each of these."""

        async def there() -> bool:
            pictures = await self.pictures()
            return all(pictures[name].trouble for name in names)

        await eventually(there)
        return await self.pictures()


async def eventually(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await condition():
            await asyncio.sleep(0.02)


async def said(logs: Sequence[Mapping[str, object]], event: str) -> bool:
    return event in {entry["event"] for entry in logs}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "media"


async def test_picture_is_fetched_kept_and_its_posts_shown_again(store: Store, folder: Path, posts: Posts) -> None:
    await posts("post", "other")
    room = Room(store, folder, Wire(sky=png("#123456", 30)))
    await room.wish("post", "sky")
    await room.wish("other", "sky")
    async with room.open():
        sky = (await room.until(sky="ready"))["sky"]
    expected = prepare(png("#123456", 30), "picture")
    path = room.darkroom.shelf.find(sky.file, "l")
    assert path
    assert (path.read_bytes(), sky.color, sky.width, sky.height) == (expected.large, "#123456", 30, 30)
    assert room.wall.shown == [["other", "post"]]


async def test_darkroom_wakes_when_nudged(store: Store, folder: Path, posts: Posts) -> None:
    await posts("post")
    room = Room(store, folder, Wire(first=png(), sky=png("blue")), look_every=3600)
    async with room.open():
        await room.wish("post", "first")
        await room.until(first="ready")
        await room.wish("post", "sky")
        await room.until(sky="ready")


async def test_darkroom_looks_by_itself_too(store: Store, folder: Path, posts: Posts) -> None:
    await posts("post")
    room = Room(store, folder, Wire(sky=png()), look_every=0.1)
    async with room.open():
        await asyncio.sleep(0.2)
        async with store.write() as session:
            await want(session, [Wanted("post", "album", "https://a.example/sky", "avatar")])
        await room.until(sky="ready")


async def test_burst_of_pictures_shows_a_post_again_once(store: Store, folder: Path, posts: Posts) -> None:
    await posts("post")
    colors = ("red", "green", "blue", "white")
    room = Room(store, folder, Wire(**{color: png(color) for color in colors}), gather=2)
    await room.wish("post", *colors)
    async with room.open():
        await room.until(**dict.fromkeys(colors, "ready"))
    assert room.wall.shown == [["post"]]


async def test_more_pictures_than_hands_all_become_ready(store: Store, folder: Path, posts: Posts) -> None:
    await posts("post")
    names = [f"p{number}" for number in range(150)]
    room = Room(
        store, folder, Wire(**{name: png(size=number + 1) for number, name in enumerate(names)}), look_every=3600
    )
    for number, name in enumerate(names):
        await room.wish("post", name, host=f"h{number % 5}.example")
    async with room.open():
        pictures = await room.until(**dict.fromkeys(names, "ready"))
    assert {pictures[name].width for name in names} == set(range(1, 151))
    assert room.wire.most_at_once <= 4
    assert len(room.wire.asked) == 150


async def test_one_host_is_asked_for_two_pictures_at_a_time(store: Store, folder: Path, posts: Posts) -> None:
    await posts("post")
    wire = Wire(**{f"p{number}": png() for number in range(8)})
    wire.pause = 0.05
    room = Room(store, folder, wire)
    await room.wish("post", *wire.replies)
    async with room.open():
        await room.until(**dict.fromkeys(wire.replies, "ready"))
    assert wire.most_at_once == 2


@pytest.mark.parametrize(
    ("reply", "sentence"),
    [
        (b"<html>no picture", "The address leads to a page, not to a picture."),
        (404, None),
        (410, None),
        (403, None),
    ],
)
async def test_hopeless_picture_is_refused_and_its_post_shown_without(
    store: Store, folder: Path, posts: Posts, reply: bytes | int, sentence: str | None
) -> None:
    await posts("post")
    room = Room(store, folder, Wire(sky=reply))
    async with room.open():
        await room.wish("post", "sky")
        sky = (await room.until(sky="refused"))["sky"]
    assert sky.trouble
    assert sentence in (None, sky.trouble)
    assert room.wall.shown == [["post"]]
    assert len(room.wire.asked) == 1


async def test_picture_of_a_network_that_left_is_refused(store: Store, folder: Path, posts: Posts) -> None:
    await posts("post")
    room = Room(store, folder, Wire())
    async with room.open():
        await room.wish("post", "sky", network="myspace")
        sky = (await room.until(sky="refused"))["sky"]
    assert sky.trouble == "No connector here knows the network “myspace”."


async def test_picture_that_fails_holds_nothing_back_and_is_tried_later(
    store: Store, folder: Path, posts: Posts
) -> None:
    await posts("post", "other")
    room = Room(store, folder, Wire(sky=500, sea=png()))
    async with room.open():
        await room.wish("post", "sky")
        await room.wish("other", "sea")
        await room.until(sea="ready")
        sky = (await room.until_trouble("sky"))["sky"]
        assert (sky.progress, room.wall.shown) == ("waiting", [["other"]])
        room.wire.replies["sky"] = png()
        room.ahead = timedelta(minutes=2)
        room.darkroom.nudge()
        await room.until(sky="ready")
    assert room.wall.shown == [["other"], ["post"]]


async def test_silent_host_is_left_alone_while_others_go_on(store: Store, folder: Path, posts: Posts) -> None:
    await posts("post")
    dead = {f"d{number}": httpx.ConnectTimeout("no answer") for number in range(30)}
    room = Room(store, folder, Wire(sea=png(), **dead))
    async with room.open():
        await room.wish("post", *dead, host="dead.example")
        await room.wish("post", "sea", host="alive.example")
        await room.until(sea="ready")
        pictures = await room.until_trouble(*dead)
    assert len([url for url in room.wire.asked if "dead" in url]) < 8
    assert {pictures[name].progress for name in dead} == {Progress.WAITING}


async def test_host_that_says_slowly_is_not_held_against_the_picture(store: Store, folder: Path, posts: Posts) -> None:
    await posts("post")

    class Busy(Album):
        async def picture(self, http: Http, url: str) -> bytes:
            raise Throttled("Slowly, please.", 600)

    room = Room(store, folder, Wire())
    room.darkroom = Darkroom(store, room.http, {"album": Busy()}, folder, room.wall.republish)
    async with room.open():
        await room.wish("post", "sky")
        sky = (await room.until_trouble("sky"))["sky"]
    assert (sky.progress, sky.tries, sky.trouble) == ("waiting", 0, "Slowly, please.")
    assert sky.next_try_at > moment.now() + timedelta(minutes=9)


async def test_post_that_cannot_be_shown_holds_no_other_back(store: Store, folder: Path, posts: Posts) -> None:
    await posts("bad", "good")
    room = Room(store, folder, Wire(sky=png(), sea=png("blue")), Wall(refuse="bad"))
    with capture_logs() as logs:
        async with room.open():
            await room.wish("bad", "sky")
            await room.wish("good", "sea")
            await room.until(sky="ready", sea="ready")
    assert room.wall.shown == [["good"]]
    assert {entry["event"] for entry in logs} == {"pictures cannot be shown"}


async def test_store_that_goes_away_for_a_while_is_outlived(store: Store, folder: Path, posts: Posts) -> None:
    class Flaky(Store):
        away = False

        def read(self):  # type: ignore[no-untyped-def]  # noqa: ANN202
            if self.away:
                raise OSError("The database is away.")
            return super().read()

    await posts("post")
    flaky = Flaky(store.url.render_as_string(hide_password=False))
    room = Room(store, folder, Wire(sky=png(), sea=png("blue")))
    room.darkroom = Darkroom(flaky, room.http, {"album": Album()}, folder, room.wall.republish)
    try:
        with capture_logs() as logs:
            async with room.open():
                flaky.away = True
                await room.wish("post", "sky")
                await asyncio.sleep(0.2)
                flaky.away = False
                await room.wish("post", "sea")
                await room.until(sky="ready", sea="ready")
    finally:
        await flaky.close()
    assert "pictures cannot be taken now" in {entry["event"] for entry in logs}


async def test_store_that_is_away_when_a_picture_is_done_gets_it_later(
    store: Store, folder: Path, posts: Posts
) -> None:
    await posts("post")
    room = Room(store, folder, Wire(sky=png()))

    class Away(Album):
        async def picture(self, http: Http, url: str) -> bytes:
            flaky.away = not room.ahead
            return await super().picture(http, url)

    class Flaky(Store):
        away = False

        def write(self):  # type: ignore[no-untyped-def]  # noqa: ANN202
            if self.away:
                raise OSError("The database is away.")
            return super().write()

    flaky = Flaky(store.url.render_as_string(hide_password=False))
    room.darkroom = Darkroom(flaky, room.http, {"album": Away()}, folder, room.wall.republish, clock=room.clock)
    try:
        with capture_logs() as logs:
            async with room.open():
                await room.wish("post", "sky")
                await eventually(lambda: said(logs, "pictures cannot be noted now"))
                flaky.away, room.ahead = False, timedelta(minutes=2)
                room.darkroom.nudge()
                await room.until(sky="ready")
    finally:
        await flaky.close()
    assert room.wall.shown == [["post"]]


async def test_two_darkrooms_fetch_a_picture_once(store: Store, folder: Path, posts: Posts) -> None:
    await posts("post")
    wire = Wire(**{f"p{number}": png(size=number + 1) for number in range(20)})
    wire.pause = 0.05
    one, other = Room(store, folder, wire), Room(store, folder, wire)
    await one.wish("post", *wire.replies)
    async with one.open(), other.open():
        await one.until(**dict.fromkeys(wire.replies, "ready"))
    assert sorted(wire.asked) == sorted(f"https://a.example/{name}" for name in wire.replies)


async def test_two_darkrooms_with_the_same_picture_do_no_harm(store: Store, folder: Path, posts: Posts) -> None:
    await posts("post")
    wire = Wire(sky=png())
    wire.pause = 0.1
    one, other = Room(store, folder, wire), Room(store, folder, wire)
    await one.wish("post", "sky")
    async with store.write() as session:
        pictures = await take(session, moment.now(), 1)
    async with one.open(), other.open(), asyncio.TaskGroup() as group:
        for room in (one, other):
            group.create_task(room.darkroom._work(pictures[0]))
        await one.until(sky="ready")
    sky = (await one.pictures())["sky"]
    assert room.darkroom.shelf.find(sky.file, "s")


async def test_darkroom_that_is_killed_leaves_the_picture_to_the_next(store: Store, folder: Path, posts: Posts) -> None:
    await posts("post")
    wire = Wire(sky=png())
    wire.pause = 30
    killed = Room(store, folder, wire)
    await killed.wish("post", "sky")
    async with killed.open():
        await eventually(killed.has_asked)
    assert (await killed.pictures())["sky"].progress == "waiting"
    wire.pause = 0
    after = Room(store, folder, wire)
    after.ahead = timedelta(minutes=1)
    async with after.open():
        await after.until(sky="ready")
    assert after.wall.shown == [["post"]]


async def test_darkroom_forgets_what_no_post_shows(store: Store, folder: Path, posts: Posts) -> None:
    await posts("gone")
    shelf = Shelf(folder)
    room = Room(store, folder, Wire(sky=png()))
    async with room.open():
        await room.wish("gone", "sky")
        file = (await room.until(sky="ready"))["sky"].file
    async with store.write() as session:
        await release(session, ["gone"])
    again = Room(store, folder, Wire())
    async with again.open():

        async def gone() -> bool:
            return not await again.pictures() and not shelf.find(file, "s")

        await eventually(gone)


async def test_darkroom_forgets_soon_what_was_just_withdrawn(store: Store, folder: Path, posts: Posts) -> None:
    await posts("gone", "kept")
    room = Room(store, folder, Wire(sky=png(), sea=png("blue")), sweep_rest=0.05)
    async with room.open():
        await room.wish("gone", "sky")
        await room.wish("kept", "sea")
        pictures = await room.until(sky="ready", sea="ready")
        async with store.write() as session:
            await release(session, ["gone"])
        room.darkroom.sweep()

        async def gone() -> bool:
            return list(await room.pictures()) == ["sea"] and not room.darkroom.shelf.find(pictures["sky"].file, "l")

        await eventually(gone)
        assert room.darkroom.shelf.find(pictures["sea"].file, "l")


async def test_picture_thrown_out_before_it_was_named_is_fetched_again(
    store: Store, folder: Path, posts: Posts
) -> None:
    await posts("post")
    room = Room(store, folder, Wire(sky=png()))

    class Careless(Shelf):
        careless = True

        def put(self, small: bytes, large: bytes) -> str:
            file = super().put(small, large)
            if self.careless:
                self.discard(file)
            return file

    shelf = room.darkroom.shelf = Careless(folder)
    async with room.open():
        await room.wish("post", "sky")
        await eventually(room.has_asked)
        await eventually(room.has_nothing_in_hand)
        assert (await room.pictures())["sky"].progress == "waiting"
        shelf.careless, room.ahead = False, timedelta(minutes=1)
        room.darkroom.nudge()
        await room.until(sky="ready")
    assert room.wall.shown == [["post"]]


async def test_picture_in_hand_is_not_begun_twice_when_its_lease_ends(store: Store, folder: Path, posts: Posts) -> None:
    await posts("post")
    wire = Wire(sky=png())
    wire.pause = 0.5
    room = Room(store, folder, wire)
    async with room.open():
        await room.wish("post", "sky")
        await eventually(room.has_asked)
        room.ahead = timedelta(minutes=2)
        room.darkroom.nudge()
        await room.until(sky="ready")
    assert wire.asked == ["https://a.example/sky"]


async def test_forgetting_that_fails_stops_nothing(store: Store, folder: Path, posts: Posts) -> None:
    await posts("post")
    (folder / "unfinished").mkdir(parents=True)
    room = Room(store, folder, Wire(sky=png()))

    class Unwalkable(Shelf):
        def strays(self, age: float) -> Iterator[str]:
            raise PermissionError("Not for you.")

    room.darkroom.shelf = Unwalkable(folder)
    with capture_logs() as logs:
        async with room.open():
            await room.wish("post", "sky")
            await room.until(sky="ready")
    assert [entry["event"] for entry in logs] == ["pictures cannot be forgotten now"]
