"""One law for every connector that listens: the same events, told by a stream or found by polls, end in equal posts."""

from __future__ import annotations

import random

import pytest
from msgspec.structs import replace

from connectors.contract import Connector, Post
from connectors.registry import connectors
from tests.connectors.listening import listening
from tests.connectors.worlds import FIRST, SECOND, WORLDS, World

STREAMING = sorted(name for name, each in connectors().items() if type(each).stream_key is not Connector.stream_key)
LAST = "The last words"


def test_every_connector_that_listens_has_a_world() -> None:
    assert sorted(WORLDS) == STREAMING


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", STREAMING)
async def test_polling_and_streaming_agree(name: str, seed: int) -> None:
    async with WORLDS[name]() as world, listening(world.connector, world.http, *world.sources) as heard:
        await world.ready()
        live(world, random.Random(seed))
        for number, source in enumerate(world.sources, 1):
            await heard.until(lambda heard, of=number: any(LAST in text for text in heard.texts(of)))  # type: ignore[misc]
            page = await world.connector.poll(world.http, source, "")
            assert comparable(heard.posts[number]) == comparable({post.key: post for post in page.posts})
            refs = {key: ref for told in heard.told for page in told.pages.values() for key, ref in page.refs.items()}
            assert page.refs.items() <= refs.items()


def live(world: World, chance: random.Random) -> None:
    """Let people post, edit and delete for a while."""
    living: list[str] = []
    for number in range(20):
        verb = chance.choice(["post", "post", "edit", "delete"])
        if verb == "post" or not living:
            living.append(world.post(f"Number {number}", chance.choice([FIRST, SECOND])))
        elif verb == "edit":
            world.edit(chance.choice(living), f"Number {number}, edited #{FIRST} #{SECOND}")
        else:
            world.delete(living.pop(chance.randrange(len(living))))
    for tag in (SECOND, FIRST):
        world.post(LAST, tag)


def comparable(posts: dict[str, Post]) -> dict[str, Post]:
    """The posts without the times of their edits, which a first poll may not know."""
    return {key: replace(post, edited_at=None) for key, post in posts.items()}
