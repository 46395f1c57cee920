"""A visit to a wall: a page in a browser, its cards, requests and errors.

Tests wait for visible changes, never for a fixed time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from playwright.async_api import ConsoleMessage, Locator, Page, ViewportSize, expect

from tests.wall_server import WallServer

CARD = ".feed > article[data-key]"
SOON = 30_000
"""Milliseconds within which a change is on the page: a source is polled every five seconds, and machines are slow."""
expect.set_options(timeout=SOON)

HALL = ViewportSize(width=1920, height=1080)
DESK = ViewportSize(width=1280, height=800)
PHONE = ViewportSize(width=390, height=844)


class Visit:
    """One page on one wall, from `open_wall`."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.requests: list[str] = []
        self.sockets: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("websocket", lambda socket: self.sockets.append(socket.url))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._hear)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    @property
    def cards(self) -> Locator:
        return self.page.locator(CARD)

    def card(self, words: str) -> Locator:
        return self.cards.filter(has_text=words)

    @property
    def mark(self) -> Locator:
        """The live mark: its class says what it says."""
        return self.page.locator(".mark")

    async def is_live(self) -> None:
        await self.has_mark("live")

    async def has_mark(self, *states: str, within: float = SOON) -> None:
        """Waits until the live mark shows one of these states: live, reconnecting, stale, offline, removed."""
        await expect(self.page.locator(", ".join(f".mark.{state}" for state in states))).to_be_visible(timeout=within)

    async def shows(self, words: str, *, within: float = SOON) -> None:
        """Waits until exactly one visible card says so."""
        await expect(self.card(words)).to_have_count(1, timeout=within)
        await expect(self.card(words)).to_be_visible(timeout=within)

    async def shows_not(self, words: str, *, within: float = SOON) -> None:
        """Waits until no card says so, seen or unseen."""
        await expect(self.card(words)).to_have_count(0, timeout=within)

    async def comes_true(self, question: str, about: str | None = None, *, within: float = SOON) -> None:
        """Wait until this function in the page promises something true.

        (The browser driver's own waiting takes the promise itself for the answer.)
        """
        async with asyncio.timeout(within / 1000):
            while not await self.page.evaluate(question, about):
                await asyncio.sleep(0.05)

    async def scroll_to_the_foot(self) -> None:
        """Without the wheel: a busy browser may lose a single turn of it."""
        await self.page.evaluate("() => scrollTo(0, document.documentElement.scrollHeight)")

    async def has_cards(self, count: int, *, within: float = SOON) -> None:
        await expect(self.cards).to_have_count(count, timeout=within)

    async def said(self) -> list[str]:
        """The words of all cards, top down."""
        words: Sequence[str] = await self.page.locator(f"{CARD} .said").all_text_contents()
        return [each.strip() for each in words]

    async def keys(self) -> list[str]:
        found: list[str] = await self.cards.evaluate_all("cards => cards.map(card => card.dataset.key)")
        return found


async def open_wall(
    page: Page, server: WallServer, slug: str = "hall", *, live: bool = True, query: str | None = None
) -> Visit:
    """That wall in this page; returns once it is live, or only loaded. On HALL it is opened as a screen in a hall."""
    visit = Visit(page)
    if query is None:
        query = "?screen" if page.viewport_size == HALL else ""
    await page.goto(f"{server.url}/w/{slug}{query}")
    if live:
        await visit.is_live()
    return visit
