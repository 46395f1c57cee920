"""An author on one wall: the posts there, and whether the author is hidden, trusted or left out."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from typing import NamedTuple

from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.channel.read import POST, by_keys
from aggregator.channel.tables import Record
from aggregator.items.listing import ItemFilter, bare, list_items
from aggregator.moderation.author_rules import hidden_why
from aggregator.moderation.history import HistoryEntry, HistoryFilter, list_history
from aggregator.moderation.opt_outs import list_opt_outs
from aggregator.moderation.tables import OptOut
from aggregator.moderation.trust import is_trusted
from aggregator.walls.tables import Wall


class AuthorOnWall(NamedTuple):
    """What is known of an author on a wall.

    `hidden` is the reason of the rule that hides the author, None without one; `opt_outs` count on this wall.
    `records` are those of the desk, the newest post first. `history` has the newest decisions about the author.
    """

    hidden: str | None
    is_trusted: bool
    opt_outs: Sequence[OptOut]
    records: Sequence[Record]
    history: Sequence[HistoryEntry]

    @property
    def is_known(self) -> bool:
        return bool(self.records or self.history or self.is_trusted or self.opt_outs or self.hidden is not None)


async def read_author(
    db: AsyncSession, wall: Wall, handle: str, *, after: tuple[int, str] | None = None, limit: int
) -> AuthorOnWall:
    """Return what is known, with at most `limit` posts that come `after` one, given by its timestamp in µs and id."""
    ids: list[str] = []
    async with aclosing(list_items(db, ItemFilter(wall, author=handle, after=after))) as items:
        async for item in items:
            if item.post is not None and bare(item.post.author.handle) == bare(handle):
                ids.append(item.post_id)
            if len(ids) == limit:
                break
    found = {record.key: record for record in await by_keys(db, wall.desk, POST, ids)}
    return AuthorOnWall(
        hidden=await hidden_why(db, wall, handle),
        is_trusted=await is_trusted(db, wall, handle),
        opt_outs=[each for each in await list_opt_outs(db, wall) if each.handle == bare(handle)],
        records=[found[id_] for id_ in ids if id_ in found],
        history=await list_history(db, wall, HistoryFilter(subject=bare(handle))),
    )
