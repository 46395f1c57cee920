"""Whether the browser has it already: conditional requests, as RFC 9110 has them (section 13.1.2)."""

from __future__ import annotations


def has_it(if_none_match: str, etag: str) -> bool:
    """Whether `If-None-Match` names this ETag, or any at all. Compared weakly: a compressing proxy marks a reply so."""
    tags = (tag.strip().removeprefix("W/") for tag in if_none_match.split(","))
    return if_none_match.strip() == "*" or etag.removeprefix("W/") in tags
