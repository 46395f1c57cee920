"""Conditional requests (RFC 9110, section 13.1.2)."""

from __future__ import annotations


def has_it(if_none_match: str, etag: str) -> bool:
    """Whether `If-None-Match` matches this ETag. The comparison is weak, since compressing proxies weaken ETags."""
    tags = (tag.strip().removeprefix("W/") for tag in if_none_match.split(","))
    return if_none_match.strip() == "*" or etag.removeprefix("W/") in tags
