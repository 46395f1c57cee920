"""A server's software by NodeInfo, which tells what a name means there."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from aggregator.sources.addresses import recognise, undecided
from aggregator.sources.errors import SourceError
from aggregator.sources.software import software_of
from connectors.http.client import Http
from connectors.registry import connectors
from connectors.sandbox import Inline

SERVER = "https://quay.example"
SCHEMA = "http://nodeinfo.diaspora.software/ns/schema/2.1"
LINKS = {"links": [{"rel": SCHEMA, "href": f"{SERVER}/nodeinfo/2.1"}]}


async def software(links: Any, document: Any = None, status: int = 200) -> str:
    def answer(request: httpx.Request) -> httpx.Response:
        found = links if request.url.path == "/.well-known/nodeinfo" else document
        return httpx.Response(status, json=found)

    async with Http(transport=httpx.MockTransport(answer), sandbox=Inline) as http:
        return await software_of(http, SERVER)


async def test_server_names_its_software() -> None:
    assert (
        await software(LINKS, {"version": "2.1", "software": {"name": "Sharkey", "version": "2026.11.0"}}) == "sharkey"
    )


@pytest.mark.parametrize(
    ("links", "document"),
    [
        ([], {}),
        ({"links": None}, {}),
        ({"links": ["x", {"rel": 5}, {"rel": SCHEMA, "href": "https://other.example/nodeinfo"}]}, {}),
        ({"links": [{"rel": SCHEMA, "href": "https://[::1"}]}, {}),
        (LINKS, []),
        (LINKS, {"software": "misskey"}),
        (LINKS, {"software": {"name": 5}}),
    ],
)
async def test_server_that_does_not_say_has_no_software(links: Any, document: Any) -> None:
    assert await software(links, document) == ""
    assert await software(links, document, status=500) == ""


@pytest.mark.parametrize(
    ("text", "on", "name", "network"),
    [
        ("#socitm09", SERVER, "mastodon", "mastodon"),
        ("#socitm09", SERVER, "", "mastodon"),
        ("#socitm09", SERVER, "sharkey", "misskey"),
        ("socitm09", SERVER, "misskey", "misskey"),
        ("@ada@quay.example", "", "gotosocial", "mastodon"),
        ("@ada@quay.example", "", "iceshrimp", "misskey"),
        (f"{SERVER}/@ada", "", "misskey", "misskey"),
    ],
)
def test_software_decides_between_networks(text: str, on: str, name: str, network: str) -> None:
    known = connectors()
    assert undecided(text, known, on=on) == SERVER
    assert recognise(text, known, on=on, software=name).network == network
    assert undecided(text, known, on=on, network=network) == ""


@pytest.mark.parametrize("text", ["https://quay.example/news", "rehearsal:harbour", "nothing"])
def test_clear_or_meaningless_text_needs_no_software(text: str) -> None:
    assert undecided(text, connectors()) == ""


def test_unknown_network_is_told() -> None:
    with pytest.raises(SourceError):
        undecided("#tea", connectors(), network="pigeon")
