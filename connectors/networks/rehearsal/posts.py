"""From acts to Posts: a post's state after a number of acts, by pure functions."""

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
    """The result of a run of acts: posts oldest first in their newest state, deleted keys, and boosters."""

    posts: tuple[Post, ...]
    gone: tuple[str, ...]
    boosts: dict[str, Person]


class _State(NamedTuple):
    """The state of one post after the acts so far."""

    said: PostEvent
    created_at: datetime
    edited_at: datetime | None = None
    votes: VoteEvent | None = None
    booster: str = ""
    deleted: bool = False

    @property
    def heard(self) -> bool:
        """Whether it has appeared under the hashtag: a post said aside only does by a boost."""
        return bool(self.booster) or not self.said.aside


class Playback:
    """One archive, played on one timeline from one start."""

    def __init__(self, archive: Archive, timeline: Timeline, start: datetime) -> None:
        self._archive = archive
        self._timeline = timeline
        self._start = start
        self._by_handle = {author.handle: author for author in archive.people.values()}

    def between(self, first: int, end: int) -> Played:
        """The result of acts `first` to `end` (exclusive). Each post comes once, in its state at the end."""
        touched = dict.fromkeys(self._place(n) for n in range(first, end))
        posts: list[Post] = []
        gone: list[str] = []
        for loop, name in touched | dict.fromkeys(self._quoting(touched, end)):
            state = self._state(loop, name, end)
            if state.heard and not state.deleted:
                posts.append(self._post(loop, state, end))
            elif state.heard and (loop, name) in touched:
                gone.append(self._key(loop, name))
        posts.sort(key=lambda post: post.created_at)
        return Played(tuple(posts), tuple(gone), self._boosts(first, end))

    def _quoting(self, touched: Iterable[tuple[int, str]], end: int) -> Iterator[tuple[int, str]]:
        """Earlier posts that quote one of these changed or deleted posts."""
        for loop, name in touched:
            for other in self._archive.quoted_by.get(name, ()):
                if next(self._acts(loop, other, end), None) is not None:
                    yield loop, other

    def _place(self, n: int) -> tuple[int, str]:
        loop, index = divmod(n, self._timeline.loop_length)
        return loop, self._archive.acts[index].id

    def _moment(self, n: int) -> datetime:
        return self._start + timedelta(seconds=self._timeline.due(n))

    def _key(self, loop: int, name: str) -> str:
        again = f"#{loop + 1}" if loop else ""
        return f"{SCHEME}{self._archive.name}/{self._start:%Y%m%dT%H%M%S.%fZ}/{name}{again}"

    def _acts(self, loop: int, name: str, end: int) -> Iterator[int]:
        numbers = (loop * self._timeline.loop_length + index for index in self._archive.trail[name])
        return (n for n in numbers if n < end)

    def _state(self, loop: int, name: str, end: int) -> _State:
        numbers = self._acts(loop, name, end)
        state = _State(self._archive.said(name), self._moment(next(numbers)))
        for n in numbers:
            match self._archive.acts[n % self._timeline.loop_length]:
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
            loop, index = divmod(n, self._timeline.loop_length)
            act = self._archive.acts[index]
            if isinstance(act, BoostEvent) and not self._state(loop, act.id, end).deleted:
                boosts.setdefault(self._key(loop, act.id), self._person(act.by))
        return boosts

    def _post(self, loop: int, state: _State, end: int) -> Post:
        said = state.said
        author = self._archive.people[said.by]
        html = safe_html(said.html, said.text, author.url)
        words = said.text or plain(html)
        return Post(
            network=NETWORK,
            key=self._key(loop, said.id),
            url=said.url or f"{author.url}/{said.id}",
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
            quote=self._quote(loop, said.quote, end),
            emojis=self._emojis(f"{author.name} {words}"),
            tags=tags(words),
            mentions=tuple(self._mentions(words)),
            reply_to=self._key(loop, said.reply_to) if said.reply_to else "",
            opted_out=wish(author.bio),
        )

    def _person(self, name: str) -> Person:
        author = self._archive.people[name]
        return Person(
            name=author.name,
            handle=author.handle,
            url=author.url,
            avatar=self._picture_url(author.avatar),
            bot=author.bot,
        )

    def _picture_url(self, file: str) -> str:
        """A URL that `picture_source` reads; empty if the archive does not have the picture."""
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

    def _quote(self, loop: int, name: str, end: int) -> Quote | None:
        if not name:
            return None
        state = self._state(loop, name, end)
        if state.deleted:
            return None
        author = self._archive.people[state.said.by]
        return Quote(
            key=self._key(loop, name),
            url=state.said.url or f"{author.url}/{name}",
            author=self._person(state.said.by),
            html=safe_html(state.said.html, state.said.text, author.url),
        )

    def _emojis(self, text: str) -> dict[str, str]:
        named = self._archive.header.emojis
        found = {code: self._picture_url(named[code]) for code in short_codes(text) if code in named}
        return {code: url for code, url in found.items() if url}

    def _mentions(self, words: str) -> Iterator[Mention]:
        for handle in handles(words):
            if author := self._by_handle.get(handle):
                yield Mention(handle=handle, url=author.url)


def picture_source(url: str) -> tuple[str, str]:
    """The archive's name and the file behind a picture's URL. Raises NotFound for an unknown URL."""
    name, slash, file = url.removeprefix(SCHEME).partition("/")
    if not (url.startswith(SCHEME) and slash):
        raise NotFound(f"Picture not found: “{url}” is not a picture of an archive.")
    return name, unquote(file)
