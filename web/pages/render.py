"""Server-side rendering: the Svelte components run in a bare V8.

A page that can't be rendered is sent without its cards; the browser then draws them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import cast

import msgspec
import structlog
from py_mini_racer import MiniRacer

RENDER_TIMEOUT = 2.0
"""Seconds for one page, which takes about 20 milliseconds."""
MEMORY = 256 * 1024 * 1024
TIDY_EVERY = 100
"""Pages after which V8 is told to collect garbage, which it would otherwise let grow to its limit."""
PAUSE = 10.0
"""Seconds without rendering after a failure, so that a failing page doesn't slow down every reader."""

log = structlog.get_logger()


class Rendered(msgspec.Struct, frozen=True):
    """HTML for the document's head and for its body."""

    head: str = ""
    body: str = ""


NOTHING = Rendered()


class Renderer:
    """One V8 in one thread of its own: pages are rendered one by one, and the event loop never blocks."""

    def __init__(
        self, program: str, *, timeout: float = RENDER_TIMEOUT, memory: int = MEMORY, pause: float = PAUSE
    ) -> None:
        self._program = program
        self._timeout, self._memory, self._pause = timeout, memory, pause
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="render")
        self._v8: MiniRacer | None = None
        self._draw: Callable[..., object] | None = None
        self._drawn = 0
        self._resting_until = 0.0

    async def render(self, page: str, props: bytes) -> Rendered:
        """Render one of the pages in web/ui/ssr/pages.ts. `props` is JSON, as that page's component expects it.

        Never raises: returns NOTHING if the page can't be rendered.
        """
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._render, page, props.decode())

    def close(self) -> None:
        self._thread.submit(self._drop)
        self._thread.shutdown()

    def _render(self, page: str, props: str) -> Rendered:
        if time.monotonic() < self._resting_until:
            return NOTHING
        try:
            draw = self._start() if self._draw is None else self._draw  # a JavaScript function without fields is falsy
            # The page's content is passed as a value: V8 keeps each program that it has ever compiled.
            answer = draw(page, props, timeout_sec=self._timeout)
            self._tidy()
            return msgspec.json.decode(str(answer), type=Rendered)
        except Exception as error:  # noqa: BLE001  # a page without its cards is better than none
            log.warning("server-side rendering failed", page=page, reason=str(error))
            self._drop()
            self._resting_until = time.monotonic() + self._pause
            return NOTHING

    def _start(self) -> Callable[..., object]:
        v8 = self._v8 = MiniRacer()
        v8.set_hard_memory_limit(self._memory)
        v8.eval(self._program, timeout_sec=self._timeout)
        draw = self._draw = cast("Callable[..., object]", v8.eval("renderPage"))
        return draw

    def _tidy(self) -> None:
        self._drawn += 1
        if self._v8 is not None and self._drawn % TIDY_EVERY == 0:
            self._v8.low_memory_notification()

    def _drop(self) -> None:
        """Close a V8 that ran out of memory or time; the next page gets a new one."""
        self._draw = None
        if self._v8 is not None:
            with suppress(Exception):  # its last message, about the failed page, needs its listener
                self._v8.eval("0", timeout_sec=self._timeout)
            self._v8.close()
            self._v8 = None
