"""An open stream in a test: what it tells, taken together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from connectors.contract import Address, Connector, Post, Stream, Told
from connectors.http.client import Http

TIMEOUT = 20.0


class Heard:
    """What a stream has told so far: the posts of each address by key, without those that have ended."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.told: list[Told] = []
        self.posts: dict[int, dict[str, Post]] = {}
        self._refs: dict[str, str] = {}
        self._messages = stream.messages()

    def take_in(self, told: Told) -> None:
        self.told.append(told)
        for number, page in told.pages.items():
            known = self.posts.setdefault(number, {})
            for post in page.posts:
                before = known.get(post.key)
                if before is None or _version(post) >= _version(before):
                    known[post.key] = post
            self._refs |= {ref: key for key, ref in page.refs.items()}
        for key in (*told.gone, *(self._refs[ref] for ref in told.deleted if ref in self._refs)):
            for posts in self.posts.values():
                posts.pop(key, None)

    async def messages(self, count: int) -> None:
        """Take the next messages, and read them together. Raises ConnectorError, and EOFError at the stream's end."""
        async with asyncio.timeout(TIMEOUT):
            messages = [await anext(self._messages, None) for _ in range(count)]
            if None in messages:
                raise EOFError
            self.take_in(await self.stream.read([message for message in messages if message is not None]))

    async def until(self, true: Callable[[Heard], bool]) -> None:
        """Take messages one by one until this is true."""
        while not true(self):
            await self.messages(1)

    def texts(self, number: int = 1) -> list[str]:
        return sorted(post.html for post in self.posts.get(number, {}).values())

    async def close(self) -> None:
        await self._messages.aclose()
        await self.stream.close()


def _version(post: Post) -> datetime:
    return post.edited_at or post.created_at


@asynccontextmanager
async def listening(connector: Connector, http: Http, *sources: Address, cursor: str = "") -> AsyncIterator[Heard]:
    """A stream that serves these sources, numbered from 1."""
    async with asyncio.timeout(TIMEOUT):
        with http.trusting(sources[0].server):
            heard = Heard(await connector.open_stream(http, dict(enumerate(sources, 1)), cursor))
    try:
        yield heard
    finally:
        await heard.close()
