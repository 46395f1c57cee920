"""What a post embeds: media, a link card, a quoted post. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, NamedTuple

from connectors.contract import Attachment, LinkCard, Quote
from connectors.contract.fields import words_of
from connectors.networks.bluesky.addresses import APP, COLLECTIONS, SECTIONS
from connectors.networks.bluesky.attachments import gif_of, images_of, video_of
from connectors.networks.bluesky.entities import POST_URI, Author, Embed, EmbeddedRecord, External, part
from connectors.networks.bluesky.facets import profile, rich_text
from connectors.networks.bluesky.labels import Subject, judge, signed_in_only
from connectors.networks.bluesky.people import to_person
from connectors.networks.bluesky.values import string
from connectors.text.characters import visible
from connectors.text.hosts import host_of
from connectors.text.html import from_text
from connectors.text.urls import web

IMAGES: Final = frozenset({"app.bsky.embed.images#view", "app.bsky.embed.gallery#view"})
VIDEO: Final = "app.bsky.embed.video#view"
EXTERNAL: Final = "app.bsky.embed.external#view"
RECORD: Final = "app.bsky.embed.record#view"
RECORD_WITH_MEDIA: Final = "app.bsky.embed.recordWithMedia#view"
QUOTED: Final = "app.bsky.embed.record#viewRecord"
SITE: Final = "bsky.app"
STARTER_PACK: Final = "app.bsky.graph.starterpack"


class Embedded(NamedTuple):
    """What a post embeds."""

    media: tuple[Attachment, ...] = ()
    card: LinkCard | None = None
    quote: Quote | None = None


def embedded(view: Any, post: str, now: datetime) -> Embedded:
    """The parts of an embed's view. `post` is the address of the post.

    A quote that its author has detached, that is deleted, or that is behind a block leaves nothing.
    """
    embed = part(view, Embed)
    if embed is None:
        return Embedded()
    if embed.type == RECORD:
        return _record(part(embed.record, EmbeddedRecord), now)
    if embed.type == RECORD_WITH_MEDIA:
        beside, inner = part(embed.media, Embed), part(embed.record, Embed)
        media = _media(beside, post) if beside else Embedded()
        record = _record(part(inner.record, EmbeddedRecord), now) if inner else Embedded()
        return Embedded(media.media, media.card or record.card, record.quote)
    return _media(embed, post)


def _media(embed: Embed, post: str) -> Embedded:
    if embed.type in IMAGES:
        return Embedded(media=images_of(embed))
    if embed.type == VIDEO:
        video = video_of(embed, post)
        return Embedded(media=(video,) if video else ())
    return _external(part(embed.external, External)) if embed.type == EXTERNAL else Embedded()


def _external(external: External | None) -> Embedded:
    """A GIF, or the LinkCard. Its site is the link's own host, since a page may claim any name."""
    if external is None or not (url := web(external.uri)):
        return Embedded()
    if gif := gif_of(external):
        return Embedded(media=(gif,))
    site = host_of(url)
    return Embedded(
        card=LinkCard(
            url=url,
            title=visible(string(external.title)) or site,
            site=site,
            description=words_of(external.description),
            picture=web(external.thumb),
        )
    )


def _record(record: EmbeddedRecord | None, now: datetime) -> Embedded:
    if record is None:
        return Embedded()
    if record.type == QUOTED:
        return Embedded(quote=_quote(record, now))
    return Embedded(card=_card(record))


def _quote(record: EmbeddedRecord, now: datetime) -> Quote | None:
    """The quoted post, unless it is hidden by moderators, or its author asks for signed-in readers."""
    found, author = POST_URI.fullmatch(record.uri), part(record.author, Author)
    if found is None or author is None or author.did != found[1] or signed_in_only(author, now):
        return None
    value = record.value if isinstance(record.value, dict) else {}
    judged = judge(Subject(record.uri, record.cid, author, record.labels, value), now)
    if judged.hidden:
        return None
    warning = ", ".join(judged.warnings)
    return Quote(
        key=record.uri,
        url=post_url(found[1], found[2]),
        author=to_person(author),
        html=from_text(warning) if warning else rich_text(value.get("text"), value.get("facets")).html,  # it covers
    )


def post_url(did: str, key: str) -> str:
    """The address of a post in the app."""
    return f"{profile(did)}/post/{key}"


def _card(record: EmbeddedRecord) -> LinkCard | None:
    """The card of a feed, a list, a labeler or a starter pack; None for all else."""
    did, _, path = record.uri.removeprefix("at://").partition("/")
    collection, _, key = path.partition("/")
    kind = next((kind for kind, known in COLLECTIONS.items() if known == collection), "")
    section = next((section for section, known in SECTIONS.items() if known == kind), "")
    inner = record.record if isinstance(record.record, dict) else {}
    title = next(
        filter(None, (visible(string(name)) for name in (record.display_name, record.name, inner.get("name")))), ""
    )
    if section:
        url = f"{profile(did)}/{section}/{key}"
    elif collection == STARTER_PACK:
        url = f"{APP}/starter-pack/{did}/{key}"
    elif collection == "app.bsky.labeler.service":
        creator = part(record.creator, Author)
        url, title = profile(did), to_person(creator).name if creator else ""
    else:
        return None
    if not title or not web(url):
        return None
    said = words_of(record.description) or words_of(inner.get("description"))
    return LinkCard(url=url, title=title, site=SITE, description=said, picture=web(record.avatar))
