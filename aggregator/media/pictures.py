"""What is known of each picture that a post names: wanted, then ready or refused.

It owns the two tables; it refuses to know how a picture is fetched and where its files lie.
"""

from __future__ import annotations

import re
from base64 import b32encode
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from sqlalchemy import and_, bindparam, delete, or_, update
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
"""No picture is wider or higher; a network that says so is not believed."""
URL = re.compile(r"(?!(?:data|blob|javascript|file|about):)[a-z][a-z0-9+.-]*:.", re.IGNORECASE)
"""Any scheme may be one that some connector can fetch, but for those that are never an address on a network."""

LEASE = timedelta(minutes=1)
"""For how long a picture that one picture worker has taken is left alone by the others; also what a kill costs it."""
SKEW = timedelta(minutes=1)
"""By how much the clocks of two picture workers may disagree without one taking what the other has just taken."""
BACK_OFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))
"""The pauses after the first, second and third failure. The fourth is the last."""
MAX_WAIT = 86_400.0
"""Seconds; a host that asks for more patience is asked again the next day."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A picture that a post shows. `purpose` is avatar, emoji or picture.

    What the network tells beforehand gives the placeholder its colour (`blurhash`) and its shape.
    """

    network: str
    url: str
    purpose: str
    blurhash: str = ""
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A picture whose files are on the blobs."""

    id: str
    file: str
    color: str
    width: int
    height: int


@lru_cache(maxsize=4096)  # the same few faces come again and again, and each is asked for several times
def picture_id(network: str, url: str, purpose: str) -> str:
    """What we call a picture by where it came from: thirty-two lower-case letters and digits."""
    name = f"{network}\0{purpose}\0{url}".encode(errors="surrogatepass")
    return b32encode(blake2b(name, digest_size=ID_BITS // 8).digest()).decode().lower()


# --- by those who show posts ------------------------------------------------------------------------------------


async def want(db: AsyncSession, wanted: Iterable[tuple[int, Wanted]]) -> None:
    """Note these pictures and the number of the post that shows each; what is known already stays as it is.

    The posts must be in the store. What cannot be an address on a network is left out: it will never be found by
    `look_up`. When a post is edited or taken away, `release` it first.
    """
    named = [(picture_id(each.network, each.url, each.purpose), n, each) for n, each in wanted if _sane(each)]
    asked = {id_: each for id_, _, each in named}
    uses = {(n, id_) for id_, n, _ in named}
    known = await _hold(db, asked)
    at = timestamps.now()
    await _insert(db, [_row(id_, asked[id_], at) for id_ in sorted(asked.keys() - known)])
    await _note_uses(db, sorted(uses))


async def release(db: AsyncSession, posts: Collection[int]) -> None:
    """These posts, by number, show no pictures (any more). What nobody shows is forgotten soon, with its files."""
    for chunk in chunks(sorted(set(posts))):
        await db.exec(delete(PictureUse).where(col(PictureUse.post_n).in_(chunk)))


async def look_up(db: AsyncSession, ids: Collection[str]) -> dict[str, StoredPicture]:
    """What is known of these pictures, by `picture_id`; of some perhaps nothing."""
    found: dict[str, StoredPicture] = {}
    for chunk in chunks(sorted(set(ids))):
        query = select(StoredPicture).where(col(StoredPicture.id).in_(chunk))
        found |= {picture.id: picture for picture in await db.exec(query)}
    return found


# --- by the picture worker --------------------------------------------------------------------------------------------


async def are_due(db: AsyncSession, at: datetime) -> bool:
    """Whether `take` would find anything; cheap, and for a session that only looks."""
    query = select(StoredPicture.id).where(*_due(at)).limit(1)
    return (await db.exec(query)).first() is not None


async def take(db: AsyncSession, at: datetime, limit: int) -> list[StoredPicture]:
    """Pictures to fetch now, leased to the caller.

    The newest first, because theirs are the posts that are being looked at; of these the avatars, which every card has.
    """
    newest = (col(StoredPicture.next_try_at).desc(), col(StoredPicture.purpose), col(StoredPicture.id))
    query = select(StoredPicture).where(*_due(at)).order_by(*newest).limit(limit).with_for_update(skip_locked=True)
    taken = list(await db.exec(query))
    for picture in taken:
        picture.next_try_at = at + LEASE
    return taken


async def newest_posts(db: AsyncSession, ids: Collection[str]) -> dict[str, int]:
    """The number of the newest post that shows each of these pictures."""
    found: dict[str, int] = {}
    for chunk in chunks(sorted(set(ids))):
        query = select(PictureUse.picture_id, func.max(PictureUse.post_n)).where(col(PictureUse.picture_id).in_(chunk))
        found |= dict((await db.exec(query.group_by(col(PictureUse.picture_id)))).all())
    return found


async def hold(db: AsyncSession, ids: Collection[str]) -> None:
    """Lock these until the transaction ends, before anything is said of them: in one order, as `want` does."""
    for chunk in chunks(sorted(set(ids))):
        query = select(StoredPicture.id).where(col(StoredPicture.id).in_(chunk)).order_by(StoredPicture.id)
        await db.exec(query.with_for_update())


async def finished(db: AsyncSession, kept: Sequence[StoredFile]) -> None:
    """These are ready to be shown. A picture that was forgotten meanwhile stays forgotten."""
    if not kept:
        return
    names = ("file", "color", "width", "height")
    statement = (
        update(StoredPicture.__table__)  # type: ignore[attr-defined]  # SQLModel gives it and does not declare it
        .where(col(StoredPicture.id) == bindparam("this"))
        .values(progress=Progress.READY, trouble="", **{name: bindparam(f"new_{name}") for name in names})
    )
    rows = [{"this": one.id, **{f"new_{name}": getattr(one, name) for name in names}} for one in kept]
    await (await db.connection()).execute(statement, rows)


async def failed(
    db: AsyncSession, picture_id: str, trouble: str, at: datetime, *, final: bool = False, wait: float = 0.0
) -> bool:
    """It did not work, for a reason in one sentence. Returns whether that was the last try.

    `final` says that trying again would be no use. `wait` says that the picture is not to blame: it is put off for
    so many seconds (a back-off at least), and the try does not count.
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
    """The numbers of the posts that show any of these pictures."""
    posts: set[int] = set()
    for chunk in chunks(sorted(set(ids))):
        posts.update(await db.exec(select(PictureUse.post_n).where(col(PictureUse.picture_id).in_(chunk))))
    return posts


# --- how --------------------------------------------------------------------------------------------------------


def _sane(each: Wanted) -> bool:
    """Control characters and lone surrogates, which PostgreSQL would refuse with the whole batch, are not printable."""
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


async def _hold(db: AsyncSession, ids: Collection[str]) -> set[str]:
    """Those that are in the table, kept until this transaction ends from being forgotten, and from becoming ready.

    Were one ready before its new use can be seen, that post would never hear of it.
    """
    held: set[str] = set()
    for chunk in chunks(sorted(set(ids))):
        query = select(StoredPicture.id).where(col(StoredPicture.id).in_(chunk)).order_by(StoredPicture.id)
        held.update(await db.exec(query.with_for_update(read=True)))
    return held


async def _insert(db: AsyncSession, rows: list[dict[str, object]]) -> None:
    """Those that are not there yet. Rows come sorted, so that two writers never wait for each other in a ring."""
    if rows:
        connection = await db.connection()
        await connection.execute(inserting(db, StoredPicture).on_conflict_do_nothing(), rows)


async def _note_uses(db: AsyncSession, uses: list[tuple[int, str]]) -> None:
    """(post number, picture id) of each, sorted, where it is not there yet."""
    if uses:
        connection = await db.connection()
        rows = [{"post_n": post, "picture_id": picture} for post, picture in uses]
        await connection.execute(inserting(db, PictureUse).on_conflict_do_nothing(), rows)


def _due(at: datetime) -> tuple[Any, Any]:
    """Also what nobody has put off for so long: then the clock has stepped back since."""
    next_try, untroubled = col(StoredPicture.next_try_at), col(StoredPicture.trouble) == ""
    ahead = or_(next_try > at + timedelta(seconds=MAX_WAIT), and_(untroubled, next_try > at + LEASE + SKEW))
    return col(StoredPicture.progress) == Progress.WAITING, or_(next_try <= at, ahead)
