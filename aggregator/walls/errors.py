"""What is wrong with what was asked of a wall."""

from __future__ import annotations


class WallError(Exception):
    """What was asked of a wall cannot be done. `str()` is one plain sentence that says what to do."""
