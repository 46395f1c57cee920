"""Parsers of strangers' bytes in a separate process: little memory, little time, low priority, none of our secrets.

A parser that hostile bytes crash, fill or spin ends only this process: no page waits, and no thread is left behind that
can't be stopped.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import struct
import sys
from asyncio import StreamReader, StreamWriter
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol, Self, TypeVar, cast

import msgspec

from connectors.timeouts import paused_timeout

T = TypeVar("T")

SECONDS: Final = 20.0
"""Seconds of one call, by the clock and of processor time."""
MEMORY: Final = 1024**3
"""Memory of the process, in bytes."""
NICENESS: Final = 10
"""Low priority: live posts and visitors come first."""
LARGEST_REPLY: Final = 32 * 1024 * 1024
LENGTH: Final = struct.Struct(">I")
ROOT: Final = Path(__file__).parents[1]
PASSED_ON: Final = ("PATH", "LANG", "LD_LIBRARY_PATH", "SYSTEMROOT")
"""The environment variables of the process: the others may hold the database's password."""


class SandboxCrashed(Exception):
    """The process died or timed out, because of the bytes or of the machine: worth another try."""


class Failed(msgspec.Struct, frozen=True, tag=True):
    """The call raised: the exception's class name and its sentence."""

    error: str
    sentence: str


class Done(msgspec.Struct, frozen=True, tag=True):
    """The call returned: its result in msgpack."""

    value: msgspec.Raw


class Call(msgspec.Struct, frozen=True):
    module: str
    function: str
    arguments: tuple[Any, ...]


class SandboxProtocol(Protocol):
    """Calls with strangers' bytes: `Sandbox` runs them in another process, `Inline` in this one."""

    async def run(
        self, function: Callable[..., object], *arguments: object, returns: type[T], raises: type[Exception]
    ) -> T:
        """Call `function(*arguments)`: a function of a module's top level whose arguments and result msgpack can carry.

        An exception of the class `raises` is raised here with the same sentence. Raises SandboxCrashed for all others.
        """
        ...

    async def close(self) -> None: ...


class Sandbox:
    """Calls in another process, one at a time. The process starts with the first call, and again after a crash."""

    def __init__(self, *, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self._seconds = seconds
        self._memory = memory
        self._turn = asyncio.Lock()
        self._process: Process | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def run(
        self, function: Callable[..., object], *arguments: object, returns: type[T], raises: type[Exception]
    ) -> T:
        call = Call(function.__module__, function.__qualname__, arguments)
        async with self._next_turn():
            reply: Done | Failed | None = None
            try:
                async with asyncio.timeout(self._seconds):
                    reply = await self._ask(call)
                if isinstance(reply, Done):
                    return msgspec.msgpack.decode(reply.value, type=returns)
            except TimeoutError:
                raise SandboxCrashed(
                    f"Sandbox timed out: reading took longer than {self._seconds:g} seconds."
                ) from None
            except (OSError, EOFError, msgspec.MsgspecError) as error:
                reply = None
                raise SandboxCrashed("Sandbox crashed: the process that reads strangers' bytes has ended.") from error
            finally:
                if reply is None:  # a late reply must not be taken for the next call's
                    await self.close()
        if reply.error == raises.__name__:
            raise raises(reply.sentence)
        raise SandboxCrashed(f"Sandbox failed ({reply.error}).")

    @asynccontextmanager
    async def _next_turn(self) -> AsyncIterator[None]:
        with paused_timeout():
            await self._turn.acquire()
        try:
            yield
        finally:
            self._turn.release()

    async def _ask(self, call: Call) -> Done | Failed:
        """Send a call and return its reply, checked like a stranger's: hostile bytes may control the process by now."""
        process = self._process = self._process or await self._start()
        requests, replies = cast("StreamWriter", process.stdin), cast("StreamReader", process.stdout)
        requests.write(_packed(call))
        await requests.drain()
        (length,) = LENGTH.unpack(await replies.readexactly(LENGTH.size))
        if length > LARGEST_REPLY:
            raise EOFError
        return msgspec.msgpack.decode(await replies.readexactly(length), type=Done | Failed)

    async def _start(self) -> Process:
        """Start the process in a session of its own, so that Ctrl-C in the terminal does not reach it.

        It ends when its input does.
        """
        environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-s", "-m", __name__, str(self._memory), str(self._seconds)),
            stdin=PIPE,
            stdout=PIPE,
            env=environment | {"PYTHONPATH": str(ROOT)},
            start_new_session=True,
        )

    async def close(self) -> None:
        """End the process, if it runs."""
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


class Inline:
    """Calls in this process, through the same encoding: for tests, which start hundreds of clients."""

    async def run(
        self, function: Callable[..., object], *arguments: object, returns: type[T], raises: type[Exception]
    ) -> T:
        call = Call(function.__module__, function.__qualname__, arguments)
        reply = answer(msgspec.msgpack.decode(msgspec.msgpack.encode(call), type=Call))
        if isinstance(reply, Done):
            return msgspec.msgpack.decode(reply.value, type=returns)
        if reply.error == raises.__name__:
            raise raises(reply.sentence)
        raise SandboxCrashed(f"Sandbox failed ({reply.error}: {reply.sentence}).")

    async def close(self) -> None:
        return


# --- the other end of the pipes ---------------------------------------------------------------------------------


def answer(call: Call) -> Done | Failed:
    """The reply to a call; an exception becomes its class name and sentence."""
    try:
        function = getattr(importlib.import_module(call.module), call.function)
        return Done(msgspec.Raw(msgspec.msgpack.encode(function(*call.arguments))))
    except Exception as error:  # noqa: BLE001  a parser may raise anything; the caller decides what it means
        return Failed(type(error).__name__, str(error).encode("utf-8", "replace").decode())


def serve(requests: BinaryIO, replies: BinaryIO, seconds: float | None = None) -> None:
    """Answer calls one after the other until the input ends.

    The limit of processor `seconds` binds the whole process, so only a sandbox sets it.
    """
    while head := requests.read(LENGTH.size):
        call = msgspec.msgpack.decode(requests.read(*LENGTH.unpack(head)), type=Call)
        if seconds is not None:  # pragma: no cover (the other process only)
            _allow(seconds)
        replies.write(_packed(answer(call)))
        replies.flush()


def _packed(message: object) -> bytes:
    content = msgspec.msgpack.encode(message)
    return LENGTH.pack(len(content)) + content


def _confine(memory: int) -> None:  # pragma: no cover (tests see its effects from outside)
    """Permanently limit memory, forbid writing files, and lower the priority."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 (POSIX only)

    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(ValueError, OSError):  # macOS has no such limit
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def _allow(seconds: float) -> None:  # pragma: no cover (the other process only)
    """Allow so many more seconds of processor time; more ends the process, even if no parent is left to stop it."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 (POSIX only)

    used = resource.getrusage(resource.RUSAGE_SELF)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime + seconds) + 1, most))


def main() -> None:  # pragma: no cover (runs in the other process only)
    """Run the sandbox. Standard output carries replies only; anything else is printed to standard error."""
    memory, seconds = int(sys.argv[1]), float(sys.argv[2])
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _confine(memory)
    serve(sys.stdin.buffer, replies, seconds)


if __name__ == "__main__":  # pragma: no cover (the other process only)
    main()
