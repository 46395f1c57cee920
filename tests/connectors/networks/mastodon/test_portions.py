"""A page is read in portions; after a collapse each status is read alone, and only the culprits are lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TypeVar

import httpx
import msgspec
import pytest

from connectors.contract import Address
from connectors.errors import InvalidResponse
from connectors.http.client import Http
from connectors.networks.mastodon.portions import read_statuses
from connectors.networks.mastodon.reading import read_some
from connectors.networks.mastodon.status_list import MAX_STATUSES
from connectors.sandbox import Inline, SandboxCrashed
from connectors.timeline.portions import MAX_COLLAPSES, UNREADABLE
from tests.connectors.networks.mastodon.listing import ACCOUNT, HASHTAG, Listing, row
from tests.connectors.networks.mastodon.sources import mastodon

T = TypeVar("T")
FATAL = "fatal"
CRASHED = r"^Unreadable response: m\.example sent what takes too long to read, or crashes the reader\."


class Fragile(Inline):
    """A sandbox that collapses over each status with that word; `calls` are the (start, most) of its calls."""

    def __init__(self) -> None:
        self.calls: list[tuple[int, int]] = []

    async def run(
        self, function: Callable[..., object], *arguments: object, returns: type[T], raises: type[Exception]
    ) -> T:
        body = arguments[0]
        assert isinstance(body, bytes)
        if function is read_some:
            start, most = arguments[2:4]
            assert isinstance(start, int)
            assert isinstance(most, int)
            self.calls.append((start, most))
            body = json.dumps(json.loads(body)[start : start + most]).encode()
        if FATAL.encode() in body:
            raise SandboxCrashed("Sandbox timed out.")
        return await super().run(function, *arguments, returns=returns, raises=raises)


def page(count: int, *fatal: int) -> bytes:
    return json.dumps([row(n, content=f"<p>{FATAL if n in fatal else n}</p>") for n in range(1, count + 1)]).encode()


async def read(body: bytes, sandbox: Inline, seconds: float = 60.0) -> list[str]:
    async with Http(sandbox=lambda: sandbox) as http:
        return [status.id or status.broken for status in await read_statuses(http, body, seconds=seconds)]


async def test_page_is_read_in_one_portion_if_there_is_time() -> None:
    sandbox = Fragile()
    assert await read(page(3), sandbox) == ["1", "2", "3"]
    assert sandbox.calls == [(0, MAX_STATUSES)]


async def test_page_is_read_in_portions_if_time_runs_out() -> None:
    sandbox = Fragile()
    assert await read(page(3), sandbox, seconds=0.0) == ["1", "2", "3"]
    assert sandbox.calls == [(0, MAX_STATUSES), (1, MAX_STATUSES), (2, MAX_STATUSES)]


@pytest.mark.parametrize("fatal", [(1,), (4,), (2, 3), (1, 2, 3, 4)])
async def test_only_statuses_that_crash_the_reader_are_lost_and_each_is_counted(fatal: tuple[int, ...]) -> None:
    found = await read(page(4, *fatal), Fragile())
    assert found == [UNREADABLE.format(n) if n in fatal else str(n) for n in range(1, 5)]


async def test_page_that_crashes_the_reader_too_often_is_given_up() -> None:
    sandbox = Fragile()
    with pytest.raises(SandboxCrashed):
        await read(page(MAX_COLLAPSES, *range(1, MAX_COLLAPSES + 1)), sandbox)
    assert len(sandbox.calls) == MAX_COLLAPSES + 1


class Conquered(Inline):
    """A sandbox whose process is controlled by hostile bytes: it claims so many statuses, and sends none."""

    def __init__(self, claimed: int) -> None:
        self.claimed = claimed

    async def run(self, function: Callable[..., object], *_: object, returns: type[T], raises: type[Exception]) -> T:
        return msgspec.convert((self.claimed, []), returns)


async def test_conquered_process_that_claims_too_many_is_given_up() -> None:
    with pytest.raises(SandboxCrashed):
        await read(page(2), Conquered(MAX_STATUSES + 1))


async def test_conquered_process_that_sends_nothing_is_asked_for_each_status_once() -> None:
    assert await read(page(2), Conquered(5)) == [UNREADABLE.format(n) for n in range(1, 6)]


async def test_endless_list_is_read_to_a_bound() -> None:
    assert len(await read(b"[" + b'{"uri":1},' * MAX_STATUSES + b"{}]", Inline())) == MAX_STATUSES


@pytest.mark.parametrize("source", [HASHTAG, ACCOUNT], ids=["hashtag", "account"])
async def test_honest_posts_come_and_a_crash_is_not_called_another_kind_of_server(source: Address) -> None:
    server = Listing(3)
    server.rows[1]["content"] = FATAL
    async with Http(transport=server.transport, sandbox=Fragile, per_second=10_000) as http:
        found = await mastodon.poll(http, source, "")
        assert ([post.key[-1] for post in found.posts], found.broken) == (["1", "3"], (UNREADABLE.format(2),))
        server.otherwise = lambda _: httpx.Response(200, json=[row(n, content=FATAL) for n in range(20)])
        with pytest.raises(InvalidResponse, match=CRASHED):
            await mastodon.poll(http, source, found.cursor)


async def test_look_up_that_crashes_the_reader_is_not_called_another_kind_of_server() -> None:
    server = Listing(0, lambda _: httpx.Response(200, json={"id": FATAL}))
    async with Http(transport=server.transport, sandbox=Fragile, per_second=10_000) as http:
        with pytest.raises(InvalidResponse, match=CRASHED):
            await mastodon.poll(http, ACCOUNT, "")
