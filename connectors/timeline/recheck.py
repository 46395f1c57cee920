"""A recheck of posts on a wall, and of authors, by single requests: present, gone or missing.

An absence is believed only with a witness: an entry that the same server has just listed, found by the same request.
Only the post's origin decides whether it has ended (docs/decisions/whose-word-counts.md).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from connectors.contract import Page, Presence
from connectors.contract.origin import is_at
from connectors.errors import ConnectorError, Forbidden, InvalidResponse, NotFound, RateLimited, Unavailable
from connectors.timeline.entries import Entry
from connectors.timeline.wishes import LookUp, apply

MAX_REQUESTS: Final = 20  # posts per recheck; the others wait for the next one
SECONDS_EACH: Final = 6.0  # seconds until the next recheck for each request
ENOUGH: Final = 30.0  # seconds for all requests of a recheck

Look = Callable[[str], Awaitable[Entry]]
"""The entry with this ref. Raises NotFound only if the network's own API says that there is none; ConnectorError."""
Newest = Callable[[], Awaitable[Sequence[Entry]]]
"""The newest entries of the source on this server. Raises ConnectorError."""


async def recheck(
    refs: Mapping[str, str], look: Look, newest: Newest, origin: str, look_up: LookUp, *, enough: float = ENOUGH
) -> Page:
    """The present content of those posts, and which are `gone`, `missing` or `unmatched` on the server at `origin`.

    Raises ConnectorError if there is no result at all.
    """
    seen, absent, broken, asked = await _look_at_each(refs, look, enough)
    if absent:
        asked += 2
        witness = await _witness({refs[key] for key in absent}, look, newest, enough)
        seen += [Entry(id="", key=key, ended=witness is True) for key in absent if witness is not False]
    shown = [entry for entry in seen if entry.post]
    ended = [entry for entry in seen if not entry.post]
    names = [name for entry in shown for name in (entry.author, entry.quoted) if name]
    wishes = await look_up(sorted(set(names))) if names else {}
    gone = tuple(entry.key for entry in ended if entry.ended and is_at(origin, entry.key))
    return Page(
        posts=tuple(post for entry in shown if (post := apply(entry, wishes).post)),
        gone=gone,
        missing=tuple(entry.key for entry in ended if entry.key not in gone),
        unmatched=tuple(entry.key for entry in shown if not entry.matches),
        broken=tuple(broken),
        wait=SECONDS_EACH * asked,
    )


async def _look_at_each(
    refs: Mapping[str, str], look: Look, enough: float
) -> tuple[list[Entry], list[str], list[str], int]:
    """(entries found, keys of those absent, faults, number of requests), as far as the time and the server allow."""
    seen: list[Entry] = []
    absent: list[str] = []
    broken: list[str] = []
    failure: ConnectorError | None = None
    asked = 0
    try:
        async with asyncio.timeout(enough):
            for key, ref in list(refs.items())[:MAX_REQUESTS]:
                asked += 1
                try:
                    entry = await look(ref)
                except NotFound as missing:
                    if missing.gone:  # the whole API, not one post
                        raise Unavailable(str(missing)) from missing
                    absent.append(key)
                except (InvalidResponse, Forbidden) as error:  # about this post only: ask for the others
                    broken.append(str(error))
                    failure = error
                else:
                    seen += [entry] if entry.key == key and not entry.broken else []
                    broken += [entry.broken] if entry.broken else []
    except TimeoutError:
        failure = Unavailable("Request timed out: the server took too long to answer a recheck.")
    except (RateLimited, Unavailable) as error:
        failure = error
    if failure and not (seen or absent):
        raise failure
    return seen, absent, broken, asked


async def _witness(names: set[str], look: Look, newest: Newest, enough: float) -> bool | None:
    """Whether this server's absences are meaningful; None if there is no evidence, since it lists nothing."""
    try:
        async with asyncio.timeout(enough):
            listed = [entry for entry in await newest() if entry.post and entry.ref]
            if any(entry.ref in names for entry in listed):
                return False
            if not listed:
                return None
            return (await look(listed[0].ref)).key == listed[0].key
    except (ConnectorError, TimeoutError):
        return False


async def presence(
    name: str,
    look: Callable[[str], Awaitable[object]],
    newest: Newest,
    *,
    is_home: bool,
) -> Presence:
    """The presence of the author `ada@host`, for whom `look` raises NotFound if the API says there is none.

    The witness is another author who was just listed. Raises ConnectorError.
    """
    try:
        await look(name)
    except NotFound:
        try:
            listed = [(entry.author, entry.post.author.handle) for entry in await newest() if entry.post]
        except NotFound:  # of a followed account, which is gone itself
            listed = []
        except ConnectorError:
            return Presence.PRESENT
        if f"@{name}" in [handle for _, handle in listed]:
            return Presence.PRESENT
        for witness in [author for author, _ in listed if author][:1]:
            try:
                await look(witness)
            except ConnectorError:
                return Presence.PRESENT
        return Presence.GONE if is_home else Presence.MISSING
    return Presence.PRESENT
