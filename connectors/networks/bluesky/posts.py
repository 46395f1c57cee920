"""From Bluesky's view of a post to a Post: pure functions, no requests."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, NamedTuple

from connectors.contract import Post
from connectors.networks.bluesky.addresses import NETWORK
from connectors.networks.bluesky.embeds import embedded, post_url
from connectors.networks.bluesky.entities import POST_URI, PostView
from connectors.networks.bluesky.facets import rich_text
from connectors.networks.bluesky.labels import Subject, judge, signed_in_only
from connectors.networks.bluesky.people import to_person
from connectors.networks.bluesky.values import language, moment, string
from connectors.text.characters import is_visible
from connectors.text.hashtags import MAX_TAG, fold, in_text
from connectors.text.html import plain
from connectors.text.lenient_json import as_list

SIGNED_IN_ONLY: Final = "The author asks apps to show their posts to signed-in readers only (!no-unauthenticated)."
MAX_TAGS: Final = 100
"""Tags of a post that are read from its list; a record has eight at most."""


class Meaning(NamedTuple):
    """A Post, and whether Bluesky's moderators have hidden it."""

    post: Post
    hidden: bool


def to_post(view: PostView, first_seen: datetime) -> Meaning:
    """The Post of a view. Raises ValueError if it is not a post of its author's repository.

    It counts as written when it was first indexed, if its author says later: clients may write any date. `first_seen`
    replaces times that can't be read.
    """
    found = POST_URI.fullmatch(view.uri)
    if found is None or found[1] != view.author.did:
        raise ValueError("its address is not that of a post in its author's repository")
    record = view.record
    url = post_url(found[1], found[2])
    said, indexed = moment(record.get("createdAt")), moment(view.indexed_at)
    text = rich_text(record.get("text"), record.get("facets"))
    embeds = embedded(view.embed, url, first_seen)
    judged = judge(Subject(view.uri, view.cid, view.author, view.labels, record), first_seen)
    post = Post(
        network=NETWORK,
        key=view.uri,
        url=url,
        author=to_person(view.author),
        created_at=min(filter(None, (said, indexed)), default=first_seen),
        indexed_at=indexed,
        html=text.html,
        lang=language(record.get("langs")),
        warning=", ".join(judged.warnings),
        sensitive=judged.sensitive,
        media=embeds.media,
        card=embeds.card,
        quote=embeds.quote,
        tags=tags_of(record, text.tags),
        mentions=text.mentions,
        reply_to=parent_of(record),
        opted_out=SIGNED_IN_ONLY if signed_in_only(view.author, first_seen) else "",
    )
    return Meaning(post, judged.hidden)


def parent_of(record: dict[str, Any]) -> str:
    """The URI of the post that this one replies to; empty if it is not a reply."""
    reply = record.get("reply")
    parent = reply.get("parent") if isinstance(reply, dict) else None
    uri = string(parent.get("uri")) if isinstance(parent, dict) else ""
    return uri if uri.startswith("at://") else ""


def says_nothing(post: Post) -> bool:
    """Whether its card would show only an author."""
    return not (post.media or post.card or post.quote or is_visible(plain(post.html)))


def tags_of(record: dict[str, Any], marked: tuple[str, ...]) -> tuple[str, ...]:
    """The tags of the facets, of the record's list and of the text, in normal form: apps write any of the three."""
    listed = [fold(tag) for tag in (as_list(record.get("tags")) or ())[:MAX_TAGS] if _is_tag(tag)]
    return tuple(dict.fromkeys([*marked, *listed, *in_text(string(record.get("text")))]))


def _is_tag(tag: object) -> bool:
    return isinstance(tag, str) and 0 < len(tag) <= MAX_TAG
