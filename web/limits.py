"""The limits of one connection, in seconds, bytes and frames, for both protocol classes."""

from __future__ import annotations

from dataclasses import dataclass

KB = 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits. Tests use shorter times and smaller sizes."""

    header_seconds: float = 10.0
    """From the connection, or from the first byte of a further request, to the end of the header."""
    body_seconds: float = 30.0
    body_bytes: int = 1024 * KB
    """The largest body takes a few kB; this much of one is read before the connection is closed."""
    header_bytes: int = 16 * KB
    """Request line and headers. Pipelined requests may reach twice as much."""
    headers: int = 100
    pipelined: int = 16
    """Pipelined requests that may wait on one connection."""
    keep_alive_seconds: int = 5
    write_seconds: float = 30.0
    """A connection whose peer reads nothing for this long is aborted (20 to 30 seconds, in three checks)."""
    send_buffer: int = 128 * KB
    """SO_SNDBUF (Linux doubles it). By default the kernel would buffer up to 4 MB for each stalled reader."""
    handshake_seconds: float = 20.0
    """For the application to accept or refuse a WebSocket, after a query."""
    frames_per_second: int = 100
    """WebSocket frames from one reader, which only needs to send pongs."""
    ping_seconds: float = 20.0
    message_bytes: int = 16 * KB
    linger_seconds: float = 0.5
    """From a refusal to the end of its connection, so that the peer can read the reason."""


LIMITS = Limits()
