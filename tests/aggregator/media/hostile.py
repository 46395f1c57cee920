"""What hostile bytes may do once they control the sandbox's process. These functions run only there."""

from __future__ import annotations

import os
import sys

REPLIES = 3
"""The file descriptor of the sandbox's replies: the first after standard input, output and error."""


def reply_with(reply: bytes) -> None:
    """Write `reply` where the parent waits for one, and say nothing more."""
    os.write(REPLIES, reply)
    sys.stdin.buffer.read()


def reply_and_close(reply: bytes) -> None:
    """Write `reply` where the parent waits for one, and close the pipe, though the process goes on."""
    os.write(REPLIES, reply)
    os.close(REPLIES)
    sys.stdin.buffer.read()
