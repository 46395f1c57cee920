"""A browser's first visit to a wall: its bytes on the wire, and the time of its first painted card.

Any page of `article`s will do.
"""

from __future__ import annotations

import gzip
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, ViewportSize, sync_playwright

from tests.conftest import BROWSER_FLAGS

SIZE: ViewportSize = {"width": 1280, "height": 800}
QUIET = 1.0
"""Seconds without traffic after which a page counts as loaded."""
LOAD_TIMEOUT = 45.0
"""Seconds."""

KINDS = {
    "Document": "document",
    "Script": "script",
    "Stylesheet": "css",
    "Font": "font",
    "Image": "picture",
    "Fetch": "data",
    "XHR": "data",
}

WATCH = """(() => {
  const figures = (window.figures = { shift: 0, arrived: {} })
  const observe = (type, take) =>
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true })
  observe('paint', (entry) => (figures[entry.name] = entry.startTime))
  observe('largest-contentful-paint', (entry) => (figures.largest = entry.startTime))
  observe('layout-shift', (entry) => (figures.shift += entry.hadRecentInput ? 0 : entry.value))
  const painted = (run) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = run
    port2.postMessage(0)
  }
  const inSight = (card) => {
    const box = card?.getBoundingClientRect()
    return box && box.height > 0 && box.top < innerHeight && box.bottom > 0 &&
      card.checkVisibility({ visibilityProperty: true })
  }
  const look = () => {
    if (inSight(document.querySelector('article'))) painted(() => (figures.card = performance.now()))
    else requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
  const note = () => {
    for (const card of document.querySelectorAll('article')) {
      const name = /arrival \\d+ of this run/.exec(card.textContent)?.[0]
      if (name && inSight(card)) figures.arrived[name] ??= performance.timeOrigin + performance.now()
    }
  }
  let waiting = false
  const noteSoon = () => {
    if (waiting) return
    waiting = true
    requestAnimationFrame(() => painted(() => { waiting = false; note() }))
  }
  new MutationObserver(noteSoon).observe(document, { childList: true, subtree: true })
})()"""
"""A card counts as painted in the first task after the frame that held it, however it enters."""

SEEN = "[...document.querySelectorAll('article')].filter((card) => card.checkVisibility()).length"
INLINE = "[...document.scripts].filter((it) => !it.src && !/json/.test(it.type)).map((it) => it.textContent)"
OPENED = "performance.getEntriesByType('navigation')[0].responseStart"


@dataclass(frozen=True)
class Profile:
    """A network and a processor. Rates in bytes a second, 0 for no limit; `latency` in ms for each request."""

    name: str
    latency: float = 0
    down: float = 0
    up: float = 0
    slower: float = 1


FAST = Profile("fast")
SLOW = Profile("slow 4G, CPU slowed 4 times", latency=150, down=1_600_000 / 8, up=750_000 / 8, slower=4)


@dataclass
class Visit:
    """The figures of one cold load: bytes on the wire by kind, times in ms since the navigation began."""

    wire: Counter[str] = field(default_factory=Counter)
    script: int = 0
    first_byte: float = 0
    card: float = 0
    largest: float = 0
    shift: float = 0


class Traffic:
    """A page's network traffic, as Chromium reports it."""

    def __init__(self, db: CDPSession) -> None:
        self.wire: Counter[str] = Counter()
        self.scripts: list[str] = []
        self._session = db
        self._kinds: dict[str, str] = {}
        self._last = time.monotonic()
        for name, hear in (
            ("requestWillBeSent", self._asked),
            ("responseReceived", self._answered),
            ("loadingFinished", self._finished),
            ("loadingFailed", self._failed),
        ):
            db.on(f"Network.{name}", hear)
        db.send("Network.enable")

    def _asked(self, event: dict[str, Any]) -> None:
        self._kinds[event["requestId"]] = ""
        self._last = time.monotonic()

    def _answered(self, event: dict[str, Any]) -> None:
        self._kinds[event["requestId"]] = KINDS.get(event["type"], "other")
        if event["type"] == "Script":
            self.scripts.append(event["requestId"])

    def _finished(self, event: dict[str, Any]) -> None:
        kind = self._kinds.pop(event["requestId"], "")
        self.wire[kind or "other"] += int(event["encodedDataLength"])
        self._last = time.monotonic()

    def _failed(self, event: dict[str, Any]) -> None:
        self._kinds.pop(event["requestId"], None)
        self._last = time.monotonic()

    @property
    def quiet(self) -> bool:
        return not self._kinds and time.monotonic() - self._last > QUIET

    def script(self, inline: list[str]) -> int:
        """All JavaScript of the page, each file at gzip's best compression."""
        files = [self._session.send("Network.getResponseBody", {"requestId": name})["body"] for name in self.scripts]
        return sum(len(gzip.compress(text.encode(), 9)) for text in (*files, *inline))


@contextmanager
def chromium() -> Iterator[Browser]:
    """A fresh Debian Chromium."""
    with sync_playwright() as playwright:
        program = shutil.which("chromium") or shutil.which("chromium-headless-shell")
        browser = playwright.chromium.launch(executable_path=program, args=BROWSER_FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def new_context(browser: Browser) -> BrowserContext:
    """A new visitor: no cache, no storage."""
    context = browser.new_context(viewport=SIZE, locale="en-GB", timezone_id="UTC")
    context.add_init_script(WATCH)
    return context


def visit(browser: Browser, url: str, profile: Profile) -> Visit:
    """One cold load, until the network has been idle for a second."""
    context = new_context(browser)
    try:
        page = context.new_page()
        db = context.new_cdp_session(page)
        traffic = Traffic(db)
        _slow_down(db, profile)
        page.goto(url, wait_until="load", timeout=LOAD_TIMEOUT * 1000)
        give_up_at = time.monotonic() + LOAD_TIMEOUT
        while not (traffic.quiet and page.evaluate("!!figures.card")) and time.monotonic() < give_up_at:
            page.wait_for_timeout(100)
        return _read(page, traffic)
    finally:
        context.close()


def _slow_down(db: CDPSession, profile: Profile) -> None:
    if profile.down:
        conditions = {
            "offline": False,
            "latency": profile.latency,
            "downloadThroughput": profile.down,
            "uploadThroughput": profile.up,
        }
        db.send("Network.emulateNetworkConditions", conditions)
    if profile.slower > 1:
        db.send("Emulation.setCPUThrottlingRate", {"rate": profile.slower})


def _read(page: Page, traffic: Traffic) -> Visit:
    figures = page.evaluate("figures")
    return Visit(
        wire=traffic.wire,
        script=traffic.script(page.evaluate(INLINE)),
        first_byte=page.evaluate(OPENED),
        card=max(figures["card"], figures["first-contentful-paint"]),
        largest=figures["largest"],
        shift=figures["shift"],
    )
