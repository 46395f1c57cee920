"""The polite, guarded HTTP client of every connector: `get`, `post`, streams, and one clear sentence per failure.

It keeps our manners on other people's servers: an honest name, time-outs, size limits, redirects, rate limits
(`rate_limit.py`) and the guard (`guard.py`). It never looks inside a body.
"""

from __future__ import annotations

import asyncio
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from functools import partial
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final, Self, cast

import httpx
import msgspec

from connectors.errors import Forbidden, InvalidResponse, Rejected, Unavailable
from connectors.http.addresses import SECRET_HEADERS, sendable, web_address
from connectors.http.decompress import Unpacker, Unsupported, declared
from connectors.http.failures import describe
from connectors.http.guard import Guard, GuardedTransport, Permit, Resolver, resolve
from connectors.http.rate_limit import RateLimiter, Sleep, wall_clock
from connectors.http.statuses import PARTIAL
from connectors.http.streaming import INVALID, Streaming
from connectors.sandbox import Sandbox, SandboxProtocol
from connectors.text import lenient_json

Params = Mapping[str, str | int | bool | Sequence[str]]

MAX_REDIRECTS: Final = 5
STEP_TIMEOUT: Final = httpx.Timeout(15.0, connect=10.0)  # seconds for each step …
REPLY_TIMEOUT: Final = 45.0  # … and for a whole reply, against servers that drip bytes
HURRIED_TIMEOUT: Final = 5.0  # seconds for a hurried request …
HURRIED_BYTES: Final = 10 * 1024  # … to deliver this many bytes
MEGABYTE: Final = 1024 * 1024
HEAD: Final = 1024  # bytes of a response that is too large
VALIDATORS: Final = frozenset({"etag", "last-modified"})
REDIRECT_STATUSES: Final = frozenset({301, 302, 303, 307, 308})
MOVED_PERMANENTLY: Final = frozenset({301, 308})
CONDITIONS: Final = frozenset({"if-none-match", "if-modified-since"})


class TooLarge(InvalidResponse):
    """The response exceeds the limit; a smaller request may fit. `head` are its first bytes."""

    def __init__(self, message: str, head: bytes = b"") -> None:
        super().__init__(message)
        self.head = head


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """The response: 2xx, or 304 to a conditional request. `url` is the address after all redirects."""

    status: int
    url: str
    headers: httpx.Headers
    body: bytes

    def json(self) -> Any:
        """The JSON of a body of at most 8 KiB; parse a larger one in `Http.sandbox`. Raises InvalidResponse."""
        if len(self.body) > lenient_json.MAX_SMALL:
            raise InvalidResponse(f"Response too large: {_host(self.url)} sent {len(self.body)} bytes of JSON.")
        try:
            return lenient_json.decode_small(self.body)
        except ValueError as error:
            raise InvalidResponse(f"Invalid JSON: {_host(self.url)} answered with something else.") from error

    @property
    def text(self) -> str:
        """The body in the encoding that the server declares, else UTF-8; invalid bytes become U+FFFD."""
        try:
            return self.body.decode(_charset(self.headers), errors="replace")
        except LookupError:
            return self.body.decode(errors="replace")


class Http(Streaming):
    """The client of the connectors. `contact` names its operator; the guard lets `allow_hosts` (names or networks) by.

    `permit` may exclude a listed private host again, by port; see `trusting`.

    The seams: `transport` replaces the network, guard included; `resolver`, `clock`, `now` and `sleep` replace theirs;
    `sandbox` makes the process that reads strangers' bytes.
    """

    def __init__(
        self,
        *,
        contact: str = "",
        allow_hosts: Sequence[str] = (),
        transport: httpx.AsyncBaseTransport | None = None,
        resolver: Resolver = resolve,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = wall_clock,
        sleep: Sleep = asyncio.sleep,
        deadline: float = REPLY_TIMEOUT,
        hurried: float = HURRIED_TIMEOUT,
        per_second: float = 4.0,
        sandbox: Callable[[], SandboxProtocol] = Sandbox,
        permit: Permit | None = None,
    ) -> None:
        self._make_sandbox = sandbox
        self._sandboxes: dict[str, SandboxProtocol] = {}
        self._rate_limiter = RateLimiter(per_second=per_second, clock=clock, now=now, sleep=sleep)
        self._deadline, self._hurried = deadline, hurried
        self.now = now
        self._guard = Guard(allow_hosts, resolver, permit)
        self._user_agent = user_agent(contact)
        self._client = httpx.AsyncClient(
            transport=transport or GuardedTransport(self._guard),
            headers={"User-Agent": self._user_agent, "Accept-Encoding": "gzip"},
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # keep no cookies
            timeout=STEP_TIMEOUT,
            trust_env=False,
            follow_redirects=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        for sandbox in self._sandboxes.values():
            await sandbox.close()
        self._sandboxes.clear()
        await self._client.aclose()

    def trusting(self, url: str) -> AbstractContextManager[None]:
        """Within this context, the private host and port of `url` may be asked, whatever `permit` says."""
        return self._guard.trusting(url)

    def sandbox(self, network: str) -> SandboxProtocol:
        """The sandbox that reads this network's responses: one process each, so that no network waits for another."""
        if network not in self._sandboxes:
            self._sandboxes[network] = self._make_sandbox()
        return self._sandboxes[network]

    async def get(
        self,
        url: str,
        *,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        accept: str = "*/*",
        limit: int = 5 * MEGABYTE,
        hurried: bool = False,
    ) -> Reply:
        """Fetch `url` with `params` added to its query; at most `limit` bytes after decompression.

        A `hurried` request fails if less than 10 kB come within five seconds, at any time.
        For a conditional request pass the headers yourself: a 304 is returned, with an empty body. Raises Forbidden
        (Rejected with the status if the server refused), NotFound, RateLimited, Unavailable or InvalidResponse.
        """
        here = web_address(url)
        if params:  # else the query stays as it is written: a signature may cover it
            here = here.copy_merge_params(params)
        sent = httpx.Headers({**sendable(headers or {}), "Accept": accept})
        is_own = True  # whether the answering address speaks for `url`
        for _ in range(MAX_REDIRECTS + 1):
            reply = await self._ask(here, sent, limit, self._hurried if hurried else None)
            if reply.status not in REDIRECT_STATUSES or "location" not in reply.headers:
                return self._judge(reply, is_conditional=not CONDITIONS.isdisjoint(sent), is_own=is_own)
            there = _redirected(here, reply)
            is_own = is_own and reply.status in MOVED_PERMANENTLY
            if _origin(there) != _origin(here):
                sent = httpx.Headers([(name, value) for name, value in sent.items() if name not in SECRET_HEADERS])
            here = there
        raise Unavailable(f"Too many redirects: {_host(url)} redirects more than {MAX_REDIRECTS} times.")

    async def post(
        self,
        url: str,
        body: bytes,
        *,
        headers: Mapping[str, str] | None = None,
        content_type: str = "application/json",
        accept: str = "*/*",
        limit: int = MEGABYTE,
    ) -> Reply:
        """Send `body` once. No redirect is followed: what is meant for one server is given to no other.

        Raises Forbidden (Rejected with the status), NotFound, RateLimited, Unavailable or InvalidResponse.
        """
        here = web_address(url)
        sent = httpx.Headers({**sendable(headers or {}), "Accept": accept, "Content-Type": content_type})
        reply = await self._ask(here, sent, limit, None, body)
        if reply.status in REDIRECT_STATUSES:
            raise Rejected(
                f"Unexpected redirect ({reply.status}) from {_host(url)}: use its final address.", reply.status
            )
        return self._judge(reply, is_conditional=False, is_own=True)

    async def _ask(
        self, url: httpx.URL, headers: httpx.Headers, limit: int, slowest: float | None, content: bytes | None = None
    ) -> Reply:
        host = url.netloc.decode()
        async with self._rate_limiter.acquire(host):
            try:
                async with asyncio.timeout(self._deadline):
                    return await self._exchange(url, headers, limit, slowest, content)
            except (TimeoutError, httpx.TimeoutException) as slow:
                raise Unavailable(f"Request timed out: {host} took too long to answer.") from slow
            except httpx.RequestError as failure:
                raise Unavailable(describe(failure, host)) from failure
            except (httpx.InvalidURL, ValueError) as odd:  # a name without an encoding, or an invalid reply
                raise InvalidResponse(INVALID.format(host)) from odd

    async def _exchange(
        self, url: httpx.URL, headers: httpx.Headers, limit: int, slowest: float | None, content: bytes | None
    ) -> Reply:
        method = "GET" if content is None else "POST"
        async with self._client.stream(method, url, headers=headers, content=content) as response:
            if response.is_success:
                body, is_whole = await _read(response, limit, slowest)
            else:
                body, is_whole = await _reason(response), True
            received = response.headers
            if not is_whole:  # the next request must not take a part for the whole
                received = httpx.Headers([pair for pair in received.multi_items() if pair[0] not in VALIDATORS])
            return Reply(status=response.status_code, url=str(url), headers=received, body=body)

    def _judge(self, reply: Reply, *, is_conditional: bool, is_own: bool) -> Reply:
        """The reply if a connector can use it. Raises the ConnectorError that its status means."""
        address, status = httpx.URL(reply.url), reply.status
        host = address.netloc.decode()
        try:
            self._check(host, address.path, status, reply.headers, is_own=is_own, may_be=(httpx.codes.NOT_MODIFIED,))
        except Rejected as refused:
            raise Rejected(str(refused), refused.status, reply.body) from None
        if status in PARTIAL or (status == httpx.codes.NOT_MODIFIED and not is_conditional):
            raise InvalidResponse(
                f"Unexpected status ({status}) from {host}: the request was neither partial nor conditional."
            )
        return reply


def user_agent(contact: str) -> str:
    """The User-Agent, `Backchannel/1.2.3 (+https://…)`: our name, and the contact for complaints."""
    try:
        ours = version("backchannel")
    except PackageNotFoundError:  # run from a checkout without an installation
        ours = "dev"
    reachable = contact.isascii() and contact.isprintable() and contact
    return f"Backchannel/{ours} (+{contact})" if reachable else f"Backchannel/{ours}"


def _redirected(here: httpx.URL, reply: Reply) -> httpx.URL:
    """The address that a redirect leads to. Raises InvalidResponse, and Forbidden for what is not a web address."""
    try:
        return web_address(here.join(_location(reply)))
    except (Forbidden, httpx.InvalidURL) as error:
        raise Forbidden(f"Invalid redirect: {_host(reply.url)} redirects to what is not a web address.") from error


def _location(reply: Reply) -> str:
    """The target of a redirect. Raises InvalidResponse if it names several addresses."""
    named = set(reply.headers.get_list("location"))
    if len(named) > 1:
        raise InvalidResponse(f"Several Location headers from {_host(reply.url)}: the redirect is ambiguous.")
    return named.pop()


async def _read(response: httpx.Response, limit: int, slowest: float | None = None) -> tuple[bytes, bool]:
    """The body, and whether it is complete.

    It is decompressed here and counted on the way, since a few bytes can unpack to gigabytes. The event loop runs after
    each piece. Within any `slowest` seconds HURRIED_BYTES must come.
    """
    async with asyncio.timeout(slowest) as deadline:
        return await _unpacked(response, limit, partial(_extend, deadline, slowest))


async def _reason(response: httpx.Response) -> bytes:
    """The body of a refusal; empty if it is long, slow or unreadable, since the status alone says enough."""
    if not response.is_client_error:
        return b""
    try:
        return (await _read(response, lenient_json.MAX_SMALL, HURRIED_TIMEOUT))[0]
    except (InvalidResponse, TimeoutError, httpx.RequestError):
        return b""


def _extend(deadline: asyncio.Timeout, slowest: float | None) -> None:
    if slowest is not None:
        deadline.reschedule(asyncio.get_running_loop().time() + slowest)


async def _unpacked(response: httpx.Response, limit: int, progress: Callable[[], None]) -> tuple[bytes, bool]:
    """Calls `progress` for each HURRIED_BYTES."""
    host, kept, goal = response.url.netloc.decode(), bytearray(), HURRIED_BYTES
    try:
        unpacker = Unpacker(declared(response.headers.get("content-encoding", "")))
        async for packed in cast("httpx.AsyncByteStream", response.stream):  # still compressed
            for piece in unpacker.feed(packed):
                kept += piece
                if len(kept) > limit:
                    raise TooLarge(
                        f"Response too large: {host} sent more than {limit / MEGABYTE:.3g} MB.", bytes(kept[:HEAD])
                    )
                if len(kept) >= goal:
                    goal = len(kept) + HURRIED_BYTES
                    progress()
                await asyncio.sleep(0)
        kept += b"".join(unpacker.finish())
    except Unsupported as error:
        raise InvalidResponse(f"Unsupported Content-Encoding ({error}) from {host}: we offer gzip.") from error
    except zlib.error as error:
        raise InvalidResponse(f"Corrupt compressed data from {host}: it can't be decompressed.") from error
    return bytes(kept), unpacker.complete


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _host(url: str) -> str:
    return httpx.URL(url).netloc.decode()


def _charset(headers: httpx.Headers) -> str:
    message = httpx.Response(200, headers={"content-type": headers.get("content-type", "")})
    return message.charset_encoding or "utf-8"
