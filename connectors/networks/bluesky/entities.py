"""The views of Bluesky's API, as far as they are read: the lexicons `app.bsky.feed.defs` and `app.bsky.embed.*`.

The required fields of a post are typed; every other field is read by itself, so a broken one affects no other.
"""

from __future__ import annotations

import re
from typing import Any, Final, TypeVar

import msgspec

from connectors.networks.bluesky.addresses import DID, RECORD_KEY
from connectors.text.lenient_json import as_list

POST_URI: Final = re.compile(rf"at://({DID.pattern})/app\.bsky\.feed\.post/({RECORD_KEY.pattern})")


class Shape(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A foreign object. Unknown fields are ignored."""


class Author(Shape, frozen=True):
    did: str
    handle: Any = None
    display_name: Any = None
    avatar: Any = None
    labels: Any = None


class PostView(Shape, frozen=True):
    """A post as a service shows it: `record` is the author's own, `embed` the service's view of what it embeds."""

    uri: str
    author: Author
    record: dict[str, Any]
    cid: Any = None
    embed: Any = None
    indexed_at: Any = None
    labels: Any = None


class Reason(Shape, frozen=True):
    """Why a post is listed: a repost, or a pin."""

    type: str = msgspec.field(name="$type")
    by: Any = None
    uri: Any = None
    indexed_at: Any = None


class FeedItem(Shape, frozen=True):
    post: PostView
    reason: Any = None


class Index(Shape, frozen=True):
    """The bytes of a text in UTF-8 that a facet concerns; the end is exclusive."""

    byte_start: int
    byte_end: int


class Facet(Shape, frozen=True):
    index: Index
    features: Any = None


class Feature(Shape, frozen=True):
    type: str = msgspec.field(name="$type")
    uri: Any = None
    did: Any = None
    tag: Any = None


class Label(Shape, frozen=True):
    val: str
    src: Any = None
    uri: Any = None
    cid: Any = None
    neg: Any = None
    cts: Any = None
    exp: Any = None


class Ratio(Shape, frozen=True):
    width: Any = None
    height: Any = None


class Image(Shape, frozen=True):
    """An image of `embed.images` (`thumb`) or of `embed.gallery` (`thumbnail`)."""

    fullsize: Any = None
    thumb: Any = None
    thumbnail: Any = None
    alt: Any = None
    aspect_ratio: Any = None


class Embed(Shape, frozen=True):
    """A view of any embed: the fields of all of them, told apart by `type`."""

    type: str = msgspec.field(name="$type")
    images: Any = None
    media: Any = None
    external: Any = None
    record: Any = None
    playlist: Any = None
    thumbnail: Any = None
    alt: Any = None
    aspect_ratio: Any = None


class External(Shape, frozen=True):
    uri: Any = None
    title: Any = None
    description: Any = None
    thumb: Any = None


class EmbeddedRecord(Shape, frozen=True):
    """A view of an embedded record: a quoted post, or a feed, a list, a labeler or a starter pack."""

    type: str = msgspec.field(name="$type")
    uri: str
    author: Any = None
    value: Any = None
    labels: Any = None
    cid: Any = None
    creator: Any = None
    display_name: Any = None
    name: Any = None
    description: Any = None
    avatar: Any = None
    record: Any = None


S = TypeVar("S", bound=Shape)


def read(data: object, shape: type[S]) -> S:
    """`data` in that shape. Raises msgspec.ValidationError with the path to the fault."""
    return msgspec.convert(data, shape)


def part(data: object, shape: type[S]) -> S | None:
    """An optional part: None if it is missing or unreadable."""
    try:
        return read(data, shape)
    except (msgspec.ValidationError, ValueError, OverflowError):
        return None


def parts(data: object, shape: type[S], most: int) -> list[S]:
    """The readable ones among the first `most` of a list of such parts."""
    return [found for entry in (as_list(data) or ())[:most] if (found := part(entry, shape))]
