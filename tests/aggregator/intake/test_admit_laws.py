"""For any pages in any order, both channels show the same as a simple model of the rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregator.items.ids import post_id
from aggregator.moderation.decisions import DecisionError, approve, hide, withdraw
from aggregator.sources.tables import Source
from aggregator.store.store import Store
from aggregator.walls.tables import Mode, Wall
from connectors.contract import Page, Post
from tests.aggregator.invented import BEN, KIM, NETWORK, START, a_source, a_wall, bring, said, shown

WALLS = (Mode.OPEN, Mode.APPROVE)
SOURCES = (0, 0, 1)
"""The walls of three sources; the first two share one."""
ORIGIN = (False, True, False)
"""Whether each source polls the origin of the posts."""
KEYS = "abcd"
VERBS = {"hide": (hide, "hidden"), "approve": (approve, "live"), "withdraw": (withdraw, "withdrawn")}

runs = count()


class Told(msgspec.Struct, frozen=True):
    """One post of a page: its key, its number of edits, one of two texts, and whether its author opted out."""

    key: str
    edit: int
    wording: str
    opted_out: bool = False


class Said(msgspec.Struct, frozen=True):
    source: int
    told: list[Told]
    gone: list[str]
    missing: list[str]
    boosted: bool


class Decided(msgspec.Struct, frozen=True):
    verb: str
    wall: int
    key: str


keys = st.sampled_from(KEYS)
tellings = st.builds(
    Told, keys, st.integers(0, 2), st.sampled_from(["one", "two"]), st.sampled_from([False, False, False, True])
)
pages = st.builds(
    Said,
    st.sampled_from(range(3)),
    st.lists(tellings, max_size=4),
    st.lists(keys, max_size=1),
    st.lists(keys, max_size=2),
    st.booleans(),
)
decisions = st.builds(Decided, st.sampled_from(sorted(VERBS)), st.sampled_from(range(2)), keys)


@dataclass
class Model:
    """Posts, items and sightings as dictionaries. A post that is gone is None.

    `shown` are the (source, key) that sources still show; `before` has the states of items hidden as unmatched.
    """

    posts: dict[str, Told | None] = field(default_factory=dict)
    items: dict[tuple[int, str], str] = field(default_factory=dict)
    seen: set[tuple[int, str]] = field(default_factory=set)
    shown: set[tuple[int, str]] = field(default_factory=set)
    from_origin: set[str] = field(default_factory=set)
    before: dict[tuple[int, str], str] = field(default_factory=dict)
    kept: set[tuple[int, str]] = field(default_factory=set)

    def say(self, page: Said) -> None:
        newest: dict[str, Told] = {}
        for told in page.told:
            if told.key not in newest or told.edit >= newest[told.key].edit:
                newest[told.key] = told
        for told in newest.values():
            self._tell(page.source, told)
        brought = {key for source, key in self.seen if source == page.source}
        for key in page.gone:
            if key in brought:
                self._forget(key)
        for key in page.missing:
            if key in brought and key not in newest and self.posts[key] is not None:
                self._miss(page.source, key)

    def _miss(self, source: int, key: str) -> None:
        self.shown.discard((source, key))
        place = SOURCES[source], key
        if any(other == key and SOURCES[number] == place[0] for number, other in self.shown) or place in self.kept:
            return
        if self.items.get(place) in {"held", "live"}:
            self.before[place], self.items[place] = self.items[place], "hidden"

    def _tell(self, source: int, told: Told) -> None:
        if told.key not in self.posts and ORIGIN[source]:
            self.from_origin.add(told.key)
        known = self.posts.setdefault(told.key, told)
        if known is None:
            return
        if self._replaces(source, told, known):
            known = self.posts[told.key] = told
            for wall in range(len(WALLS)):
                if known.opted_out and self.items.get((wall, told.key)) in {"held", "live"}:
                    self.items[wall, told.key] = "hidden"
                    self.kept.discard((wall, told.key))
        if ORIGIN[source]:
            self.from_origin.add(told.key)
        wall = SOURCES[source]
        if not known.opted_out and (wall, told.key) in self.before:
            self.items[wall, told.key] = self.before.pop((wall, told.key))
        first = "hidden" if known.opted_out else "held" if WALLS[wall] == Mode.APPROVE else "live"
        self.items.setdefault((wall, told.key), first)
        self.seen.add((source, told.key))
        self.shown.add((source, told.key))

    def _replaces(self, source: int, told: Told, known: Told) -> bool:
        if (told.wording, told.opted_out) == (known.wording, known.opted_out):
            return False
        if ORIGIN[source] != (told.key in self.from_origin):
            return ORIGIN[source]
        is_primary = source <= min((s for s, key in self.shown if key == told.key), default=source)
        if told.edit != known.edit:
            return told.edit > known.edit and (ORIGIN[source] or is_primary)
        return is_primary or (told.opted_out and not known.opted_out)

    def decide(self, decision: Decided) -> None:
        place = decision.wall, decision.key
        before, after = self.items.get(place), VERBS[decision.verb][1]
        post = self.posts.get(decision.key)
        if before is None or before == "withdrawn" or (after == "live" and post is not None and post.opted_out):
            return
        if after == "withdrawn":
            self._forget(decision.key)
        elif before != after or place in self.before:
            self.items[place] = after
            self.kept.discard(place)
            if self.before.pop(place, None) is not None and after == "live":
                self.kept.add(place)

    def _forget(self, key: str) -> None:
        self.posts[key] = None
        self.seen = {(source, other) for source, other in self.seen if other != key}
        self.shown = {(source, other) for source, other in self.shown if other != key}
        self.before = {(wall, other): state for (wall, other), state in self.before.items() if other != key}
        for wall, other in self.items:
            if other == key:
                self.items[wall, key] = "withdrawn"

    def on_wall(self, wall: int) -> dict[str, str]:
        return {key: wording for key, (state, wording) in self.on_desk(wall).items() if state == "live"}

    def on_desk(self, wall: int) -> dict[str, tuple[str, str]]:
        found = {}
        for (place, key), state in self.items.items():
            post = self.posts[key]
            if place == wall and post is not None:
                found[key] = (state, post.wording)
        return found


@dataclass
class Runtime:
    """The real intake, with keys that are unique to this run."""

    store: Store
    run: int
    walls: list[Wall]
    sources: list[Source]

    @classmethod
    async def build(cls, store: Store) -> Runtime:
        run = next(runs)
        walls = [await a_wall(store, f"wall-{run}-{n}", mode) for n, mode in enumerate(WALLS)]
        sources = [await a_source(store, walls[wall], f"tag{n}") for n, wall in enumerate(SOURCES)]
        return cls(store, run, walls, sources)

    def id(self, key: str) -> str:
        return post_id(NETWORK, f"{key}{self.run}")

    def post(self, told: Told) -> Post:
        edited_at = START + timedelta(minutes=told.edit + 1) if told.edit else None
        wish = "#nobot" if told.opted_out else ""
        return said(f"{told.key}{self.run}", told.wording, edited_at=edited_at, opted_out=wish)

    async def say(self, page: Said) -> None:
        posts = tuple(self.post(told) for told in page.told)
        gone = tuple(f"{key}{self.run}" for key in page.gone)
        missing = tuple(f"{key}{self.run}" for key in page.missing)
        boosts = {post.key: BEN for post in posts} if page.boosted else {}
        told = Page(posts=posts, gone=gone, missing=missing, boosts=boosts)
        is_origin = ORIGIN[page.source]
        await bring(self.store, self.sources[page.source], told, is_origin=lambda _: is_origin)

    async def decide(self, decision: Decided) -> None:
        async with self.store.write() as db:
            try:
                await VERBS[decision.verb][0](db, self.walls[decision.wall], self.id(decision.key), by=KIM)
            except DecisionError:
                return

    async def on_wall(self, wall: int) -> dict[str, str]:
        names = {self.id(key): key for key in KEYS}
        records = await shown(self.store, self.walls[wall].channel)
        return {names[id_]: body["html"] for id_, body in records.items() if body is not None}

    async def on_desk(self, wall: int) -> dict[str, tuple[str, str]]:
        names = {self.id(key): key for key in KEYS}
        records = await shown(self.store, self.walls[wall].desk)
        return {names[id_]: (body["state"], body["post"]["html"]) for id_, body in records.items() if body is not None}


@given(st.lists(pages | decisions, max_size=10))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_channels_show_what_the_model_shows(store: Store, acts: list[Said | Decided]) -> None:
    model, runtime = Model(), await Runtime.build(store)
    for act in acts:
        if isinstance(act, Said):
            model.say(act)
            await runtime.say(act)
        else:
            model.decide(act)
            await runtime.decide(act)
    for wall in range(len(WALLS)):
        assert await runtime.on_wall(wall) == model.on_wall(wall)
        assert await runtime.on_desk(wall) == model.on_desk(wall)
