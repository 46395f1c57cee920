"""From a Mastodon status to a Post: pure functions, no requests.

It owns what each field means and who has asked to be left out; it refuses to know where the status came from.
"""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final, Literal
from urllib.parse import urlsplit

from connectors._base import Attachment, Choice, LinkCard, Mention, Person, Poll, Post, Quote
from connectors._html import clean, from_text, plain
from connectors._html_text import calm
from connectors._mastodon_shapes import (
    Account,
    Ballot,
    Emoji,
    Field,
    Focus,
    Media,
    Mentioned,
    Meta,
    Preview,
    Quoted,
    Side,
    Status,
    Tag,
    part,
    parts,
)
from connectors._mastodon_tags import carries, fold

NETWORK: Final = "mastodon"
OPEN: Final = frozenset({"public", "unlisted"})
"""What anyone may read. GoToSocial posts unlisted by default: open to all, only kept out of its public timeline."""

WISHES: Final = frozenset({"nobot", "noindex"})
LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
LARGEST: Final = 100_000  # pixels; a larger number is a joke at our expense
FILM: Final[dict[str, Literal["image", "video", "gif", "audio"]]] = {
    "image": "image",
    "gifv": "gif",
    "video": "video",
    "audio": "audio",
}


def to_post(status: Status) -> Post:
    """What the status says; its own words only, so call it with the original of a boost. Ids stay out: see `refs`."""
    poll = part(status.poll, Ballot)
    return Post(
        network=NETWORK,
        key=status.uri,
        url=web(status.url) or web(status.uri),
        author=to_person(status.account),
        created_at=aware(status.created_at),
        edited_at=aware(status.edited_at) if status.edited_at else None,
        html=clean(status.content or ""),
        lang=status.language if status.language and LANGUAGE.fullmatch(status.language) else "",
        warning=_words(status.spoiler_text),
        sensitive=bool(status.sensitive),
        media=tuple(filter(None, map(_attachment, parts(status.media_attachments, Media)))),
        poll=_poll(poll) if poll else None,
        card=_card(part(status.card, Preview)),
        quote=_quote(part(status.quote, Quoted)),
        emojis=_emojis(status.account.emojis, status.emojis, poll.emojis if poll else None),
        tags=tuple(dict.fromkeys(fold(tag.name) for tag in parts(status.tags, Tag))),
        mentions=tuple(
            Mention(handle=_handle(mention.acct, mention.url), url=web(mention.url))
            for mention in parts(status.mentions, Mentioned)
        ),
        opted_out=opted_out(status.account),
    )


def is_open(status: Status) -> bool:
    """Whether anyone may read it: followers-only and direct posts reach no wall, whoever's token we hold."""
    return status.visibility in OPEN


def opted_out(account: Account) -> str:
    """The author's wish to be left out, as a sentence; empty if there is none.

    `noindex`, and the hashtags #noindex and #nobot in the profile, are wishes that somebody uttered. `discoverable`
    and `indexable` are not read here: both are off until an author turns them on, so that "false" is how most accounts
    were created and says nothing; reading it as a wish would silence people who posted with the event's own tag.
    """
    if account.noindex:
        return "The author asks search engines and services like ours to leave their posts out (noindex)."
    words = [account.note or "", *(f"{field.name} {field.value}" for field in parts(account.fields, Field))]
    for text in words:
        if "#" in text and (wish := carries(plain(text), WISHES)):
            return f"The author asks to be left out: #{wish} stands in their profile."
    return ""


def to_person(account: Account) -> Person:
    return Person(
        name=_words(account.display_name) or account.username or account.acct,
        handle=_handle(account.acct, account.url),
        url=web(account.url),
        avatar=web(account.avatar_static) or web(account.avatar),
        bot=bool(account.bot),
    )


def web(url: str | None) -> str:
    """The URL if it leads to the web, else nothing: `javascript:` and its kin come through servers unchanged."""
    return url if url and url.lower().startswith(("https://", "http://")) else ""


def aware(moment: datetime) -> datetime:
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _words(text: str | None) -> str:
    return calm(text or "").strip()


def _handle(acct: str, url: str | None) -> str:
    """`@ada@mastodon.example`: an `acct` of the answering server lacks its host, which the profile's URL has."""
    acct = acct.removeprefix("@")
    if "@" in acct:
        return f"@{acct}"
    host = urlsplit(web(url)).netloc
    return f"@{acct}@{host}" if host else f"@{acct}"


def _attachment(media: Media) -> Attachment | None:
    url = web(media.url) or web(media.remote_url)
    kind = FILM.get(media.type) or _kind_by_name(web(media.remote_url) or url)
    if not url or not kind:
        return None
    meta = part(media.meta, Meta) or Meta()
    sides = (part(meta.original, Side), part(meta.small, Side))
    side = next((side for side in sides if side and side.width and side.height), Side())
    focus = part(meta.focus, Focus)
    return Attachment(
        kind=kind,
        url=url,
        preview=_still(web(media.preview_url), url, kind),
        alt=_words(media.description),
        width=max(0, round(_within(side.width or 0, LARGEST))),
        height=max(0, round(_within(side.height or 0, LARGEST))),
        focus=(_within(focus.x, 1), _within(focus.y, 1)) if focus else None,
        blurhash=media.blurhash or "",
    )


def _kind_by_name(url: str) -> Literal["image", "video", "gif", "audio"] | None:
    """What a server calls `unknown` (it did not fetch it, or knows no such kind), by the ending of its name."""
    guess = (mimetypes.guess_type(urlsplit(url).path)[0] or "").partition("/")[0]
    return FILM.get(guess)


def _still(preview: str, url: str, kind: str) -> str:
    """The still picture: Pleroma gives the film itself as its own preview, which no picture is."""
    return preview if kind == "image" or preview != url else ""


def _within(value: float, bound: float) -> float:
    return min(bound, max(-bound, value))


def _poll(poll: Ballot) -> Poll:
    return Poll(
        choices=tuple(Choice(title=_words(option.title), votes=option.votes_count) for option in poll.options),
        votes=poll.votes_count or 0,
        voters=poll.voters_count,
        multiple=bool(poll.multiple),
        closes_at=aware(poll.expires_at) if poll.expires_at else None,
        closed=bool(poll.expired),
    )


def _card(card: Preview | None) -> LinkCard | None:
    if card is None or not web(card.url):
        return None
    site = _words(card.provider_name) or urlsplit(card.url).netloc
    return LinkCard(
        url=card.url,
        title=_words(card.title) or site,
        site=site,
        description=_words(card.description),
        picture=web(card.image),
    )


def _quote(quote: Quoted | None) -> Quote | None:
    """The quoted post, if its author agreed to it, everyone may read it, and they didn't ask to be left out."""
    status = part(quote.quoted_status, Status) if quote and quote.state == "accepted" else None
    if status is None or not is_open(status) or opted_out(status.account):
        return None
    return Quote(
        key=status.uri,
        url=web(status.url) or web(status.uri),
        author=to_person(status.account),
        html=from_text(status.spoiler_text) if status.spoiler_text else clean(status.content or ""),  # a warning covers
    )


def _emojis(*lists: object) -> dict[str, str]:
    """Custom emoji by short code; where author and post differ, the post's own picture wins."""
    found: Iterable[Emoji] = (emoji for entries in lists for emoji in parts(entries, Emoji))
    return {emoji.shortcode: url for emoji in found if (url := web(emoji.static_url) or web(emoji.url))}
