"""Whether two servers show the same pictures, of which each has its own copies under its own addresses. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import starmap
from typing import Final
from urllib.parse import urlsplit

from connectors.contract import Attachment
from connectors.contract.origin import host_of_key

MAX_COMPARED_ALT: Final = 500
"""Characters of an alt text that are compared: some servers cut those of copies off behind 512."""
TOLERANCE: Final = 0.02
"""Servers make copies smaller, and round."""


def are_alike(ours: Sequence[Attachment], theirs: Sequence[Attachment]) -> bool:
    """Whether they are described alike, one by one."""
    return len(ours) == len(theirs) and all(starmap(_alike, zip(ours, theirs, strict=True)))


def is_replaced(ours: Sequence[Attachment], theirs: Sequence[Attachment]) -> bool:
    """Whether a server that has our copy of one of them has another picture in its place now."""
    return any(_is_other_file(one.url, other.url) for one, other in zip(ours, theirs, strict=False))


def described(attachments: Sequence[Attachment]) -> tuple[tuple[str, str, str], ...]:
    """What tells these attachments from others of the same server."""
    return tuple((each.kind, _alt(each), urlsplit(each.url).path) for each in attachments)


def _alike(one: Attachment, other: Attachment) -> bool:
    return (_moves(one), _alt(one)) == (_moves(other), _alt(other)) and _same_shape(one, other)


def _moves(each: Attachment) -> str:
    """The kind; what is a GIF on one server is a video on another."""
    return "video" if each.kind == "gif" else each.kind


def _alt(each: Attachment) -> str:
    return " ".join(each.alt[: 2 * MAX_COMPARED_ALT].split())[:MAX_COMPARED_ALT]


def _same_shape(one: Attachment, other: Attachment) -> bool:
    if not (one.width and one.height and other.width and other.height):
        return True  # one of the servers does not say
    ours, theirs = one.width * other.height, other.width * one.height
    return abs(ours - theirs) <= TOLERANCE * max(ours, theirs)


def _is_other_file(one: str, other: str) -> bool:
    host = host_of_key(one)
    return bool(host) and host == host_of_key(other) and urlsplit(one).path != urlsplit(other).path
