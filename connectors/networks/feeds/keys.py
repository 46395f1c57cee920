"""Keys of a feed's entries: each stays the same from poll to poll, and no two entries share one.

A guid should do, and often does not: some programs give every entry the blog's own address. An id that several entries
of one document share identifies none of them, then and later; their links do, and if those are shared too, their text.
An entry keeps the key that it had before its id was shared.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final

from connectors.syndication.entities import Entry, Feed

Face = tuple[str, str, tuple[str, str]]
"""An entry as seen: its id, its link and its text."""
IsKnown = Callable[[Entry, str], bool]
KEY_LENGTH: Final = 400
SHARED_AT_MOST: Final = 200
"""Shared ids and links that are remembered."""
LINK: Final = "link "
"""Marks a link among the shared values: a shared link does not discredit an equal id."""

_SCHEME: Final = re.compile(r"https?://", re.IGNORECASE)


class Naming:
    """The keys of one document's entries. `shared` are digests of shared ids and links, to remember.

    `names` are the keys of entries whose ids or links were shared, by the part that a correction leaves unchanged.
    `is_known` tells whether an entry had this key in the last reading, with the same text.
    """

    def __init__(
        self, feed: Feed, scope: str, shared: Collection[str], names: Mapping[str, str], is_known: IsKnown
    ) -> None:
        self._scope = scope
        self._is_atom = feed.is_atom
        entries = {self._face(entry): entry for entry in feed.entries}  # a true repeat is one entry
        self._shared = frozenset(shared)
        ids = () if feed.is_atom else _shared(id_ for id_, _, _ in entries)
        self._shared |= set(ids)
        named = {id_ for id_, _, _ in entries if self._names(id_)}
        unnamed = [link for id_, link, _ in entries if link and id_ not in named]
        links = _shared(f"{LINK}{link}" for link in unnamed)
        links += sorted(_short(f"{LINK}{link}") for link in named.intersection(unnamed))  # another entry's key
        self._shared |= set(links)
        self._holders = self._held(entries, names, is_known)
        self._held_by = {face: own for own, face in self._holders.items()}
        displaced = sorted(_short(id_) for id_ in named.intersection(self._holders))
        self._shared |= set(displaced)
        self.shared = tuple(dict.fromkeys([*displaced, *ids, *links, *shared]))[:SHARED_AT_MOST]
        contested = {face: entry for face, entry in entries.items() if self._is_contested(face)}
        hints = Counter(self._hint(entry) for entry in contested.values())
        self.names = {
            hint: self._own(face)
            for face, entry in contested.items()
            if (hint := self._hint(entry)) and hints[hint] == 1
        }

    def key(self, entry: Entry) -> str:
        """The key of an entry. Guids repeat across feeds, hence the scope."""
        return self._full(self._own(self._face(entry)))

    def _held(self, entries: Mapping[Face, Entry], names: Mapping[str, str], is_known: IsKnown) -> dict[str, Face]:
        """Keys of entries that keep them although their ids are shared now, recognised by their text or date."""
        holders: dict[str, Face] = {}
        unnamed = {face: entry for face, entry in entries.items() if not self._names(face[0])}
        for face, entry in unnamed.items():
            for own in (face[0], face[1], _digest_of(face)):
                if own and own not in holders and is_known(entry, self._full(own)):
                    holders[own] = face
                    break
        claimed = set(holders.values())
        unclaimed = {face: self._hint(entry) for face, entry in unnamed.items() if face not in claimed}
        hints = Counter(self._hint(entry) for entry in unnamed.values())
        for face, hint in unclaimed.items():
            own = names.get(hint, "")
            if own and own not in holders and hints[hint] == 1:
                holders[own] = face
        return holders

    def _own(self, face: Face) -> str:
        id_, link, _ = face
        if held := self._held_by.get(face):
            return held
        if self._names(id_) and id_ not in self._holders:
            return id_
        is_free = bool(link) and link not in self._holders
        return link if is_free and self._is_apart(link) and self._is_apart(f"{LINK}{link}") else _digest_of(face)

    def _full(self, own: str) -> str:
        return f"{self._scope}#{own if len(own) <= KEY_LENGTH else digest(own)}"

    def _face(self, entry: Entry) -> Face:
        return self._id(entry), self._link(entry), (entry.title, entry.content.html or entry.summary.html)

    def _is_contested(self, face: Face) -> bool:
        id_, link, _ = face
        return any(_short(name) in self._shared for name in (id_, link, f"{LINK}{link}") if name)

    def _hint(self, entry: Entry) -> str:
        """The part that a correction leaves unchanged: the date, or the title of an undated entry."""
        said = entry.published.isoformat() if entry.published else entry.title
        return _short(f"{self._id(entry)}\n{self._link(entry)}\n{said}") if said else ""

    def _names(self, id_: str) -> bool:
        return bool(id_) and (self._is_atom or self._is_apart(id_))

    def _is_apart(self, name: str) -> bool:
        return bool(name) and _short(name) not in self._shared

    def _id(self, entry: Entry) -> str:
        """An id for comparison: in Atom the exact text (RFC 4287, 4.2.6.1); elsewhere http and https are equal."""
        own = " ".join(entry.id.split())
        return own if self._is_atom else _SCHEME.sub("https://", own, count=1)

    def _link(self, entry: Entry) -> str:
        return _SCHEME.sub("https://", " ".join(entry.link.split()), count=1)


def _shared(names: Iterable[str]) -> list[str]:
    """Digests of the values that occur more than once."""
    return sorted(_short(name) for name, count in Counter(names).items() if name and count > 1)


def _short(name: str) -> str:
    return digest(name)[:16]


def _digest_of(face: Face) -> str:
    return digest("\n".join(face[2]))


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
