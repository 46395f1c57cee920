"""Two servers, two walls: a server can neither change nor delete posts of another origin."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.fakes.foreign_server import posts, until
from tests.fakes.mastodon_server import MastodonServer
from tests.wall_server import WallServer

TO_COME = "2099-12-31T00:00:00.000Z"


@pytest.fixture
def other() -> Iterator[MastodonServer]:
    """A second server, which tells of posts that are not its own."""
    with MastodonServer() as server:
        yield server


def follow(server: WallServer, slug: str, tag: str, mastodon: MastodonServer) -> None:
    server.run("wall", "create", slug, "--name", slug)
    server.run("follow", f"#{tag}", "--on", mastodon.url, "--wall", slug)


def said(server: WallServer, slug: str) -> list[str]:
    return sorted(re.sub("<[^>]*>", "", post["html"]) for post in posts(server, slug))


def has(server: WallServer, slug: str, count: int) -> list[str]:
    """What a wall says, once it has so many posts."""

    def there() -> list[str]:
        words = said(server, slug)
        return words if len(words) == count else []

    return until(there)


@pytest.mark.parametrize("elsewhere", [False, True], ids=["from their origin", "from a third server"])
def test_another_server_neither_changes_nor_ends_what_a_wall_has(
    wall_server: WallServer,
    mastodon: MastodonServer,
    other: MastodonServer,
    elsewhere: bool,  # noqa: FBT001 (a parameter)
) -> None:
    uris = {}
    for n in (1, 2, 3):
        ref = mastodon.post(f"Number {n} #conf", tags=["conf"])
        if elsewhere:
            mastodon.edit(ref, uri=f"https://peer.invalid/statuses/{n}", edited_at=None)
        uris[n] = mastodon.uri(ref)
    follow(wall_server, "ours", "conf", mastodon)
    before = has(wall_server, "ours", 3)

    other.post("Other words #conf", tags=["other"], uri=uris[1])
    other.account("mallory", display_name="Forged Name")
    other.post("Forged words #conf", tags=["other"], by="mallory", uri=uris[2], edited_at=TO_COME)
    third = other.post("Number 3 #conf", tags=["other"], uri=uris[3])
    follow(wall_server, "theirs", "other", other)
    has(wall_server, "theirs", 3)
    assert said(wall_server, "ours") == before

    other.delete(third)
    has(wall_server, "theirs", 2)
    assert said(wall_server, "ours") == before
    assert {post["author"]["name"] for post in posts(wall_server, "ours")} == {"Ada"}


def test_server_that_was_followed_first_changes_nothing_that_another_shows(
    wall_server: WallServer, mastodon: MastodonServer, other: MastodonServer
) -> None:
    refs = {}
    for n in (1, 2, 3):
        uri = f"https://peer.invalid/statuses/{n}"
        refs[n] = other.post(f"Number {n} #conf", tags=["other"], uri=uri, edited_at=None)
        mastodon.post(f"Number {n} #conf", tags=["conf"], uri=uri, edited_at=None)
    follow(wall_server, "theirs", "other", other)
    has(wall_server, "theirs", 3)
    follow(wall_server, "ours", "conf", mastodon)
    before = has(wall_server, "ours", 3)

    other.edit(refs[1], "Forged words #conf", edited_at=TO_COME)
    other.edit(refs[2], "Silently other #conf", edited_at=None)
    other.post("The last #conf", tags=["other"])
    has(wall_server, "theirs", 4)  # it has been asked again
    assert said(wall_server, "ours") == before


def test_origin_ends_its_post_on_every_wall(
    wall_server: WallServer, mastodon: MastodonServer, other: MastodonServer
) -> None:
    refs = [mastodon.post(f"Number {n} #conf", tags=["conf"]) for n in (1, 2)]
    for ref in refs:
        other.post("As it was told #conf", tags=["other"], uri=mastodon.uri(ref))
    follow(wall_server, "ours", "conf", mastodon)
    has(wall_server, "ours", 2)
    follow(wall_server, "theirs", "other", other)
    has(wall_server, "theirs", 2)
    mastodon.delete(refs[0])
    has(wall_server, "ours", 1)
    has(wall_server, "theirs", 1)
