"""The errors of a network, in an organiser's words."""

from __future__ import annotations


class ConnectorError(Exception):
    """Following a source failed. `str(error)` is one plain sentence that an organiser can act on."""


class Unavailable(ConnectorError):
    """The network did not answer, or answered with a server error: try again later."""


class RateLimited(ConnectorError):
    """The network limits the rate of requests. `wait` is the pause in seconds."""

    def __init__(self, message: str, wait: float) -> None:
        super().__init__(message)
        self.wait = wait


class Forbidden(ConnectorError):
    """The network wants a credential, or forbids the request; also a refusal of our own guard."""


class Rejected(Forbidden):
    """The server refused the request (a 4xx status that no other error stands for).

    `status` is its code, and `body` the response, which may name the reason; empty if that is long or unreadable.
    """

    def __init__(self, message: str, status: int, body: bytes = b"") -> None:
        super().__init__(message)
        self.status = status
        self.body = body


class NotFound(ConnectorError):
    """The address does not exist. `gone` means that it existed and was removed permanently (HTTP 410)."""

    def __init__(self, message: str, *, gone: bool = False) -> None:
        super().__init__(message)
        self.gone = gone


class InvalidResponse(ConnectorError):
    """The response does not follow the network's format, or is larger than we accept."""
