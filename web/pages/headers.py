"""Security headers of every reply, and the Content-Security-Policy: no foreign scripts, pictures or frames."""

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
"""For search engines: a live wall isn't an index of posts whose authors keep out of search engines."""

OF_A_WALL = re.compile(r"/(?:w|api/walls)/([^/]*)")

HTTPS_ALONE = {"Strict-Transport-Security": "max-age=31536000"}
"""RFC 6797: for a year, browsers reach this host by HTTPS only."""

REPLAYED = "this.__e=event"
"""The `onload` and `onerror` attributes of pictures that Svelte renders on the server, to replay the events later."""


def fingerprint(inline: str) -> str:
    """The hash of an inline script or style, by which the policy allows exactly this one."""
    return f"'sha256-{b64encode(sha256(inline.encode()).digest()).decode()}'"


def policy(*, scripts: Sequence[str] = (), styles: Sequence[str] = (), embed_on: Sequence[str] = ()) -> str:
    """The Content-Security-Policy of a page with these inline scripts and styles, which the sites `embed_on` may embed.

    `style` attributes are allowed: server-rendered cards need them, and they can at worst look odd.
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


def desk_policy() -> str:
    """The Content-Security-Policy of the desk: its own files alone, in no frame, and markup by Svelte alone.

    It may frame pages of this server, for the preview of a wall's look.

    `svelte-trusted-html` is the Trusted Types policy by which Svelte writes its templates.
    """
    directives = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": "'self'",
        "frame-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "svelte-trusted-html",
    }
    return "; ".join(f"{name} {value}" for name, value in directives.items())


class SafeHeaders:
    """Middleware that adds `EVERYWHERE` to each reply, and a policy to each page without one.

    `https` says that the public URL is HTTPS; `listed`, which walls search engines may index (None: nothing). All other
    addresses of walls are `noindex`.
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
        """Whether search engines may index this path."""
        if self._listed is None:
            return False
        of_a_wall = OF_A_WALL.match(path)
        return of_a_wall is None or await self._listed(of_a_wall[1])
