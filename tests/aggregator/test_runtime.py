"""A whole process: its parts start together, and stop without leaving anything behind."""

import asyncio
import json
from pathlib import Path

import pytest
from sqlmodel import select

from aggregator import timestamps
from aggregator.audit.actor import UNNAMED
from aggregator.channel.queries import Question
from aggregator.intake.preview import preview
from aggregator.items.tables import StoredPost
from aggregator.media.pictures import Wanted, want
from aggregator.media.tables import StoredPicture
from aggregator.role import Role
from aggregator.runtime import Runtime, Worker
from aggregator.settings import Settings
from aggregator.sources.addresses import recognise, with_options
from aggregator.walls.following import follow
from aggregator.walls.walls import create_wall
from connectors.contract import Address
from tests.fakes.local_server import Answer, LocalServer
from tests.fakes.mastodon_server import MastodonServer

ADA = {"act": "person", "id": "ada", "name": "Ada", "handle": "@ada@quay.example", "url": "https://quay.example/@ada"}


def archive(folder: Path) -> str:
    """Write an archive of one post with a missing picture."""
    lines = [
        {"archive": 1, "name": "Small Talk", "hashtag": "small", "time_zone": "Europe/London"},
        ADA,
        {"act": "post", "t": 0, "by": "ada", "id": "p1", "text": "Hello from the quay"},
    ]
    file = folder / "small.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return str(file)


def address(runtime: Runtime, folder: Path) -> Address:
    found = recognise(archive(folder), runtime.connectors, network="rehearsal")
    return with_options(found, runtime.connectors["rehearsal"], {"rate": 1000})


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data")


async def test_house_takes_a_post_from_its_network_to_the_channel(settings: Settings, tmp_path: Path) -> None:
    runtime = Runtime(settings)
    await runtime.start()
    try:
        async with runtime.store.write() as db:
            wall = await create_wall(db, "small", "Small Talk", by=UNNAMED)
            await follow(db, wall, address(runtime, tmp_path), by=UNNAMED)
        line = await runtime.hub.fanout("small/wall")
        async with asyncio.timeout(30):
            async for news in line.follow(line.epoch, line.head):
                if news.keys:
                    break
        shown = json.loads((await runtime.records.answer(Question("small/wall"))).json)
    finally:
        await runtime.stop()
    assert [record["body"].get("html") for record in shown["records"] if record["kind"] == "post"] == [
        "<p>Hello from the quay</p>"
    ]
    assert not runtime.hub.running


FILLING = ["intake", "picture worker", "picture cleanup", "identity", "backfills"]


@pytest.mark.parametrize(
    ("role", "workers", "serves"), [("all", FILLING, True), ("web", [], True), ("intake", FILLING, False)]
)
async def test_house_starts_what_its_role_asks_for(
    tmp_path: Path, role: Role, workers: list[str], *, serves: bool
) -> None:
    runtime = Runtime(Settings(data_dir=tmp_path / "data", role=role))
    await runtime.start()
    try:
        assert [worker.name for worker in runtime.workers] == workers
        assert {task.get_name() for task in asyncio.all_tasks()} & set(FILLING) == set(workers)
        assert runtime.hub.running == serves
        await asyncio.sleep(0.05)
        assert runtime.failed_workers == []
    finally:
        await runtime.stop()


async def test_house_can_be_opened_for_a_command_alone(settings: Settings) -> None:
    runtime = Runtime(settings)
    await runtime.open()
    async with runtime.store.write() as db:
        await create_wall(db, "small", "Small Talk", by=UNNAMED)
    await runtime.stop()
    assert (settings.data_dir / "backchannel.db").exists()


async def test_house_starts_again_where_it_was(settings: Settings) -> None:
    for attempt in range(2):
        runtime = Runtime(settings)
        await runtime.start()
        async with runtime.store.write() as db:
            if attempt == 0:
                await create_wall(db, "small", "Small Talk", by=UNNAMED)
        assert (await runtime.records.answer(Question("small/wall"))).head == 1
        await runtime.stop()


async def test_house_asks_for_posts_while_pictures_of_the_same_host_wait_for_their_turn(tmp_path: Path) -> None:
    runtime = Runtime(Settings(data_dir=tmp_path / "data", allow_hosts=["127.0.0.1"]))
    with MastodonServer() as server:
        url = server.picture(8, 8)["url"]
        await runtime.open()
        async with runtime.store.write() as db:
            wall = await create_wall(db, "hall", "The hall", by=UNNAMED)
            await follow(
                db, wall, Address(network="mastodon", kind="hashtag", value="a", server=server.url), by=UNNAMED
            )
        pictures = [asyncio.create_task(runtime.files.get(url)) for _ in range(40)]
        await asyncio.sleep(0)
        await runtime.http.get(f"{server.url}/api/v2/instance")
        assert not all(picture.done() for picture in pictures)
        await asyncio.gather(*pictures)
    await runtime.stop()


async def test_house_fetches_pictures_without_the_client_that_asks_for_posts(tmp_path: Path) -> None:
    runtime = Runtime(Settings(data_dir=tmp_path / "data", allow_hosts=["127.0.0.1"]))
    with MastodonServer() as server:
        await runtime.open()
        await runtime.http.aclose()
        async with runtime.store.write() as db:
            wall = await create_wall(db, "hall", "The hall", by=UNNAMED)
            await follow(
                db, wall, Address(network="mastodon", kind="hashtag", value="a", server=server.url), by=UNNAMED
            )
            post = StoredPost(id="p1", network="mastodon", body=b"{}", at=0, first_seen_at=timestamps.now())
            db.add(post)
            await db.flush()
            await want(db, [(post.n or 0, Wanted("mastodon", server.picture(8, 8)["url"], "picture"))])
        fetching = asyncio.create_task(runtime.picture_worker.run())
        async with asyncio.timeout(30):
            while (picture := await the_picture(runtime)).progress == "waiting" and not picture.trouble:
                await asyncio.sleep(0.02)
        fetching.cancel()
        await asyncio.wait([fetching])
    await runtime.stop()
    assert (picture.progress, picture.trouble) == ("ready", "")


async def the_picture(runtime: Runtime) -> StoredPicture:
    async with runtime.store.read() as db:
        return (await db.exec(select(StoredPicture))).one()


class Faulty(Runtime):
    """A process with one more worker, which fails at once."""

    @property
    def workers(self) -> tuple[Worker, ...]:
        async def nothing_works() -> None:
            raise OSError("no hands")

        return (*super().workers, Worker("bellows", nothing_works))


async def test_house_tells_which_part_has_fallen_and_stops_all_the_same(settings: Settings) -> None:
    runtime = Faulty(settings)
    assert runtime.failed_workers == []
    await runtime.start()
    await asyncio.sleep(0.05)
    assert runtime.failed_workers == ["bellows"]
    await runtime.stop()
    assert not runtime.hub.running


async def test_house_asks_of_private_hosts_only_what_an_organiser_has_named(tmp_path: Path) -> None:
    """Another port of the same host, in a page or a redirect, is a stranger's choice."""
    asked: list[str] = []
    feed = b"<rss version='2.0'><channel><item><title>One</title></item></channel></rss>"

    def secret(path: str, _: object) -> Answer:
        asked.append(path)
        return Answer(200, {}, feed)

    def public(path: str, _: object) -> Answer:
        if path == "/moved":
            return Answer(302, {"Location": f"{there.url}/moved"}, b"")
        page = f"<link rel='alternate' type='application/rss+xml' href='{there.url}/page'>".encode()
        return Answer(200, {}, feed if path == "/feed" else page)

    runtime = Runtime(Settings(data_dir=tmp_path / "data", allow_hosts=("127.0.0.1",)))
    await runtime.open()
    try:
        with LocalServer(secret) as there, LocalServer(public) as here:
            found = {
                path: await preview(
                    runtime.http,
                    runtime.connectors["feeds"],
                    Address(network="feeds", kind="feed", value=f"{here.url}{path}"),
                )
                for path in ("/feed", "/moved", "/page")
            }
    finally:
        await runtime.stop()
    assert [seen.posts for seen in found.values()] == [1, 0, 0]
    assert ["private network" in seen.trouble for seen in found.values()] == [False, True, True]
    assert asked == []
