"""Conditional requests (RFC 9110, section 13.1.2)."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response


def respond(request: Request, content: bytes, etag: str, media_type: str, headers: Mapping[str, str]) -> Response:
    """The reply with this ETag: 304 without a body if the client has it, 200 otherwise."""
    headers = {**headers, "ETag": etag}
    if has_it(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=media_type, headers=headers)


def has_it(if_none_match: str, etag: str) -> bool:
    """Whether `If-None-Match` matches this ETag. The comparison is weak, since compressing proxies weaken ETags."""
    tags = (tag.strip().removeprefix("W/") for tag in if_none_match.split(","))
    return if_none_match.strip() == "*" or etag.removeprefix("W/") in tags
