"""Each field of a note, a post or a video in turn with every hostile value: it affects its own entry, and no other."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple

import httpx
import pytest

from connectors.contract import Connector, Page, Post
from connectors.http.client import Http
from connectors.networks.hackernews.connector import HackerNews
from connectors.networks.lemmy.connector import Lemmy
from connectors.networks.misskey.connector import Misskey
from connectors.networks.peertube.connector import PeerTube
from connectors.sandbox import Inline
from tests.connectors.mutations import VALUES, Path, paths, with_value
from tests.fakes import hackernews_server, lemmy_entities, misskey_entities, peertube_entities

pytestmark = pytest.mark.unmeasured  # the same lines, some thousand times
SERVER = "https://server.example"
OLDER = re.compile("untilId|page_cursor|start=[1-9]|userIds|[?&]page=[1-9]|/v0/user/")
"""What a request for an older page, or for profiles, contains."""
TOGETHER = 30
"""Strange entries on one page, which must not be too large for one response."""


class Network(NamedTuple):
    """A network: its connector, a source, an entry by id and words, the list around entries, and what it needs.

    `needed` are the paths without which an entry is not a post; `words` are those that its text stands in.
    """

    connector: Connector
    source: str
    on: str
    entry: Callable[[str, str], dict[str, Any]]
    page: Callable[[list[Any]], Any]
    needed: frozenset[Path]
    words: frozenset[Path]


MISSKEY = Network(
    Misskey(),
    "#socitm09",
    SERVER,
    lambda id_, words: misskey_entities.rich_note(id_, f"{words} #socitm09"),
    lambda entries: entries,
    frozenset({("id",), ("user",), ("user", "id"), ("user", "username"), ("user", "host"), ("visibility",), ("uri",)})
    | {("localOnly",), ("isHidden",)},
    frozenset({("text",)}),
)
LEMMY = Network(
    Lemmy(),
    "!socitm@peer.example",
    "",
    lemmy_entities.rich_view,
    lambda entries: {"posts": entries, "community_view": {}, "next_page": "1" if entries else None},
    frozenset({("post",), ("creator",), ("creator", "actor_id"), ("community",)})
    | {("post", name) for name in ("id", "ap_id", "deleted", "removed")}
    | {("community", name) for name in ("visibility", "deleted", "removed")},
    frozenset({("post", "name"), ("post", "body")}),
)
PEERTUBE = Network(
    PeerTube(),
    "#socitm09",
    SERVER,
    peertube_entities.rich_video,
    lambda entries: {"total": len(entries), "data": entries},
    frozenset({("uuid",), ("url",), ("account",), ("account", "name"), ("account", "host"), ("privacy",)})
    | {("privacy", "id"), ("blacklisted",)},
    frozenset({("name",)}),
)
HACKER_NEWS = Network(
    HackerNews(),
    "https://hn.algolia.com/?q=socitm09",
    "",
    hackernews_server.rich_hit,
    lambda entries: {"hits": entries},
    frozenset({("objectID",), ("author",)}),
    frozenset({("title",)}),
)
NETWORKS = {"hackernews": HACKER_NEWS, "misskey": MISSKEY, "lemmy": LEMMY, "peertube": PEERTUBE}
each_network = pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)


async def polled(network: Network, entries: list[Any]) -> Page:
    """The Page of a server with this list on its newest page, and nothing else."""
    whole, empty = (json.dumps(network.page(each)).encode() for each in (entries, []))

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(
            200, content=empty if OLDER.search(str(request.url) + request.content.decode()) else whole
        )

    source = network.connector.recognise(network.source, network.on)
    assert source is not None
    async with Http(transport=httpx.MockTransport(answer), per_second=1_000_000, sandbox=Inline) as http:
        return await network.connector.poll(http, source, "")


def told(page: Page) -> dict[str, Post]:
    """The posts by the ids of their entries, which are numbers at the end of their refs."""
    return {page.refs[post.key].rpartition("-")[2].lstrip("0"): post for post in page.posts}


@each_network
@pytest.mark.parametrize("value", VALUES)
async def test_strange_field_costs_nothing_but_itself(network: Network, value: str) -> None:
    before, after = network.entry("999", "Before"), network.entry("1", "After")
    right = told(await polled(network, [before, after]))
    places = {str(100 + number): path for number, path in enumerate(paths(network.entry("5", "Middle")))}
    strange = [with_value(network.entry(id_, "Middle"), path, VALUES[value]) for id_, path in places.items()]
    found: dict[str, Post] = {}
    for start in range(0, len(strange), TOGETHER):
        some = strange[start : start + TOGETHER]
        posts = told(await polled(network, [before, VALUES[value], *some, after]))
        assert {id_: posts.get(id_) for id_ in right} == right
        found |= posts
    said = {id_: post.html + post.title for id_, post in found.items()}
    whole = {id_ for id_, words in said.items() if "Middle" in words or places.get(id_) in network.words}
    assert [path for id_, path in places.items() if id_ not in whole and path not in network.needed] == []
    assert right.keys() == {"999", "1"}
