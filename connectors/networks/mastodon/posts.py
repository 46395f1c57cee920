"""From a Mastodon status to a Post: pure functions, no requests."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from connectors.contract import Choice, LinkCard, Mention, Poll, Post, Quote
from connectors.contract.bounds import MAX_CHOICES, MAX_EMOJIS, MAX_MEDIA, MAX_MENTIONS
from connectors.contract.fields import count, flag, language, moment, part, parts, perhaps, string, words_of
from connectors.networks.mastodon.attachments import attachment_of, links_to
from connectors.networks.mastodon.entities import Ballot, Emoji, Media, Mentioned, Option, Preview, Quoted, Status, Tag
from connectors.networks.mastodon.people import handle_of, opted_out, to_person
from connectors.networks.mastodon.visibility import is_open, is_quiet
from connectors.text.characters import is_visible, visible
from connectors.text.hashtags import MAX_TAG, fold, in_text
from connectors.text.hosts import host_of
from connectors.text.html import READ_AT_MOST, clean, from_text, plain
from connectors.text.urls import web
from connectors.timeline.entries import UNSEEN_WARNING

NETWORK: Final = "mastodon"
MAX_POLL_LENGTH: Final = timedelta(days=3660)  # a later end is not meant seriously
MAX_TAGS: Final = 500  # tags of a post, listed or in its text, that are matched against its source …
MAX_TAGS_LENGTH: Final = 20_000  # … and their characters


def to_post(status: Status, first_seen: datetime) -> Post:
    """The Post of a status; pass the original of a boost. Its ids are in `Page.refs`.

    `first_seen` replaces a time that can't be read.
    """
    poll = part(status.poll, Ballot)
    created, edited = moment(status.created_at) or first_seen, moment(status.edited_at)
    attached = [(media, attachment_of(media)) for media in parts(status.media_attachments, Media, 2 * MAX_MEDIA)]
    return Post(
        network=NETWORK,
        key=status.uri,
        url=web(status.url) or web(status.uri),
        author=to_person(status.account),
        created_at=created,
        edited_at=edited if edited and edited > created else None,
        html=clean(
            string(status.content, READ_AT_MOST) + links_to(media for media, found in attached if found is None)
        ),
        lang=language(status.language),
        warning=_warning(status),
        sensitive=perhaps(status.sensitive),
        media=tuple(found for _, found in attached if found),
        poll=_poll(poll, created) if poll else None,
        card=_card(part(status.card, Preview)),
        quote=_quote(part(status.quote, Quoted), status),
        emojis=_emojis(status.account.emojis, status.emojis, poll.emojis if poll else None),
        tags=listed_tags(status),
        mentions=tuple(
            Mention(handle=handle_of(mention.acct, mention.url), url=web(mention.url))
            for mention in parts(status.mentions, Mentioned, MAX_MENTIONS)
        ),
        opted_out=opted_out(status.account),
    )


def says_nothing(post: Post) -> bool:
    """Whether its card would show only an author, or a warning about nothing."""
    if post.media or post.card or post.quote or post.warning not in ("", UNSEEN_WARNING):
        return False
    answers = [choice.title for choice in post.poll.choices] if post.poll else []
    return not any(map(is_visible, [*answers, plain(post.html)]))


def listed_tags(status: Status) -> tuple[str, ...]:
    """The tags that the server lists, in their normal form, each once."""
    names = (tag.name for tag in parts(status.tags, Tag, MAX_TAGS))
    return _some(fold(name) for name in names if len(name) <= MAX_TAG)


def lists_tags(status: Status) -> bool:
    """Whether the server's list of tags can be read."""
    listed = status.tags
    return isinstance(listed, list) and (not listed or bool(parts(listed, Tag, MAX_TAGS)))


def all_tags(status: Status, listed: tuple[str, ...]) -> tuple[str, ...]:
    """The listed tags and those of the text: servers list them differently."""
    said = _some(in_text(plain(_content(status))))
    return tuple(dict.fromkeys([*listed, *said]))


def _some(tags: Iterable[str]) -> tuple[str, ...]:
    """The first of those tags, each once: reading them takes time for each character."""
    found: dict[str, None] = {}
    length = 0
    for tag in islice(tags, MAX_TAGS):
        found[tag] = None
        length += len(tag)
        if length > MAX_TAGS_LENGTH:
            break
    return tuple(found)


def _content(status: Status) -> str:
    return string(status.content, READ_AT_MOST)


def _warning(status: Status) -> str:
    """The content warning; one without a visible character becomes a generic sentence."""
    words = words_of(status.spoiler_text)
    return words if is_visible(words) else UNSEEN_WARNING if string(status.spoiler_text).strip() else ""


def _poll(poll: Ballot, created: datetime) -> Poll | None:
    choices = tuple(
        Choice(title=words_of(option.title), votes=count(option.votes_count))
        for option in parts(poll.options, Option, MAX_CHOICES)
    )
    if not choices:
        return None
    closes = moment(poll.expires_at)
    return Poll(
        choices=choices,
        votes=count(poll.votes_count) or 0,
        voters=count(poll.voters_count),
        multiple=flag(poll.multiple),
        closes_at=closes if closes and closes - created < MAX_POLL_LENGTH else None,
        closed=flag(poll.expired),
    )


def _card(card: Preview | None) -> LinkCard | None:
    """The LinkCard. Its site is the link's own host, since a page may claim any name."""
    if card is None or not web(card.url):
        return None
    site = host_of(card.url)
    return LinkCard(
        url=card.url,
        title=visible(string(card.title)) or site,
        site=site,
        description=words_of(card.description),
        picture=web(card.image),
    )


def _quote(quote: Quoted | None, by: Status) -> Quote | None:
    """The quoted post, if its author accepted the quote, meant the post for public places, and didn't opt out.

    An unlisted post is quoted only by an unlisted one of its own author.
    """
    status = part(quote.quoted_status, Status) if quote and quote.state == "accepted" else None
    if status is None or not is_open(status) or opted_out(status.account):
        return None
    if is_quiet(status) and not (is_quiet(by) and status.account.id == by.account.id):
        return None
    warning = _warning(status)
    return Quote(
        key=status.uri,
        url=web(status.url) or web(status.uri),
        author=to_person(status.account),
        html=from_text(warning) if warning else clean(_content(status)),  # a warning covers
    )


def _emojis(*lists: object) -> dict[str, str]:
    """Custom emoji by short code; if author and post differ, the post's own picture wins."""
    found: Iterable[Emoji] = (emoji for entries in lists for emoji in parts(entries, Emoji, MAX_EMOJIS))
    return {emoji.shortcode: url for emoji in found if (url := web(emoji.static_url) or web(emoji.url))}
