"""The memory of earlier readings of a feed, which its cursor holds."""

from __future__ import annotations

import msgspec

from connectors.contract import Value


class Memory(Value, frozen=True):
    """The memory of earlier readings, for one feed.

    It holds the first day of entries without a true date, shared ids, each entry's content, and the keys of entries
    with a shared id. A new date on the same content is not an edit.
    """

    seen: dict[str, str] = msgspec.field(default_factory=dict)
    shared: tuple[str, ...] = ()
    words: dict[str, str] = msgspec.field(default_factory=dict)
    names: dict[str, str] = msgspec.field(default_factory=dict)
