"""Pictures are prepared in a process of their own: little memory, little time, low priority, none of our secrets.

It owns that process and the pipes to it; it refuses to know what `prepare` does. A decoder that hostile bytes crash,
fill or spin takes this process down with it and nothing else.
"""

from __future__ import annotations

import asyncio
import os
import struct
import sys
from asyncio import StreamReader, StreamWriter
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Self, cast

import msgspec

from aggregator.media.images import BadPicture, Prepared, prepare

SECONDS = 20
"""What one picture may take, by the clock and of the processor."""
MEMORY = 1024**3
"""What the process may ask for: 40 megapixels with their alpha need about half of it."""
NICENESS = 10
"""Live posts come before their pictures."""
LENGTH = struct.Struct(">I")
LARGEST_REPLY = 20 * 1024 * 1024
ROOT = Path(__file__).parents[2]
PASSED_ON = ("PATH", "LANG", "LD_LIBRARY_PATH", "SYSTEMROOT")
"""All that the process learns of our environment, where the database's password lives too."""


class Collapsed(Exception):
    """The process died or took too long. It may have been the picture, or the machine: worth another try."""


class Sandbox:
    """`prepare` in another process, one picture at a time. The process starts with the first, again after a fall."""

    def __init__(self, *, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self._seconds = seconds
        self._memory = memory
        self._turn = asyncio.Lock()
        self._process: Process | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stop()

    async def prepare(self, data: bytes, purpose: str) -> Prepared:
        """As `images.prepare`. Raises BadPicture or Collapsed."""
        async with self._turn:
            reply: Prepared | str | None = None
            try:
                async with asyncio.timeout(self._seconds):
                    reply = await self._ask(data, purpose)
            except TimeoutError:
                raise Collapsed(f"The picture was not ready after {self._seconds:g} seconds.") from None
            except (OSError, EOFError, msgspec.MsgspecError) as trouble:
                raise Collapsed("The process that read the picture ended.") from trouble
            finally:
                if reply is None:  # a reply that comes late must not be taken for the next picture's
                    await self._stop()
        if isinstance(reply, str):
            raise BadPicture(reply)
        return reply

    async def _ask(self, data: bytes, purpose: str) -> Prepared | str:
        """What comes back is checked as if a stranger had sent it: by now one may be in control over there."""
        process = self._process = self._process or await self._start()
        requests, replies = cast("StreamWriter", process.stdin), cast("StreamReader", process.stdout)
        requests.write(_packed((purpose, data)))
        await requests.drain()
        (length,) = LENGTH.unpack(await replies.readexactly(LENGTH.size))
        if length > LARGEST_REPLY:
            raise EOFError
        return msgspec.msgpack.decode(await replies.readexactly(length), type=Prepared | str)

    async def _start(self) -> Process:
        """A session of its own keeps a Ctrl-C in the terminal from it: it ends when its input does."""
        environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-s", "-m", __name__, str(self._memory), str(self._seconds)),
            stdin=PIPE,
            stdout=PIPE,
            env=environment | {"PYTHONPATH": str(ROOT)},
            start_new_session=True,
        )

    async def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


# --- the other end of the pipes ---------------------------------------------------------------------------------


def serve(requests: BinaryIO, replies: BinaryIO, seconds: float | None = None) -> None:
    """Prepare one picture after the other until there are no more requests.

    `seconds` of the processor for each bind the whole process, so only a process of its own asks for that.
    """
    while head := requests.read(LENGTH.size):
        purpose, data = msgspec.msgpack.decode(requests.read(*LENGTH.unpack(head)), type=tuple[str, bytes])
        if seconds is not None:  # pragma: no cover (the other process only)
            _allow(seconds)
        reply: Prepared | str
        try:
            reply = prepare(data, purpose)
        except BadPicture as bad:
            reply = str(bad)
        replies.write(_packed(reply))
        replies.flush()


def _packed(message: object) -> bytes:
    content = msgspec.msgpack.encode(message)
    return LENGTH.pack(len(content)) + content


def _confine(memory: int) -> None:  # pragma: no cover (tests see its effects from outside)
    """For good: no more than so much memory, no files written, and everybody else first."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 (POSIX only)

    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(ValueError, OSError):  # macOS knows no such limit
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def _allow(seconds: float) -> None:  # pragma: no cover (the other process only)
    """So much of the processor from now on; more ends the process, also when nobody is left to stop it."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 (POSIX only)

    used = resource.getrusage(resource.RUSAGE_SELF)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime + seconds) + 1, most))


def main() -> None:  # pragma: no cover (runs in the other process only)
    """Standard output carries replies alone: whatever else prints, prints to standard error."""
    memory, seconds = int(sys.argv[1]), float(sys.argv[2])
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _confine(memory)
    serve(sys.stdin.buffer, replies, seconds)


if __name__ == "__main__":  # pragma: no cover (the other process only)
    main()
