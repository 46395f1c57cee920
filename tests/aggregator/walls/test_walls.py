"""Creating, finding and changing walls, and following sources on them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from sqlmodel import select

from aggregator.audit.actor import UNNAMED
from aggregator.channel.read import since, snapshot
from aggregator.items.tables import Item, State, StoredPost
from aggregator.sources.errors import SourceError
from aggregator.sources.lookup import find_source, list_sources
from aggregator.sources.tables import Sighting, Source
from aggregator.store.store import Store
from aggregator.timestamps import now
from aggregator.walls.errors import WallError
from aggregator.walls.following import end, follow, unfollow
from aggregator.walls.tables import Mode, Wall
from aggregator.walls.walls import change_wall, create_wall, find_wall, list_walls
from connectors.contract import Address
from tests.aggregator.invented import announced

TAG = Address(network="mastodon", kind="hashtag", value="harbour09", server="https://mastodon.example")
CONTROLS = "A wall's name cannot have control characters, such as Escape: type it anew, without them."


async def test_create_wall_opens_both_channels_and_publishes_the_wall_on_them(store: Store) -> None:
    async with store.write() as db:
        await create_wall(
            db,
            "harbour",
            "Harbour  Conference",
            hashtag="#harbour09",
            time_zone="Europe/London",
            look={"accent": "#1f6feb"},
            by=UNNAMED,
        )
    async with store.read() as db:
        batches = [await snapshot(db, channel, 60) for channel in ("harbour/wall", "harbour/desk")]
    assert batches[0].epoch != batches[1].epoch
    for batch in batches:
        assert batch.head == 1
        assert [(r.seq, r.kind, r.key, r.at) for r in batch.records] == [(1, "wall", "wall", 0)]
        assert msgspec.json.decode(batch.records[0].body or b"") == {
            "slug": "harbour",
            "name": "Harbour Conference",
            "hashtag": "harbour09",
            "time_zone": "Europe/London",
            "mode": "open",
            "networks": [],
            "silent": [],
            "has_sources": False,
            "look": {"accent": "#1f6feb"},
        }


async def test_create_wall_needs_no_more_than_a_slug_and_a_name(store: Store) -> None:
    async with store.write() as db:
        await create_wall(db, "h", "H", by=UNNAMED)
    async with store.read() as db:
        wall = await find_wall(db, "h")
    assert (wall.hashtag, wall.time_zone, wall.mode, wall.look) == ("", "UTC", Mode.OPEN, {})


async def test_create_wall_refuses_a_slug_that_is_taken_and_leaves_nothing_behind(store: Store) -> None:
    async with store.write() as db:
        await create_wall(db, "harbour", "The first", by=UNNAMED)
    with pytest.raises(WallError) as refusal:
        async with store.write() as db:
            await create_wall(db, "harbour", "The second", by=UNNAMED)
    assert str(refusal.value) == "There is a wall “harbour” already: choose another short name."
    async with store.read() as db:
        assert [wall.name for wall in await list_walls(db)] == ["The first"]
        assert (await since(db, "harbour/wall", 0, 10)).head == 1


@pytest.mark.parametrize(
    "slug", ["", "Harbour", "-harbour", "harbour-", "har bour", "har/bour", "häfen", "a" * 41, "a\n"]
)
async def test_create_wall_refuses_a_slug_that_no_address_could_carry(store: Store, slug: str) -> None:
    with pytest.raises(WallError, match="cannot be a wall's short name"):
        async with store.write() as db:
            await create_wall(db, slug, "A name", by=UNNAMED)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": "  "}, "A wall's name has between 1 and 120 characters; this one has 0."),
        ({"name": "Har\x1b[31mbour"}, CONTROLS),
        ({"name": "Har\0bour"}, CONTROLS),
        ({"name": "\x9b2J"}, CONTROLS),
        ({"name": "Har\ud83d"}, CONTROLS),
        ({"name": "n" * 121}, "A wall's name has between 1 and 120 characters; this one has 121."),
        (
            {"hashtag": "two words"},
            "“two words” is not a hashtag: use letters, digits and underscores, such as #socitm09.",
        ),
        ({"hashtag": "#2009"}, "“#2009” is not a hashtag: use letters, digits and underscores, such as #socitm09."),
        ({"time_zone": "Mars/Olympus"}, "“Mars/Olympus” is not a time zone: use a name such as Europe/London."),
        ({"time_zone": "../passwd"}, "“../passwd” is not a time zone: use a name such as Europe/London."),
        ({"time_zone": "Europe"}, "“Europe” is not a time zone: use a name such as Europe/London."),
        (
            {"look": {"accent": "red"}},
            "“red” is not a colour for accent: use six hexadecimal digits, such as #1f6feb.",
        ),
        (
            {"look": {"highlight": 7}},
            "“7” is not a colour for highlight: use six hexadecimal digits, such as #1f6feb.",
        ),
    ],
)
async def test_create_wall_says_in_one_sentence_what_is_wrong(
    store: Store, wrong: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(WallError) as refusal:
        async with store.write() as db:
            await create_wall(db, **{"slug": "harbour", "name": "Harbour", "by": UNNAMED, **wrong})
    assert str(refusal.value) == sentence


@pytest.mark.parametrize(
    ("typed", "kept"), [("#socitm09", "socitm09"), ("会議", "会議"), ("#مؤتمر", "مؤتمر"), ("हार्बर", "हार्बर"), ("", "")]
)
async def test_create_wall_takes_hashtags_of_any_script(store: Store, typed: str, kept: str) -> None:
    async with store.write() as db:
        wall = await create_wall(db, "harbour", "Harbour", hashtag=typed, by=UNNAMED)
    assert wall.hashtag == kept


async def test_find_wall_says_which_walls_there_are(store: Store) -> None:
    async with store.read() as db:
        with pytest.raises(WallError) as nothing:
            await find_wall(db, "harbour")
    async with store.write() as db:
        await create_wall(db, "one", "One", by=UNNAMED)
        await create_wall(db, "two", "Two", by=UNNAMED)
    async with store.read() as db:
        with pytest.raises(WallError) as others:
            await find_wall(db, "harbour")
    assert str(nothing.value) == "There is no wall “harbour”: make it with `backchannel wall create`."
    assert str(others.value) == "There is no wall “harbour” (known: one, two)."


async def test_rename_wall_publishes_the_new_name_on_both_channels(store: Store) -> None:
    async with store.write() as db:
        wall = await create_wall(db, "harbour", "Harbuor", by=UNNAMED)
    async with store.write() as db:
        await change_wall(db, await find_wall(db, "harbour"), name=" Harbour  26 ", by=UNNAMED)
    async with store.read() as db:
        for channel in (wall.channel, wall.desk):
            [named] = (await since(db, channel, 1, 10)).records
            assert (named.seq, named.kind) == (2, "wall")
            assert msgspec.json.decode(named.body or b"")["name"] == "Harbour 26"
    with pytest.raises(WallError, match="control characters"):
        async with store.write() as db:
            await change_wall(db, await find_wall(db, "harbour"), name="Har\x1bbour", by=UNNAMED)
    with pytest.raises(WallError, match="between 1 and 120 characters"):
        async with store.write() as db:
            await change_wall(db, await find_wall(db, "harbour"), name=" ", by=UNNAMED)


async def test_change_wall_changes_what_is_given_and_tells_open_pages(store: Store) -> None:
    async with store.write() as db:
        wall = await create_wall(
            db, "h", "H", hashtag="#one", look={"accent": "#112233", "highlight": "#445566"}, by=UNNAMED
        )
        await change_wall(
            db, wall, hashtag="#two", time_zone="Europe/Oslo", look={"accent": "", "highlight": "#abcdef"}, by=UNNAMED
        )
    assert await announced(store, wall) == {
        "slug": "h",
        "name": "H",
        "hashtag": "two",
        "time_zone": "Europe/Oslo",
        "mode": "open",
        "networks": [],
        "silent": [],
        "has_sources": False,
        "look": {"highlight": "#abcdef"},
    }
    with pytest.raises(WallError, match="is not a time zone"):
        async with store.write() as db:
            await change_wall(db, await find_wall(db, "h"), name="Other", time_zone="Nowhere", by=UNNAMED)
    assert (await announced(store, wall))["name"] == "H"


async def test_wall_off_the_list_is_the_organisers_to_know(store: Store) -> None:
    async with store.write() as db:
        wall = await create_wall(db, "h", "H", listed=False, by=UNNAMED)
    assert "listed" not in await announced(store, wall)
    async with store.write() as db:
        await change_wall(db, await find_wall(db, "h"), listed=True, by=UNNAMED)
    async with store.read() as db:
        assert (await find_wall(db, "h")).listed


async def test_set_mode_is_kept(store: Store) -> None:
    async with store.write() as db:
        await change_wall(db, await create_wall(db, "harbour", "Harbour", by=UNNAMED), mode=Mode.APPROVE, by=UNNAMED)
    async with store.read() as db:
        assert (await find_wall(db, "harbour")).mode == Mode.APPROVE


async def test_follow_makes_a_source_that_is_due_at_once(store: Store) -> None:
    async with store.write() as db:
        wall = await create_wall(db, "harbour", "Harbour", by=UNNAMED)
        source = await follow(db, wall, TAG, by=UNNAMED)
    async with store.read() as db:
        [stored] = await list_sources(db, wall.id)
    assert stored == source
    assert (stored.network, stored.kind, stored.value) == ("mastodon", "hashtag", "harbour09")
    assert (stored.server, stored.options, stored.cursor) == ("https://mastodon.example", {}, "")
    assert stored.next_poll_at <= now()


async def test_follow_again_is_the_same_source_with_the_new_options_and_its_cursor(store: Store) -> None:
    async with store.write() as db:
        wall = await create_wall(db, "harbour", "Harbour", by=UNNAMED)
        source = await follow(db, wall, TAG, by=UNNAMED)
        source.cursor, source.next_poll_at = "41", now().replace(year=2100)
        db.add(source)
    async with store.write() as db:
        again = await follow(
            db, wall, Address(**{**msgspec.structs.asdict(TAG), "options": {"any": ["quay"]}}), by=UNNAMED
        )
    async with store.read() as db:
        [stored] = await list_sources(db)
    assert (stored.id, stored.cursor, stored.options) == (source.id, "41", {"any": ["quay"]})
    assert stored.next_poll_at == again.next_poll_at <= now()


async def test_follow_tells_servers_and_walls_apart(store: Store) -> None:
    elsewhere = Address(network="mastodon", kind="hashtag", value="harbour09", server="https://other.example")
    async with store.write() as db:
        one, two = await create_wall(db, "one", "One", by=UNNAMED), await create_wall(db, "two", "Two", by=UNNAMED)
        for wall, address in ((one, TAG), (two, TAG), (one, elsewhere)):
            await follow(db, wall, address, by=UNNAMED)
    async with store.read() as db:
        assert [source.server for source in await list_sources(db, one.id)] == [TAG.server, elsewhere.server]
        assert [source.wall_id for source in await list_sources(db)] == [one.id, one.id, two.id]


async def test_follow_needs_a_wall_that_is_stored(store: Store) -> None:
    async with store.write() as db:
        with pytest.raises(ValueError, match="not stored yet"):
            await follow(db, Wall(slug="new", name="New"), TAG, by=UNNAMED)


async def test_unfollow_leaves_the_posts_and_the_sightings_that_lead_back_to_their_origin(store: Store) -> None:
    async with store.write() as db:
        wall = await create_wall(db, "harbour", "Harbour", by=UNNAMED)
        source = await follow(db, wall, TAG, by=UNNAMED)
        for id_, ref in (("p", ""), ("q", "7")):
            post = StoredPost(id=id_, network="mastodon", body=b"{}", at=0, first_seen_at=now())
            db.add(post)
            await db.flush()
            db.add(Item(wall_id=wall.id or 0, post_n=post.n or 0, state=State.LIVE))
            db.add(Sighting(source_id=source.id or 0, post_n=post.n or 0, key="k", ref=ref, checked_at=0))
    async with store.write() as db:
        gone = await unfollow(db, source.id or 0, by=UNNAMED)
    async with store.read() as db:
        left = {table: len((await db.exec(select(table))).all()) for table in (Source, StoredPost, Item)}
        seen = (await db.exec(select(StoredPost.id).join(Sighting))).all()
    assert gone.value == "harbour09"
    assert (left, seen) == ({Source: 1, StoredPost: 2, Item: 2}, ["q"])


async def test_unfollowed_source_is_listed_only_when_asked_for(store: Store) -> None:
    async with store.write() as db:
        source = await follow(db, await create_wall(db, "harbour", "Harbour", by=UNNAMED), TAG, by=UNNAMED)
        await unfollow(db, source.id or 0, by=UNNAMED)
    async with store.read() as db:
        assert await list_sources(db) == []
        assert [each.id for each in await list_sources(db, unfollowed=True)] == [source.id]
        with pytest.raises(SourceError, match=f"There is no source {source.id}: `backchannel sources` lists them"):
            await find_source(db, source.id or 0)


async def test_source_that_ended_by_itself_is_listed_until_it_is_unfollowed(store: Store) -> None:
    async with store.write() as db:
        source = await follow(db, await create_wall(db, "harbour", "Harbour", by=UNNAMED), TAG, by=UNNAMED)
        await end(db, source, "It is gone.")
    async with store.write() as db:
        assert [each.trouble for each in await list_sources(db)] == ["It is gone."]
        await unfollow(db, source.id or 0, by=UNNAMED)
        assert await list_sources(db) == []


async def test_following_again_goes_on_where_the_source_ended(store: Store) -> None:
    async with store.write() as db:
        wall = await create_wall(db, "harbour", "Harbour", by=UNNAMED)
        source = await follow(db, wall, TAG, by=UNNAMED)
        source.cursor, source.failures = "41", 3
        await end(db, source, "It is gone.")
        again = await follow(db, wall, TAG, by=UNNAMED)
    assert (again.id, again.cursor, again.ended_at) == (source.id, "41", None)
    assert (again.failures, again.trouble) == (0, "")


@pytest.mark.parametrize("number", [-(2**70), 0, 7, 2**31, 2**63, 2**70])
async def test_find_source_says_how_to_list_them(store: Store, number: int) -> None:
    async with store.read() as db:
        with pytest.raises(SourceError, match=rf"^There is no source {number}: `backchannel sources` lists them\.$"):
            await find_source(db, number)


async def test_wall_begins_at_midnight_of_its_own_zone_or_at_a_moment(store: Store) -> None:
    async with store.write() as db:
        wall = await create_wall(db, "h", "H", time_zone="Europe/Oslo", begins="2026-06-09", by=UNNAMED)
        begins = [wall.begins_at]
        changes: list[dict[str, Any]] = [{"begins": "2026-06-09T08:30+00:00"}, {"name": "Other"}, {"begins": ""}]
        for change in changes:
            await change_wall(db, wall, by=UNNAMED, **change)
            begins.append(wall.begins_at)
        moment = datetime(2026, 6, 9, 8, 30, tzinfo=UTC)
        assert begins == [datetime(2026, 6, 8, 22, tzinfo=UTC), moment, moment, None]
        for never in ("June", "0001-01-01"):
            with pytest.raises(WallError, match=f"“{never}” isn't a date: write it as 2026-06-09"):
                await change_wall(db, wall, begins=never, by=UNNAMED)
