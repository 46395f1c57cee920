"""What `sources` tells of listening: since when, why not, and which way brings posts first."""

from __future__ import annotations

from datetime import timedelta

from aggregator.intake.listening import HOURS, Listening, listening
from aggregator.sources.tables import Sighting, Source, Stream
from aggregator.store.store import Store
from aggregator.walls.tables import Wall
from connectors.contract import Page
from tests.aggregator.invented import START, a_source, bring, said, source_now

NOW = START + timedelta(hours=8)


async def test_state_and_counts_of_the_last_hours_are_told(store: Store, wall: Wall, source: Source) -> None:
    polled = await a_source(store, wall, "polled")
    await bring(store, source, Page(posts=(said("old"),)), NOW - timedelta(hours=HOURS + 1))
    await bring(store, source, Page(posts=(said("1"), said("2"), said("3"))), NOW - timedelta(hours=1))
    async with store.write() as db:
        heard = await db.get_one(Source, source.id)
        heard.stream, heard.listening_since = "invented all", START
        (await db.get_one(Source, polled.id)).not_listening = "A token is wanted."
        db.add(Stream(key="invented all", leased_until=NOW + timedelta(seconds=5)))
        for number in (2, 3):  # posts are numbered in the order in which they came
            sighting = await db.get_one(Sighting, (number, source.id))
            sighting.heard = True
    now = [await source_now(store, each) for each in (source, polled)]
    async with store.read() as db:
        told = await listening(db, now, NOW)
        assert told == {
            source.id: Listening(since=START, told=2, found=1),
            polled.id: Listening(polled_because="A token is wanted."),
        }
        killed = await listening(db, now, NOW + timedelta(seconds=6))
        assert killed[source.id or 0].since is None
    assert [each.sentence for each in (*told.values(), Listening(found=5))] == [
        "Listening since 12 Oct, 09:30 UTC. Posts of the last 6 hours: 2 told by listening, 1 found by polling.",
        "Polling because: A token is wanted. Posts of the last 6 hours: 0 told by listening, 0 found by polling.",
        "",
    ]
