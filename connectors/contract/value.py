"""An immutable value, as everything in the contract is."""

from __future__ import annotations

import msgspec


class Value(msgspec.Struct, frozen=True, omit_defaults=True):
    """A value that never changes, compares by content and encodes to JSON without its defaults."""
