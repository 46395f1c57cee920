"""One law for every connector that listens: the same events, told by a stream or found by polls, end in equal posts."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from connectors.contract import Connector
from connectors.http.client import Http
from connectors.registry import connectors
from tests.connectors.listening import listening
from tests.connectors.worlds import OTHER, TAG, MastodonWorld, World
from tests.fakes.mastodon_server import MastodonServer

STREAMING = sorted(name for name, each in connectors().items() if type(each).stream_key is not Connector.stream_key)
WORLDS: dict[str, Callable[[MastodonServer, Http], World]] = {"mastodon": MastodonWorld}


def test_every_connector_that_listens_has_a_world() -> None:
    assert sorted(WORLDS) == STREAMING


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", STREAMING)
async def test_polling_and_streaming_agree(name: str, seed: int, server: MastodonServer, http: Http) -> None:
    world, chance = WORLDS[name](server, http), random.Random(seed)
    async with listening(world.connector, world.http, *world.sources) as heard:
        await world.ready()
        events = live(world, chance)
        taken = 0
        while taken < events:
            batch = chance.randint(1, events - taken)
            await heard.messages(batch)
            taken += batch
    for number, source in enumerate(world.sources, 1):
        page = await world.connector.poll(world.http, source, "")
        assert heard.posts.get(number, {}) == {post.key: post for post in page.posts}
        refs = {key: ref for told in heard.told for page in told.pages.values() for key, ref in page.refs.items()}
        assert page.refs.items() <= refs.items()


def live(world: World, chance: random.Random) -> int:
    """Let people post, edit and delete for a while; returns the number of events."""
    living: list[str] = []
    for number in range(20):
        verb = chance.choice(["post", "post", "edit", "delete"])
        if verb == "post" or not living:
            living.append(world.post(f"Number {number}", chance.choice([TAG, OTHER])))
        elif verb == "edit":
            world.edit(chance.choice(living), f"Number {number}, edited #{TAG} #{OTHER}")
        else:
            world.delete(living.pop(chance.randrange(len(living))))
    return 20
