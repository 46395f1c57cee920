"""Immutable values, as all of the contract is."""

from __future__ import annotations

import msgspec


class Value(msgspec.Struct, frozen=True, omit_defaults=True):
    """An immutable value that compares by content and encodes to JSON without its defaults."""
