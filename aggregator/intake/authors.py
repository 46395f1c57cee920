"""Changes that concern all posts of an author: a deleted account, a new name, a new avatar.

A page reports a few posts; the connector is asked about their authors, and all other posts of an author follow.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import msgspec
import structlog
from msgspec.structs import replace
from sqlalchemy import ColumnElement
from sqlmodel import col, select

from aggregator.audit.actor import ORIGIN
from aggregator.intake.admit import GONE, AdmitResult
from aggregator.intake.context import PollContext, call_connector, load, origin_of, with_retries
from aggregator.intake.rewriting import locked, rewrite
from aggregator.items.ids import author_id, same_author
from aggregator.items.publishing import show
from aggregator.items.tables import StoredPost
from aggregator.moderation.edits import Edit
from aggregator.moderation.origin import withdraw_posts
from aggregator.moderation.presence import UNSHOWN, take_off
from aggregator.sources.tables import Sighting, Source
from aggregator.store.errors import Outage
from aggregator.store.lease import shielded
from aggregator.store.sql import MAX_IN_TRANSACTION, stored_id
from aggregator.walls.tables import Wall
from connectors.contract import Person, Post, Presence
from connectors.contract.origin import host_of_key
from connectors.errors import ConnectorError

MAX_LOOKUPS = 5
"""Authors to look up after one page."""
LOOKUP_INTERVAL = timedelta(minutes=5)
"""How long an author is not looked up again."""
MAX_RENEWED = 500
"""The newest posts of an author that get a new name or avatar; older ones keep the old one."""

REPOSITORY = "at://"
"""The beginning of a key whose origin is the repository named next (https://atproto.com/specs/at-uri-scheme)."""

log = structlog.get_logger()


class Authors:
    """Call `follow_up` after each admitted page. Recent lookups are kept in memory only."""

    def __init__(self, context: PollContext) -> None:
        self._context = context
        self._asked: dict[tuple[int, int], datetime] = {}

    async def follow_up(self, source_id: int, admitted: AdmitResult) -> bool:
        """Update the posts of lost and renamed authors; returns whether any changed. An outage defers the work."""
        source = await load(self._context, source_id)
        if source is None:
            return False
        changed = False
        try:
            for author in self._due(source, admitted.authors_to_check):
                changed |= await self._ask(source, author)
            for author in admitted.renamed[:MAX_LOOKUPS]:
                changed |= await self._renew(source, author)
        except Outage as outage:
            log.warning("authors deferred", source=source_id, error=str(outage))
        return changed

    def _due(self, source: Source, authors: tuple[Person, ...]) -> list[Person]:
        at = self._context.clock()
        due: list[Person] = []
        recent = {name: asked for name, asked in self._asked.items() if timedelta(0) <= at - asked < LOOKUP_INTERVAL}
        self._asked = recent
        for author in authors:
            name = (stored_id(source), author_id(source.network, author))
            if name not in self._asked and len(due) < MAX_LOOKUPS:
                self._asked[name] = at
                due.append(author)
        return due

    async def _ask(self, source: Source, author: Person) -> bool:
        try:
            presence = await call_connector(
                self._context, source, lambda connector, address: connector.author(self._context.http, address, author)
            )
        except ConnectorError as error:
            log.warning("author lookup failed", source=source.id, error=str(error))
            self._asked.pop((stored_id(source), author_id(source.network, author)), None)
            return False
        if presence == Presence.PRESENT:
            return False
        mark = author_id(source.network, author)
        total = await self._withdraw(source, author, mark) if presence == Presence.GONE else 0
        while number := await shielded(with_retries(self._context, source, partial(self._take_off, source, mark))):
            total += number
        log.info("author gone", source=source.id, presence=presence.value, posts=total)
        return total > 0

    async def _withdraw(self, source: Source, author: Person, mark: int) -> int:
        """Withdraw all posts from the author's own host; a post from elsewhere need not be the author's."""
        position: int | None = 0
        total = 0
        while position is not None:
            step = partial(self._withdraw_some, author, mark, position)
            withdrawn, position = await shielded(with_retries(self._context, source, step))
            total += withdrawn
        return total

    async def _withdraw_some(self, author: Person, mark: int, above: int) -> tuple[int, int | None]:
        """Withdraw the author's oldest posts above a number; returns (withdrawn, next position)."""
        async with self._context.store.write() as db:
            query = select(StoredPost.n).where(*_by(mark), col(StoredPost.n) > above)
            found = (await db.exec(query.order_by(col(StoredPost.n)).limit(MAX_IN_TRANSACTION))).all()
            theirs = [id_ for id_, body in await locked(db, found, *_by(mark)) if _is_at_home(body, author)]
            if theirs:
                await withdraw_posts(db, theirs, ORIGIN, GONE)
            return len(theirs), found[-1] if len(found) == MAX_IN_TRANSACTION else None

    async def _take_off(self, source: Source, author: int) -> int:
        """Take off the next posts of this author that the source still shows, though its server no longer does."""
        async with self._context.store.write() as db:
            query = (
                select(StoredPost.id)
                .join(Sighting)
                .where(StoredPost.author == author, Sighting.source_id == source.id, col(Sighting.shown).is_(True))
                .order_by(col(StoredPost.id))
                .limit(MAX_IN_TRANSACTION)
                .with_for_update(key_share=True, of=StoredPost)
            )
            post_ids = list(await db.exec(query))
            hidden = await take_off(db, source, post_ids, UNSHOWN)
            if hidden:
                await show(db, await db.get_one(Wall, source.wall_id), hidden)
            return len(post_ids)

    async def _renew(self, source: Source, author: Person) -> bool:
        position: int | None = None
        total, seen = 0, 0
        while seen < MAX_RENEWED:
            step = partial(self._renew_some, source, author, position)
            found, renewed, position = await shielded(with_retries(self._context, source, step))
            total, seen = total + renewed, seen + found
            if position is None:
                break
        return total > 0

    async def _renew_some(self, source: Source, author: Person, below: int | None) -> tuple[int, int, int | None]:
        """Renew the author's newest posts below a number; returns (read, renewed, next position)."""
        theirs = (*_by(author_id(source.network, author)), col(StoredPost.from_origin).is_(True))
        async with self._context.store.write() as db:
            query = select(StoredPost.n).where(*theirs)
            if below is not None:
                query = query.where(col(StoredPost.n) < below)
            found = (await db.exec(query.order_by(col(StoredPost.n).desc()).limit(MAX_IN_TRANSACTION))).all()
            is_origin, renewed = origin_of(self._context, source), dict[str, Edit]()
            for post_id, body in await locked(db, found, *theirs):
                post = msgspec.json.decode(body, type=Post)
                if is_origin(post.key) and post.author != author and same_author(post.author, author):
                    renewed[post_id] = Edit(replace(post, author=author), post)
            await rewrite(db, renewed)
            return len(found), len(renewed), found[-1] if len(found) == MAX_IN_TRANSACTION else None


def _by(author: int) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions for an author's posts that have a body."""
    return (col(StoredPost.author) == author, col(StoredPost.body).is_not(None))


def _is_at_home(body: bytes, author: Person) -> bool:
    """Whether the post's key names the host of the author's URL; in an `at://` URI, the repository at its end.

    A key without a host counts as such.
    """
    key = msgspec.json.decode(body, type=Post).key
    if key.startswith(REPOSITORY):
        return key.removeprefix(REPOSITORY).partition("/")[0] == author.url.rpartition("/")[2]
    return host_of_key(key) in ("", host_of_key(author.url))
