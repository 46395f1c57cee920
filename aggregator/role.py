"""What one process does: several may work on one database, so that each can be restarted and moved by itself."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """`web` serves readers, `intake` fills the walls, `all` does both."""

    ALL = "all"
    WEB = "web"
    INTAKE = "intake"

    @property
    def serves(self) -> bool:
        """Whether it serves pages and live readers."""
        return self is not Role.INTAKE

    @property
    def polls(self) -> bool:
        """Whether it polls, fetches pictures, runs consumers and keeps the store's identity."""
        return self is not Role.WEB
