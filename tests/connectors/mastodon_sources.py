"""What a test follows on the Mastodon server of our own, and what a poll of it brought."""

from __future__ import annotations

from connectors._base import Address, Page
from connectors.mastodon import Mastodon
from tests.mastodon_server import MastodonServer

mastodon = Mastodon()


def tag(server: MastodonServer, value: str = "socitm09", token: str = "", **options: object) -> Address:
    given: dict[str, object] = {"token": token} if token else {}
    return Address(
        network="mastodon", kind="hashtag", value=value, server=server.url, options=options, credentials=given
    )


def account(server: MastodonServer, user: str = "ada", **options: object) -> Address:
    return Address(
        network="mastodon", kind="account", value=f"{user}@{server.host}", server=server.url, options=options
    )


def keys(page: Page) -> list[str]:
    return [post.key for post in page.posts]
