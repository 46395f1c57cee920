"""Single values from responses that may be large and strange: none is decoded on the event loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

import httpx
import pytest

from connectors.errors import InvalidResponse
from connectors.http.client import Http
from connectors.networks.mastodon.client import Server
from connectors.networks.mastodon.facts import MAX_FACT_LENGTH, facts
from connectors.networks.mastodon.origin import Origins, is_ended
from connectors.sandbox import Inline, SandboxCrashed

T = TypeVar("T")

ORIGIN = "https://m.example"
KEY = f"{ORIGIN}/users/ada/statuses/1"
LARGE = b'"note": "cut \\ud83c", "more": [' + b"[]," * 100_000 + b"[]]}"


class Noting(Inline):
    """Notes the sandboxed calls; `falls` simulates a crash of the process."""

    def __init__(self, *, falls: bool = False) -> None:
        self.called: list[str] = []
        self.falls = falls

    async def run(
        self, function: Callable[..., object], *arguments: object, returns: type[T], raises: type[Exception]
    ) -> T:
        self.called.append(function.__name__)
        if self.falls:
            raise SandboxCrashed("It has ended.")
        return await super().run(function, *arguments, returns=returns, raises=raises)


def http(body: bytes, noting: Noting) -> Http:
    wire = httpx.MockTransport(lambda _: httpx.Response(200, content=body))
    return Http(transport=wire, sandbox=lambda: noting, per_second=10_000)


def test_facts_are_those_that_an_object_says_in_one_value() -> None:
    body = b'{"id": 5, "suspended": true, "contact": {"account": {"acct": "ada"}}, "uri": null, "list": [1], "x": 1.5}'
    paths = ["id", "suspended", "contact.account.acct", "uri", "x", "list", "contact", "id.id", "no", "list.no"]
    assert facts(body, paths) == {"id": 5, "suspended": True, "contact.account.acct": "ada", "uri": None, "x": 1.5}


@pytest.mark.parametrize("body", [b"[]", b'["id"]', b"3", b"{}", b'{"id": {}}', b'{"id": 1' + b"0" * 30 + b"}"])
def test_facts_are_none_where_nothing_is_said(body: bytes) -> None:
    assert facts(body, ["id"]) == {}


def test_facts_have_a_length() -> None:
    body = b'{"long": "' + b"x" * (MAX_FACT_LENGTH + 1) + b'", "short": "' + b"x" * MAX_FACT_LENGTH + b'"}'
    assert facts(body, ["long", "short"]) == {"short": "x" * MAX_FACT_LENGTH}


@pytest.mark.parametrize("body", [b"", b"<html>", b"{", b"[" * 100_000])
def test_facts_are_not_read_from_what_is_no_json(body: bytes) -> None:
    with pytest.raises(InvalidResponse, match=r"^Invalid JSON in a response\.$"):
        facts(body, ["id"])


async def test_strange_field_of_a_large_account_costs_that_field_alone() -> None:
    noting = Noting()
    async with http(b'{"id": "7", ' + LARGE, noting) as client:
        assert await Server(client, ORIGIN).account("ada@m.example") == "7"
    assert noting.called == ["facts"]


async def test_large_word_of_a_server_about_itself_is_read_apart() -> None:
    noting = Noting()
    async with http(b'{"version": "4.5.0", "domain": "m.example", ' + LARGE, noting) as client:
        await Server(client, ORIGIN).verify_instance()
    assert noting.called == ["facts"]


async def test_large_word_of_an_origin_is_read_apart() -> None:
    noting = Noting()
    async with http(b'{"type": "Tombstone", ' + LARGE, noting) as client:
        assert await is_ended(client, KEY) is True
    assert noting.called == ["facts"]


async def test_witness_at_an_origin_is_read_apart() -> None:
    noting = Noting()
    gone = f"{ORIGIN}/users/ada/statuses/2"
    body = b'{"id": "' + KEY.encode() + b'", ' + LARGE
    wire = httpx.MockTransport(lambda asked: httpx.Response(404 if str(asked.url) == gone else 200, content=body))
    async with Http(transport=wire, sandbox=lambda: noting, per_second=10_000) as client:
        assert await Origins(Server(client, ORIGIN), [KEY], 10).has_ended(gone) is True
    assert noting.called == ["facts"]


async def test_answer_over_which_reading_collapses_says_nothing() -> None:
    async with http(b'{"type": "Tombstone"}', Noting(falls=True)) as client:
        assert await is_ended(client, KEY) is False
        with pytest.raises(InvalidResponse, match=r"^Unreadable response: m\.example sent what takes too long"):
            await Server(client, ORIGIN).account("ada@m.example")


async def test_megabyte_of_an_origin_does_not_hold_the_wall() -> None:
    body = b"[" + b"[]," * (1024 * 1024 // 3 - 2) + b"[]]"
    wire = httpx.MockTransport(lambda _: httpx.Response(200, content=body))
    async with Http(transport=wire, per_second=10_000) as client:
        await is_ended(client, KEY)  # the process has started by now
        asked = asyncio.create_task(is_ended(client, KEY))
        held = 0.0
        while not asked.done():
            before = time.process_time()
            await asyncio.sleep(0)
            held = max(held, time.process_time() - before)
        assert await asked is False
    assert held < 0.05
