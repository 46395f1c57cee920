"""After a collapse of the sandbox each entry is read alone, and only the culprits are lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TypeVar

import pytest

from connectors.errors import InvalidResponse
from connectors.http.client import Http
from connectors.networks.bluesky.connector import Bluesky
from connectors.networks.bluesky.portions import read_entries
from connectors.networks.bluesky.reading import Listing, read_listing
from connectors.sandbox import Inline, SandboxCrashed
from connectors.timeline.portions import MAX_COLLAPSES, UNREADABLE
from tests.connectors.networks.bluesky.test_recheck import SPEAKERS
from tests.fakes.bluesky import FakeBluesky

T = TypeVar("T")
FATAL = "fatal"


class Fragile(Inline):
    """A sandbox that collapses over each post with that word."""

    async def run(
        self, function: Callable[..., object], *arguments: object, returns: type[T], raises: type[Exception]
    ) -> T:
        if function is read_listing:
            body, name, _, start, most = arguments
            assert isinstance(body, bytes)
            assert isinstance(name, str)
            assert isinstance(start, int)
            assert isinstance(most, int)
            if FATAL in json.dumps(json.loads(body)[name][start : start + most]):
                raise SandboxCrashed("Sandbox timed out.")
        return await super().run(function, *arguments, returns=returns, raises=raises)


def network_of(count: int, *fatal: int) -> FakeBluesky:
    network = FakeBluesky()
    for number in range(1, count + 1):
        network.post(FATAL if number in fatal else str(number))
    return network


async def read(network: FakeBluesky, sandbox: Inline) -> list[str]:
    body = json.dumps({"posts": [network.view(uri) for uri in network.posts]}).encode()
    async with Http(sandbox=lambda: sandbox) as http:
        entries = (await read_entries(http, body, "posts")).entries
    return [entry.broken or (entry.post.html if entry.post else "") for entry in entries]


@pytest.mark.parametrize("fatal", [(), (1,), (4,), (2, 3), (1, 2, 3, 4)])
async def test_only_posts_that_crash_the_reader_are_lost_and_each_is_counted(fatal: tuple[int, ...]) -> None:
    found = await read(network_of(4, *fatal), Fragile())
    assert found == [UNREADABLE.format(n) if n in fatal else f"<p>{n}</p>" for n in range(1, 5)]


async def test_page_that_crashes_the_reader_too_often_is_given_up() -> None:
    with pytest.raises(SandboxCrashed):
        await read(network_of(MAX_COLLAPSES, *range(1, MAX_COLLAPSES + 1)), Fragile())


async def test_reply_that_fits_no_request_is_that_of_a_crashed_sandbox() -> None:
    """Hostile bytes may control the process."""

    class Captured(Inline):
        async def run(self, *_: object, returns: type[T], raises: type[Exception]) -> T:
            return Listing(total=10**6)  # type: ignore[return-value]  # whatever was asked for

    with pytest.raises(SandboxCrashed):
        await read(network_of(3), Captured())


async def test_post_that_crashes_the_reader_is_not_missing() -> None:
    network = network_of(3, 2)
    async with network.http(sandbox=Fragile) as http:
        page = await Bluesky().recheck(http, SPEAKERS, {uri: uri for uri in network.posts})
    assert (len(page.posts), page.gone, page.missing, len(page.broken)) == (2, (), (), 1)


async def test_service_whose_pages_crash_the_reader_is_named() -> None:
    network = network_of(9, *range(1, 10))
    async with network.http(sandbox=Fragile) as http:
        with pytest.raises(InvalidResponse, match=r"^Unreadable response: public\.api\.bsky\.app sent"):
            await Bluesky().poll(http, SPEAKERS, "")
