"""Limits on fetching a post's pictures: which hosts, and how long."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from typing import Any

import anyio
import pytest
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from tests.fakes.foreign_server import Service, posts, until
from tests.fakes.mastodon_entities import new_picture
from tests.fakes.mastodon_server import MastodonServer
from tests.wall_server import WallServer

AT_ONCE = 4
"""Pictures that are fetched at the same time."""
BEFORE_A_REPLY_ENDS = 30.0
"""Seconds: a reply that never comes is given up as a whole after half as long again."""


class Dripping(MastodonServer):
    """A server whose pictures come byte by byte and never end."""

    def _picture(self, _: Request) -> Response:
        async def drip() -> AsyncIterator[bytes]:
            while True:
                yield b"x"
                await anyio.sleep(1)

        return StreamingResponse(drip(), status_code=206, media_type="image/png")


@pytest.fixture
def slow() -> Iterator[list[MastodonServer]]:
    """More of them than pictures are fetched at once."""
    with ExitStack() as stack:
        yield [stack.enter_context(Dripping()) for _ in range(6)]


def follow(server: WallServer, *servers: MastodonServer) -> None:
    server.run("wall", "create", "hall", "--name", "The hall")
    for mastodon in servers:
        server.run("follow", "#conf", "--on", mastodon.url, "--wall", "hall")


def picture(server: WallServer, words: str) -> dict[str, Any] | None:
    """The first picture of the post with these words: None where there is no such post, or nothing to wait for."""
    for post in posts(server, "hall"):
        if words in post["html"]:
            found: dict[str, Any] | None = post["media"][0].get("picture")
            return found
    return None


def has_file(server: WallServer, words: str) -> bool:
    return bool((picture(server, words) or {}).get("id"))


def test_pictures_reach_no_other_service_of_an_allowed_machine(
    wall_server: WallServer, mastodon: MastodonServer
) -> None:
    with Service({"/latest/meta-data/": ("text/plain", b"secret"), "/avatar": ("image/png", b"")}) as machine:
        mastodon.account("mallory", avatar=f"{machine.url}/avatar", avatar_static=f"{machine.url}/avatar")
        mastodon.post(
            "Hostile #conf",
            tags=["conf"],
            by="mallory",
            media=[new_picture(f"{machine.url}/latest/meta-data/", 4, 3, None)],
            card={"url": "https://peer.invalid/", "title": "x", "image": f"{machine.url}/admin/delete?all=1"},
        )
        follow(wall_server, mastodon)
        until(lambda: posts(wall_server, "hall"))
        mastodon.post("Honest #conf", tags=["conf"], media=[mastodon.picture()])
        until(lambda: has_file(wall_server, "Honest"))
        until(lambda: picture(wall_server, "Hostile") is None)
        assert machine.asked == []


def test_pictures_that_never_come_keep_no_other_posts_waiting(
    wall_server: WallServer, mastodon: MastodonServer, slow: list[MastodonServer]
) -> None:
    follow(wall_server, mastodon, *slow)
    for server in slow:
        server.post("Slow #conf", tags=["conf"], media=[server.picture()])
    until(lambda: sum(any("/media/" in request for request in server.requests) for server in slow) >= AT_ONCE)
    mastodon.post("Honest #conf", tags=["conf"], media=[mastodon.picture()])
    until(lambda: has_file(wall_server, "Honest"), timeout=BEFORE_A_REPLY_ENDS)
    assert not has_file(wall_server, "Slow")
