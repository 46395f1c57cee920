"""Sources on the Mastodon server of the tests, and helpers for their polls."""

from __future__ import annotations

from connectors.contract import Address, Page
from connectors.networks.mastodon.connector import Mastodon
from tests.fakes.mastodon_server import MastodonServer

mastodon = Mastodon()


def _apart(options: dict[str, object]) -> dict[str, dict[str, object]]:
    """The values for a source, its credentials apart from its options."""
    token = options.pop("token", None)
    return {"options": options, "credentials": {"token": token} if token else {}}


def tag(server: MastodonServer, value: str = "socitm09", **options: object) -> Address:
    return Address(network="mastodon", kind="hashtag", value=value, server=server.url, **_apart(options))


def account(server: MastodonServer, user: str = "ada", **options: object) -> Address:
    return Address(
        network="mastodon", kind="account", value=f"{user}@{server.host}", server=server.url, **_apart(options)
    )


def keys(page: Page) -> list[str]:
    return [post.key for post in page.posts]
