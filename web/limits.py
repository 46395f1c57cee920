"""What one connection may take of this server: seconds, bytes and frames. One value for both protocol classes."""

from __future__ import annotations

from dataclasses import dataclass

KB = 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Each field is a seam: tests give shorter times and smaller sizes."""

    header_seconds: float = 10.0
    """From the connection, or from the first byte of a further request, to the end of the header."""
    body_seconds: float = 30.0
    body_bytes: int = 1024 * KB
    """No route takes a body yet; this is what is read of one before the connection is closed."""
    header_bytes: int = 16 * KB
    """Request line and headers. Twice as much may pass where requests follow one another in one piece."""
    headers: int = 100
    pipelined: int = 16
    """Requests that one connection may have waiting behind the one that is answered."""
    keep_alive_seconds: int = 5
    write_seconds: float = 30.0
    """A connection whose peer takes nothing for so long is aborted (20 to 30 seconds: it is looked at three times)."""
    send_buffer: int = 128 * KB
    """SO_SNDBUF; Linux takes twice as much. Left alone, the kernel would hold up to 4 MB for each stalled reader."""
    handshake_seconds: float = 20.0
    """For the application to take or refuse a WebSocket: it asks the database first."""
    frames_per_second: int = 100
    """WebSocket frames from one reader. It has nothing to say but pongs."""
    ping_seconds: float = 20.0
    message_bytes: int = 16 * KB
    linger_seconds: float = 0.5
    """From a refusal to the end of its connection, so that the peer can read why."""


LIMITS = Limits()
