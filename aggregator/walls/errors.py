"""Errors about a wall."""

from __future__ import annotations


class WallError(Exception):
    """A request about a wall that cannot be fulfilled. `str()` is one plain sentence that says what to do."""


class SlugTaken(WallError):
    """The slug of a new wall belongs to another."""


class InvalidSetting(WallError):
    """A setting of a wall that cannot be what was given. `setting` is its name."""

    def __init__(self, setting: str, sentence: str) -> None:
        super().__init__(sentence)
        self.setting = setting
