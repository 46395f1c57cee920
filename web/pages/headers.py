"""What every reply tells a browser to refuse: foreign scripts, foreign pictures, foreign frames, guessing at types.

It owns the Content-Security-Policy; it refuses to know what a page shows.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Awaitable, Callable, Sequence
from hashlib import sha256

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}

KEPT_OUT = {"X-Robots-Tag": "noindex, noarchive"}
"""For search engines: a live wall is no index of what its authors kept out of them."""

OF_A_WALL = re.compile(r"/(?:w|api/walls)/([^/]*)")

HTTPS_ALONE = {"Strict-Transport-Security": "max-age=31536000"}
"""RFC 6797: for a year, nobody comes to this host but by https."""

REPLAYED = "this.__e=event"
"""What Svelte writes into `onload` and `onerror` of the pictures that it draws on the server, to hear of them later."""


def fingerprint(inline: str) -> str:
    """An inline script or style, named by its content, so that the policy lets in this one and no other."""
    return f"'sha256-{b64encode(sha256(inline.encode()).digest()).decode()}'"


def policy(*, scripts: Sequence[str] = (), styles: Sequence[str] = (), embed_on: Sequence[str] = ()) -> str:
    """The Content-Security-Policy of a page with these inline scripts and styles, which those sites may embed.

    `style` attributes are allowed: the server draws cards with them, and they can do no more than look odd.
    """
    directives = {
        "default-src": ["'none'"],
        "script-src": ["'self'", *map(fingerprint, filter(None, scripts))],
        "script-src-attr": ["'unsafe-hashes'", fingerprint(REPLAYED)],
        "style-src": ["'self'", *map(fingerprint, filter(None, styles))],
        "style-src-attr": ["'unsafe-inline'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "worker-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'self'", *embed_on],
    }
    return "; ".join(f"{name} {' '.join(values)}" for name, values in directives.items())


class SafeHeaders:
    """Adds `EVERYWHERE` to each reply, and a policy to each page that brings none of its own.

    `https` says that people reach this server by https; `listed`, which walls search engines may list, where they may
    list anything. Whatever else is under a wall's addresses is kept out of them.
    """

    def __init__(
        self,
        app: ASGIApp,
        strictest: str,
        *,
        https: bool = False,
        listed: Callable[[str], Awaitable[bool]] | None = None,
    ) -> None:
        self._app = app
        self._strictest = strictest
        self._everywhere = EVERYWHERE | (HTTPS_ALONE if https else {})
        self._listed = listed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                kept_out = {} if await self._is_open(scope["path"]) else KEPT_OUT
                for name, value in (self._everywhere | kept_out).items():
                    headers.setdefault(name, value)
                if headers.get("content-type", "").startswith("text/html"):
                    headers.setdefault("Content-Security-Policy", self._strictest)
            await send(message)

        await self._app(scope, receive, answer)

    async def _is_open(self, path: str) -> bool:
        """Whether search engines may list what is there."""
        if self._listed is None:
            return False
        of_a_wall = OF_A_WALL.match(path)
        return of_a_wall is None or await self._listed(of_a_wall[1])
