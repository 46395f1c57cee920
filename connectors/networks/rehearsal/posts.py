"""From acts to Posts: a post's state after a number of acts, by pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from html import escape
from typing import NamedTuple

from msgspec.structs import replace

from connectors.contract import Choice, Person, Poll, Post, Quote
from connectors.contract.consent import wish_in
from connectors.networks.rehearsal.archive import Archive
from connectors.networks.rehearsal.entities import (
    BoostEvent,
    DeleteEvent,
    EditEvent,
    PostEvent,
    VoteEvent,
)
from connectors.networks.rehearsal.parts import SCHEME, Parts
from connectors.networks.rehearsal.text import safe_html, tags
from connectors.networks.rehearsal.timeline import Timeline
from connectors.text.html import plain

NETWORK = "rehearsal"


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
        self._parts = Parts(archive)

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
                boosts.setdefault(self._key(loop, act.id), self._parts.person(act.by))
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
            author=self._parts.person(said.by),
            created_at=state.created_at,
            edited_at=state.edited_at,
            title=said.title,
            html=html,
            lang=said.lang,
            warning=said.warning,
            sensitive=said.sensitive,
            media=tuple(filter(None, map(self._parts.attachment, said.pictures))),
            poll=self._poll(state),
            card=self._parts.card(said.card),
            quote=self._quote(loop, said.quote, end),
            emojis=self._parts.emojis(f"{author.name} {words}"),
            tags=tags(words),
            mentions=tuple(self._parts.mentions(words)),
            reply_to=self._key(loop, said.reply_to) if said.reply_to else "",
            opted_out=wish_in(escape(author.bio)),
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
            author=self._parts.person(state.said.by),
            html=safe_html(state.said.html, state.said.text, author.url),
        )
