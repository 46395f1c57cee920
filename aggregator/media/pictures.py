"""The state of each picture that posts show: waiting, then ready or refused."""

from __future__ import annotations

import re
from base64 import b32encode
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, delete, or_, update
from sqlalchemy import select as columns
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator import timestamps
from aggregator.media.color import color_of_blurhash
from aggregator.media.images import PURPOSES
from aggregator.media.tables import PictureUse, Progress, StoredPicture
from aggregator.store.sql import chunks, inserting

ID_BITS = 160
MAX_URL = 2048
MAX_TROUBLE = 300
MAX_SIDE = 65_535
"""Pixels; a network's claim of a larger side is ignored."""
URL = re.compile(r"(?!(?:data|blob|javascript|file|about):)[a-z][a-z0-9+.-]*:.", re.IGNORECASE)
"""A connector may fetch any scheme, except those that are never addresses on a network."""

LEASE = timedelta(minutes=1)
"""How long a picture belongs to the worker that took it, and how long a crash of that worker delays it."""
SKEW = timedelta(minutes=1)
"""How far the clocks of two picture workers may differ without one taking pictures that the other has just taken."""
BACK_OFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))
"""The pauses after the first, second and third failure. The fourth failure is final."""
MAX_WAIT = 86_400.0
"""Seconds; a longer `Retry-After` of a host is cut to this."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A picture that a post shows. `purpose` is avatar, emoji or picture.

    `blurhash`, `width` and `height` give the placeholder its colour and shape.
    """

    network: str
    url: str
    purpose: str
    blurhash: str = ""
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A picture whose files are in the blob store."""

    id: str
    file: str
    color: str
    width: int
    height: int


class PictureView(NamedTuple):
    """What a card needs of a stored picture; `file` is empty until it is ready."""

    progress: Progress
    file: str
    color: str
    width: int
    height: int


OF_VIEW = tuple(col(getattr(StoredPicture, name)) for name in ("id", *PictureView._fields))
"""The columns of a picture's id and view. Whole rows as objects would cost more than the query."""


@lru_cache(maxsize=4096)  # the same avatars recur, and each needs its id several times
def picture_id(network: str, url: str, purpose: str) -> str:
    """Return the id of a picture, thirty-two lower-case letters and digits, from its network, URL and purpose."""
    name = f"{network}\0{purpose}\0{url}".encode(errors="surrogatepass")
    return b32encode(blake2b(name, digest_size=ID_BITS // 8).digest()).decode().lower()


# --- for posts --------------------------------------------------------------------------------------------------


async def want(db: AsyncSession, wanted: Iterable[tuple[int, Wanted]]) -> None:
    """Request these pictures, each with the number of the post that shows it; known ones are left unchanged.

    The posts must be stored. Invalid URLs are left out, so `look_up` never finds them. When a post is edited or
    removed, `release` it first.
    """
    named = [(picture_id(each.network, each.url, each.purpose), n, each) for n, each in wanted if _sane(each)]
    asked = {id_: each for id_, _, each in named}
    uses = {(n, id_) for id_, n, _ in named}
    known = await _lock_known(db, asked)
    at = timestamps.now()
    await _insert(db, [_row(id_, asked[id_], at) for id_ in sorted(asked.keys() - known)])
    await _note_uses(db, sorted(uses))


async def release(db: AsyncSession, posts: Collection[int]) -> None:
    """Release the pictures of these posts, by number. Unused pictures are soon deleted, with their files."""
    for chunk in chunks(sorted(set(posts))):
        await db.exec(delete(PictureUse).where(col(PictureUse.post_n).in_(chunk)))


async def look_up(db: AsyncSession, ids: Collection[str]) -> dict[str, PictureView]:
    """Return the known ones of these pictures, by `picture_id`."""
    found: dict[str, PictureView] = {}
    for chunk in chunks(sorted(set(ids))):
        query: Any = columns(*OF_VIEW).where(col(StoredPicture.id).in_(chunk))
        found |= {id_: PictureView(*rest) for id_, *rest in await db.exec(query)}
    return found


# --- for the picture worker -------------------------------------------------------------------------------------


async def are_due(db: AsyncSession, at: datetime) -> bool:
    """Whether `take` would find anything; cheap, and read-only."""
    query = select(StoredPicture.id).where(*_due(at)).limit(1)
    return (await db.exec(query)).first() is not None


async def take(db: AsyncSession, at: datetime, limit: int) -> list[StoredPicture]:
    """Return pictures to fetch now, leased to the caller.

    The newest come first, because visitors are looking at their posts; among these the avatars, which every card has.
    """
    newest = (col(StoredPicture.next_try_at).desc(), col(StoredPicture.purpose), col(StoredPicture.id))
    query = select(StoredPicture).where(*_due(at)).order_by(*newest).limit(limit).with_for_update(skip_locked=True)
    taken = list(await db.exec(query))
    for picture in taken:
        picture.next_try_at = at + LEASE
    return taken


async def newest_posts(db: AsyncSession, ids: Collection[str]) -> dict[str, int]:
    """Return the number of the newest post that shows each of these pictures."""
    found: dict[str, int] = {}
    for chunk in chunks(sorted(set(ids))):
        query = select(PictureUse.picture_id, func.max(PictureUse.post_n)).where(col(PictureUse.picture_id).in_(chunk))
        found |= dict((await db.exec(query.group_by(col(PictureUse.picture_id)))).all())
    return found


async def lock_pictures(db: AsyncSession, ids: Collection[str]) -> None:
    """Lock these pictures until the transaction ends, in the same order as `want`."""
    for chunk in chunks(sorted(set(ids))):
        query = select(StoredPicture.id).where(col(StoredPicture.id).in_(chunk)).order_by(StoredPicture.id)
        await db.exec(query.with_for_update())


async def finished(db: AsyncSession, files: Sequence[StoredFile]) -> None:
    """Mark these pictures as ready. A picture that was deleted meanwhile stays deleted."""
    if not files:
        return
    names = ("file", "color", "width", "height")
    statement = (
        update(StoredPicture.__table__)  # type: ignore[attr-defined]  # SQLModel gives it and does not declare it
        .where(col(StoredPicture.id) == bindparam("this"))
        .values(progress=Progress.READY, trouble="", **{name: bindparam(f"new_{name}") for name in names})
    )
    rows = [{"this": one.id, **{f"new_{name}": getattr(one, name) for name in names}} for one in files]
    await (await db.connection()).execute(statement, rows)


async def failed(
    db: AsyncSession, picture_id: str, trouble: str, at: datetime, *, final: bool = False, wait: float = 0.0
) -> bool:
    """Record a failure, with its reason in one sentence; returns whether it was the last try.

    `final` means that another try would be useless. `wait` means that the picture is not at fault: it is deferred for
    that many seconds, at least the first back-off, and the try does not count.
    """
    picture = await db.get(StoredPicture, picture_id, with_for_update=True)
    if picture is None or picture.progress != Progress.WAITING:
        return False
    picture.trouble = "".join(c if c.isprintable() else "·" for c in trouble)[:MAX_TROUBLE]
    if wait:
        picture.next_try_at = at + max(BACK_OFF[0], timedelta(seconds=min(wait, MAX_WAIT)))
        return False
    picture.tries += 1
    if final or picture.tries > len(BACK_OFF):
        picture.progress = Progress.REFUSED
        return True
    picture.next_try_at = at + BACK_OFF[picture.tries - 1]
    return False


async def shown_by(db: AsyncSession, ids: Collection[str]) -> set[int]:
    """Return the numbers of the posts that show any of these pictures."""
    posts: set[int] = set()
    for chunk in chunks(sorted(set(ids))):
        posts.update(await db.exec(select(PictureUse.post_n).where(col(PictureUse.picture_id).in_(chunk))))
    return posts


# --- details ----------------------------------------------------------------------------------------------------


def _sane(each: Wanted) -> bool:
    """Whether the picture can be stored: PostgreSQL would refuse a whole batch for one unprintable character."""
    url = each.url
    return each.purpose in PURPOSES and len(url) <= MAX_URL and url.isprintable() and bool(URL.match(url))


def _row(id_: str, each: Wanted, at: datetime) -> dict[str, object]:
    believed = 0 < each.width <= MAX_SIDE and 0 < each.height <= MAX_SIDE
    return {
        "id": id_,
        "network": each.network,
        "url": each.url,
        "purpose": each.purpose,
        "progress": Progress.WAITING,
        "file": "",
        "color": color_of_blurhash(each.blurhash),
        "width": each.width if believed else 0,
        "height": each.height if believed else 0,
        "tries": 0,
        "next_try_at": at,
        "trouble": "",
    }


async def _lock_known(db: AsyncSession, ids: Collection[str]) -> set[str]:
    """Return the stored ones, locked against deletion and against becoming ready until this transaction ends.

    If a picture became ready before its new use is visible, that post would never be republished.
    """
    held: set[str] = set()
    for chunk in chunks(sorted(set(ids))):
        query = select(StoredPicture.id).where(col(StoredPicture.id).in_(chunk)).order_by(StoredPicture.id)
        held.update(await db.exec(query.with_for_update(read=True)))
    return held


async def _insert(db: AsyncSession, rows: list[dict[str, object]]) -> None:
    """Insert the rows that do not exist yet. They come sorted, so that two writers never deadlock."""
    if rows:
        connection = await db.connection()
        await connection.execute(inserting(db, StoredPicture).on_conflict_do_nothing(), rows)


async def _note_uses(db: AsyncSession, uses: list[tuple[int, str]]) -> None:
    """Insert the missing ones of these sorted (post number, picture id)."""
    if uses:
        connection = await db.connection()
        rows = [{"post_n": post, "picture_id": picture} for post, picture in uses]
        await connection.execute(inserting(db, PictureUse).on_conflict_do_nothing(), rows)


def _due(at: datetime) -> tuple[Any, Any]:
    """Return the conditions for due pictures, including those deferred for too long because the clock was set back."""
    next_try, untroubled = col(StoredPicture.next_try_at), col(StoredPicture.trouble) == ""
    ahead = or_(next_try > at + timedelta(seconds=MAX_WAIT), and_(untroubled, next_try > at + LEASE + SKEW))
    return col(StoredPicture.progress) == Progress.WAITING, or_(next_try <= at, ahead)
