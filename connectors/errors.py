"""What can go wrong with a network, in an organiser's words."""

from __future__ import annotations


class ConnectorError(Exception):
    """Following a source failed. `str(trouble)` is one plain sentence that an organiser can act on."""


class Unavailable(ConnectorError):
    """The network did not answer, or answered with a server error: try again later."""


class RateLimited(ConnectorError):
    """The network asked for patience. `wait` is how many seconds."""

    def __init__(self, message: str, wait: float) -> None:
        super().__init__(message)
        self.wait = wait


class Forbidden(ConnectorError):
    """The network wants a credential that we don't have, or forbids what we ask; our guard's refusals too."""


class Rejected(Forbidden):
    """The server itself refused (a 4xx answer that is not about absence or pace); `status` is its code."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class NotFound(ConnectorError):
    """There is nothing at that address. `gone` says that it was there and will not come back (HTTP 410)."""

    def __init__(self, message: str, *, gone: bool = False) -> None:
        super().__init__(message)
        self.gone = gone


class InvalidResponse(ConnectorError):
    """What came back is not what this network promises, or is larger than we accept."""
