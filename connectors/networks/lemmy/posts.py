"""From an entry of a community's list to a Post: pure functions, no requests."""

from __future__ import annotations

import mimetypes
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from connectors.contract import Attachment, Choice, LinkCard, Poll, Post
from connectors.contract.bounds import MAX_CHOICES, MAX_TAGS
from connectors.contract.fields import count, flag, moment, part, parts, perhaps, string, words_of
from connectors.networks.lemmy.entities import Ballot, Community, Page, PostView, Size
from connectors.networks.lemmy.entities import Choice as Answer
from connectors.networks.lemmy.markdown import MAX_TEXT, render
from connectors.networks.lemmy.people import opted_out, to_person
from connectors.text.characters import visible
from connectors.text.hashtags import in_text
from connectors.text.hosts import host_of
from connectors.text.html import plain
from connectors.text.urls import web

NETWORK: Final = "lemmy"
LARGEST: Final = 100_000  # pixels; a larger number is not credible
PUBLIC: Final = "public"


def has_ended(view: PostView) -> bool:
    """Whether its author has deleted it, or a moderator has removed it."""
    return flag(view.post.deleted) or flag(view.post.removed)


def is_open(view: PostView) -> bool:
    """Whether it is meant for everybody: no community for its own members, and nothing deleted."""
    community = part(view.community, Community) or Community()
    closed = (view.post.deleted, view.post.removed, community.deleted, community.removed)
    visibility = community.visibility
    return not any(map(perhaps, closed)) and (visibility is None or string(visibility).lower() == PUBLIC)


def is_pinned(post: Page) -> bool:
    """Whether it stands above newer posts."""
    return any(map(flag, (post.featured_community, post.featured_local, post.sticky, post.instance_sticky)))


def to_post(view: PostView, at: datetime) -> Post:
    """The Post of an entry. `at` replaces a time that can't be read."""
    post = view.post
    created, edited = moment(post.published) or at, moment(post.updated) or moment(post.edited_at)
    text = render(string(post.body, MAX_TEXT))
    title = visible(string(post.name)) or visible(string(post.title))
    sensitive = perhaps(post.nsfw)
    attachment = _attachment(view)
    poll = part(post.poll, Ballot)
    pictures = (Attachment(kind="image", url=url, preview=url, alt=visible(alt)) for url, alt in text.pictures)
    return Post(
        network=NETWORK,
        key=post.ap_id,
        url=web(post.ap_id),
        author=to_person(view.creator),
        created_at=created,
        edited_at=edited if edited and edited > created else None,
        title=title,
        html=text.html,
        sensitive=sensitive,
        media=(attachment, *pictures) if attachment else tuple(pictures),
        poll=_poll(poll, at) if poll else None,
        card=None if attachment else _card(post, sensitive=sensitive),
        tags=tuple(dict.fromkeys(in_text(f"{title}\n{plain(text.html)}")))[:MAX_TAGS],
        opted_out=opted_out(view.creator),
    )


def _attachment(view: PostView) -> Attachment | None:
    """The post's picture or video, if its link is one."""
    post = view.post
    url, kind = web(post.url), _kind(post)
    if not url or kind not in ("image", "video"):
        return None
    size = part(view.image_details, Size) or part(post.image_details, Size) or Size()
    width, height = _pixels(size.width), _pixels(size.height)
    return Attachment(
        kind="video" if kind == "video" else "gif" if urlsplit(url).path.lower().endswith(".gif") else "image",
        url=url,
        preview=web(post.thumbnail_url) or (url if kind == "image" else ""),
        alt=words_of(post.alt_text),
        width=width if height else 0,
        height=height if width else 0,
    )


def _kind(post: Page) -> str:
    """`image`, `video` or another kind of link: by PieFed's own word, by its content type, or by its ending."""
    if string(post.post_type) == "Image":
        return "image"
    said = string(post.url_content_type) or mimetypes.guess_type(urlsplit(web(post.url)).path)[0] or ""
    return "" if "svg" in said else said.partition("/")[0]


def _card(post: Page, *, sensitive: bool) -> LinkCard | None:
    """The LinkCard of the post's link. Its site is the link's own host, since a page may claim any name."""
    url = web(post.url)
    if not url:
        return None
    site = host_of(url)
    return LinkCard(
        url=url,
        title=visible(string(post.embed_title)) or site,
        site=site,
        description=words_of(post.embed_description),
        picture="" if sensitive else web(post.thumbnail_url),
    )


def _poll(poll: Ballot, at: datetime) -> Poll | None:
    choices = tuple(
        Choice(title=words_of(answer.choice_text), votes=count(answer.num_votes))
        for answer in parts(poll.choices, Answer, MAX_CHOICES)
    )
    closes = moment(poll.end_poll)
    return Poll(
        choices=choices,
        votes=sum(choice.votes or 0 for choice in choices),
        multiple=string(poll.mode) == "multiple",
        closes_at=closes,
        closed=closes is not None and closes <= at,
    ) if choices else None  # fmt: skip


def _pixels(value: Any) -> int:
    return min(count(value) or 0, LARGEST)
