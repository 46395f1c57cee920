"""Errors about a wall."""

from __future__ import annotations


class WallError(Exception):
    """A request about a wall that cannot be fulfilled. `str()` is one plain sentence that says what to do."""


class InvalidSetting(WallError):
    """A setting of a wall that cannot be what was given."""
