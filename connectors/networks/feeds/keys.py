"""What an entry of a feed is called: a key that stays the same from poll to poll, and names no other entry beside it.

A guid should do, and often does not: some programs give every entry the blog's own address. An id that several entries
of one document share names none of them, then and later; their links do, and where those are shared too, their words.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterable
from typing import Final

from connectors.networks.feeds.entities import Entry, Feed

KEY_LENGTH: Final = 400
SHARED_AT_MOST: Final = 200
"""Ids and links that are remembered as shared."""
LINK: Final = "link "
"""Before a link among what is shared: a link that is shared says nothing against an id of the same text."""

_SCHEME: Final = re.compile(r"https?://", re.IGNORECASE)


class Naming:
    """The names of one document's entries. `shared` are digests of what was found to name nothing, to remember."""

    def __init__(self, feed: Feed, scope: str, shared: Collection[str]) -> None:
        self._scope = scope
        self._is_atom = feed.is_atom
        apart = {(self._id(entry), self._link(entry), _words(entry)) for entry in feed.entries}  # a true repeat is one
        self._shared = frozenset(shared)
        ids = () if feed.is_atom else _shared(id_ for id_, _, _ in apart)
        self._shared |= set(ids)
        names = {id_ for id_, _, _ in apart if self._names(id_)}
        unnamed = [link for id_, link, _ in apart if link and id_ not in names]
        links = _shared(f"{LINK}{link}" for link in unnamed)
        links += sorted(_short(f"{LINK}{link}") for link in names.intersection(unnamed))  # another entry's name
        self._shared |= set(links)
        self.shared = tuple(dict.fromkeys([*ids, *links, *shared]))[:SHARED_AT_MOST]

    def key(self, entry: Entry) -> str:
        """Guids repeat across feeds, hence the scope."""
        own, link = self._id(entry), self._link(entry)
        if not self._names(own):
            own = (
                link
                if link and self._is_apart(link) and self._is_apart(f"{LINK}{link}")
                else digest("\n".join(_words(entry)))
            )
        return f"{self._scope}#{own if len(own) <= KEY_LENGTH else digest(own)}"

    def _names(self, id_: str) -> bool:
        return bool(id_) and (self._is_atom or self._is_apart(id_))

    def _is_apart(self, name: str) -> bool:
        return bool(name) and _short(name) not in self._shared

    def _id(self, entry: Entry) -> str:
        """In Atom ids are compared character by character (RFC 4287, 4.2.6.1); elsewhere http and https are one."""
        own = " ".join(entry.id.split())
        return own if self._is_atom else _SCHEME.sub("https://", own, count=1)

    def _link(self, entry: Entry) -> str:
        return _SCHEME.sub("https://", " ".join(entry.link.split()), count=1)


def _shared(names: Iterable[str]) -> list[str]:
    """Digests of those that are there more than once."""
    return sorted(_short(name) for name, count in Counter(names).items() if name and count > 1)


def _short(name: str) -> str:
    return digest(name)[:16]


def _words(entry: Entry) -> tuple[str, str]:
    return entry.title, entry.content.html or entry.summary.html


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
