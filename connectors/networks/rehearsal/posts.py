"""From acts to Posts: what a post of an archive looks like after a number of acts, as pure functions of those.

It refuses to know the clock and the cursor; it is asked for a run of acts and tells what came of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import quote, unquote

from msgspec.structs import replace

from connectors.contract import Attachment, Choice, LinkCard, Mention, Person, Poll, Post, Quote
from connectors.errors import NotFound
from connectors.networks.rehearsal.archive import Archive
from connectors.networks.rehearsal.entities import (
    BoostEvent,
    Card,
    DeleteEvent,
    EditEvent,
    Picture,
    PostEvent,
    VoteEvent,
)
from connectors.networks.rehearsal.text import handles, safe_html, short_codes, tags, wish
from connectors.networks.rehearsal.timeline import Timeline
from connectors.text.html import plain

NETWORK = "rehearsal"
SCHEME = "rehearsal:"


class Played(NamedTuple):
    """A run of acts, told: posts oldest first in their newest state, deleted keys, and who boosted what."""

    posts: tuple[Post, ...]
    gone: tuple[str, ...]
    boosts: dict[str, Person]


class _State(NamedTuple):
    """What the acts so far have made of one post."""

    said: PostEvent
    created_at: datetime
    edited_at: datetime | None = None
    votes: VoteEvent | None = None
    booster: str = ""
    deleted: bool = False

    @property
    def heard(self) -> bool:
        """Whether it could be met on the hashtag: something said aside only through a boost."""
        return bool(self.booster) or not self.said.aside


class Playback:
    """One archive, played by one timeline from one start."""

    def __init__(self, archive: Archive, timeline: Timeline, start: datetime) -> None:
        self._archive = archive
        self._timeline = timeline
        self._start = start
        self._by_handle = {guest.handle: guest for guest in archive.people.values()}

    def between(self, first: int, end: int) -> Played:
        """What acts `first` to `end` (not included) brought. Each post is told once, as it stands at the end."""
        touched = dict.fromkeys(self._place(n) for n in range(first, end))
        posts: list[Post] = []
        gone: list[str] = []
        for lap, name in touched | dict.fromkeys(self._quoting(touched, end)):
            state = self._state(lap, name, end)
            if state.heard and not state.deleted:
                posts.append(self._post(lap, state, end))
            elif state.heard and (lap, name) in touched:
                gone.append(self._key(lap, name))
        posts.sort(key=lambda post: post.created_at)
        return Played(tuple(posts), tuple(gone), self._boosts(first, end))

    def _quoting(self, touched: Iterable[tuple[int, str]], end: int) -> Iterator[tuple[int, str]]:
        """Posts already said that quote one of these: what they quote has changed, or is gone."""
        for lap, name in touched:
            for other in self._archive.quoted_by.get(name, ()):
                if next(self._acts(lap, other, end), None) is not None:
                    yield lap, other

    def _place(self, n: int) -> tuple[int, str]:
        lap, index = divmod(n, self._timeline.lap_length)
        return lap, self._archive.acts[index].id

    def _moment(self, n: int) -> datetime:
        return self._start + timedelta(seconds=self._timeline.due(n))

    def _key(self, lap: int, name: str) -> str:
        again = f"#{lap + 1}" if lap else ""
        return f"{SCHEME}{self._archive.name}/{self._start:%Y%m%dT%H%M%S.%fZ}/{name}{again}"

    def _acts(self, lap: int, name: str, end: int) -> Iterator[int]:
        numbers = (lap * self._timeline.lap_length + index for index in self._archive.trail[name])
        return (n for n in numbers if n < end)

    def _state(self, lap: int, name: str, end: int) -> _State:
        numbers = self._acts(lap, name, end)
        state = _State(self._archive.said(name), self._moment(next(numbers)))
        for n in numbers:
            match self._archive.acts[n % self._timeline.lap_length]:
                case EditEvent() as act:
                    state = state._replace(said=replace(state.said, **act.changes()), edited_at=self._moment(n))
                case VoteEvent() as act:
                    state = state._replace(votes=act)
                case BoostEvent(by=by):
                    state = state._replace(booster=state.booster or by)
                case DeleteEvent():
                    state = state._replace(deleted=True)
        return state

    def _boosts(self, first: int, end: int) -> dict[str, Person]:
        boosts: dict[str, Person] = {}
        for n in range(first, end):
            lap, index = divmod(n, self._timeline.lap_length)
            act = self._archive.acts[index]
            if isinstance(act, BoostEvent) and not self._state(lap, act.id, end).deleted:
                boosts.setdefault(self._key(lap, act.id), self._person(act.by))
        return boosts

    def _post(self, lap: int, state: _State, end: int) -> Post:
        said = state.said
        guest = self._archive.people[said.by]
        html = safe_html(said.html, said.text, guest.url)
        words = said.text or plain(html)
        return Post(
            network=NETWORK,
            key=self._key(lap, said.id),
            url=said.url or f"{guest.url}/{said.id}",
            author=self._person(said.by),
            created_at=state.created_at,
            edited_at=state.edited_at,
            title=said.title,
            html=html,
            lang=said.lang,
            warning=said.warning,
            sensitive=said.sensitive,
            media=tuple(filter(None, map(self._attachment, said.pictures))),
            poll=self._poll(state),
            card=self._card(said.card),
            quote=self._quote(lap, said.quote, end),
            emojis=self._emojis(f"{guest.name} {words}"),
            tags=tags(words),
            mentions=tuple(self._mentions(words)),
            reply_to=self._key(lap, said.reply_to) if said.reply_to else "",
            opted_out=wish(guest.bio),
        )

    def _person(self, name: str) -> Person:
        guest = self._archive.people[name]
        return Person(
            name=guest.name,
            handle=guest.handle,
            url=guest.url,
            avatar=self._picture_url(guest.avatar),
            bot=guest.bot,
        )

    def _picture_url(self, file: str) -> str:
        """A URL that `picture_source` reads; empty for a picture that the archive may not show."""
        if file not in self._archive.files:
            return ""
        return f"{SCHEME}{self._archive.name}/{quote(file)}"

    def _attachment(self, picture: Picture) -> Attachment | None:
        still = self._picture_url(picture.file)
        if not (still or picture.url):
            return None
        return Attachment(
            kind=picture.kind,
            url=picture.url or still,
            preview=still,
            alt=picture.alt,
            width=picture.width,
            height=picture.height,
            focus=picture.focus,
        )

    def _poll(self, state: _State) -> Poll | None:
        question = state.said.poll
        if question is None:
            return None
        counts = state.votes.votes if state.votes else question.votes or (0,) * len(question.choices)
        return Poll(
            choices=tuple(Choice(title=title, votes=n) for title, n in zip(question.choices, counts, strict=True)),
            votes=sum(counts),
            voters=state.votes.voters if state.votes else None,
            multiple=question.multiple,
            closes_at=self._closing(state.created_at, question.closes),
            closed=state.votes.closed if state.votes else False,
        )

    def _closing(self, created_at: datetime, seconds: float | None) -> datetime | None:
        return None if seconds is None else created_at + timedelta(seconds=seconds / self._timeline.speed)

    def _card(self, card: Card | None) -> LinkCard | None:
        if card is None:
            return None
        return LinkCard(
            url=card.url,
            title=card.title,
            site=card.site,
            description=card.description,
            picture=self._picture_url(card.picture),
        )

    def _quote(self, lap: int, name: str, end: int) -> Quote | None:
        if not name:
            return None
        state = self._state(lap, name, end)
        if state.deleted:
            return None
        guest = self._archive.people[state.said.by]
        return Quote(
            key=self._key(lap, name),
            url=state.said.url or f"{guest.url}/{name}",
            author=self._person(state.said.by),
            html=safe_html(state.said.html, state.said.text, guest.url),
        )

    def _emojis(self, text: str) -> dict[str, str]:
        named = self._archive.header.emojis
        found = {code: self._picture_url(named[code]) for code in short_codes(text) if code in named}
        return {code: url for code, url in found.items() if url}

    def _mentions(self, words: str) -> Iterator[Mention]:
        for handle in handles(words):
            if guest := self._by_handle.get(handle):
                yield Mention(handle=handle, url=guest.url)


def picture_source(url: str) -> tuple[str, str]:
    """The archive's name and the file behind a picture's URL. Raises NotFound for a URL that we never gave out."""
    name, slash, file = url.removeprefix(SCHEME).partition("/")
    if not (url.startswith(SCHEME) and slash):
        raise NotFound(f"“{url}” is not a picture of an archive.")
    return name, unquote(file)
