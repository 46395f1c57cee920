"""Preparing pictures in another process, and surviving its crashes."""

from __future__ import annotations

import asyncio
import os
import struct
import time
import zlib
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import msgspec
import pytest
from PIL import Image

from aggregator.media.images import BadPicture, Prepared, prepare
from aggregator.media.sandbox import Sandbox, SandboxCrashed
from connectors.sandbox import SECONDS, Call, Done, Failed, serve
from tests.aggregator.media.hostile import reply_and_close, reply_with

LENGTH = struct.Struct(">I")
CRASHED = r"^Sandbox crashed: the process that reads strangers' bytes has ended\.$"


def png(width: int = 20, height: int = 20) -> bytes:
    file = BytesIO()
    Image.new("RGB", (width, height), (255, 0, 0)).save(file, "PNG")
    return file.getvalue()


def heavy_png() -> bytes:
    """Return forty megapixels in forty kilobytes: allowed, and slow to decode."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 8000, 5000, 8, 6, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(5000 * 32001))) + chunk(b"IEND", b"")


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox() as sandbox:
        yield sandbox


async def process_of(sandbox: Sandbox) -> int:
    return await sandbox.run(os.getpid, returns=int, raises=OSError)


def is_running(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def seconds_allowed(pid: int) -> int:
    """Return the limit of processor time, in seconds, after which the kernel kills the process."""
    limits = Path(f"/proc/{pid}/limits").read_text()
    (cpu,) = (line for line in limits.splitlines() if line.startswith("Max cpu time"))
    return int(cpu.split()[3])


async def test_sandbox_prepares_as_we_would(sandbox: Sandbox) -> None:
    assert await sandbox.prepare(png(), "avatar") == prepare(png(), "avatar")


async def test_sandbox_refuses_as_we_would_and_goes_on(sandbox: Sandbox) -> None:
    with pytest.raises(BadPicture, match=r"^Empty file instead of a picture\.$"):
        await sandbox.prepare(b"", "picture")
    before = await process_of(sandbox)
    assert (await sandbox.prepare(png(), "picture")).width == 20
    assert await process_of(sandbox) == before


async def test_sandbox_takes_callers_in_turn(sandbox: Sandbox) -> None:
    prepared = await asyncio.gather(*(sandbox.prepare(png(width), "picture") for width in range(10, 20)))
    assert [one.width for one in prepared] == list(range(10, 20))


async def test_sandbox_that_dies_collapses_and_is_started_again(sandbox: Sandbox) -> None:
    await sandbox.prepare(png(), "picture")
    os.kill(await process_of(sandbox), 9)
    with pytest.raises(SandboxCrashed):
        await sandbox.prepare(png(), "picture")
    assert (await sandbox.prepare(png(), "picture")).width == 20


async def test_sandbox_that_takes_too_long_is_ended_with_its_process() -> None:
    """In as many seconds as a busy machine may need to start one."""
    async with Sandbox(seconds=4.5) as sandbox:
        pid = await process_of(sandbox)
        with pytest.raises(SandboxCrashed, match=r"^Sandbox timed out: reading took longer than 4\.5 seconds\.$"):
            await sandbox.run(time.sleep, 60, returns=type(None), raises=OSError)
        assert not is_running(pid)
        assert (await sandbox.prepare(png(), "picture")).width == 20


async def test_sandbox_reads_the_largest_picture_within_its_memory(sandbox: Sandbox) -> None:
    prepared = await sandbox.prepare(heavy_png(), "picture")
    assert (prepared.width, prepared.height, prepared.color) == (1280, 800, "#808080")


async def test_sandbox_gives_a_picture_no_more_memory_than_allowed() -> None:
    async with Sandbox(memory=300 * 1024**2) as sandbox:
        with pytest.raises((BadPicture, SandboxCrashed)):
            await sandbox.prepare(heavy_png(), "picture")
        assert (await sandbox.prepare(png(), "picture")).width == 20


async def test_sandbox_learns_no_secrets_and_comes_last(sandbox: Sandbox) -> None:
    await sandbox.prepare(png(), "picture")
    process = Path(f"/proc/{await process_of(sandbox)}")
    names = {line.partition("=")[0] for line in (process / "environ").read_text().rstrip("\0").split("\0")}
    assert names - {"PATH", "LANG", "LD_LIBRARY_PATH", "SYSTEMROOT"} == {"PYTHONPATH"}
    niceness = int((process / "stat").read_text().rpartition(")")[2].split()[16])
    assert niceness == min(19, os.nice(0) + 10)


async def test_sandbox_ends_its_process_with_itself() -> None:
    async with Sandbox() as sandbox:
        await sandbox.prepare(png(), "picture")
        pid = await process_of(sandbox)
    assert not is_running(pid)


async def test_sandbox_that_is_cancelled_owes_no_late_reply(sandbox: Sandbox) -> None:
    await sandbox.prepare(png(), "picture")
    waiting = asyncio.create_task(sandbox.prepare(heavy_png(), "picture"))
    await asyncio.sleep(0.05)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert (await sandbox.prepare(png(11), "picture")).width == 11


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(LENGTH.pack(3) + b"\xc1\xc1\xc1", id="no message"),
        pytest.param(LENGTH.pack(1) + b"\x80", id="another message"),
        pytest.param(LENGTH.pack(9) + b"\x80", id="half a message"),
    ],
)
async def test_sandbox_does_not_trust_its_process(reply: bytes, sandbox: Sandbox) -> None:
    with pytest.raises(SandboxCrashed, match=CRASHED):
        await sandbox.run(reply_and_close, reply, returns=type(None), raises=OSError)


async def test_sandbox_waits_for_no_endless_reply(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxCrashed, match=CRASHED):
        await sandbox.run(reply_with, LENGTH.pack(2**32 - 1), returns=type(None), raises=OSError)


async def test_sandbox_ends_a_process_that_works_on_with_nobody_left_to_stop_it(sandbox: Sandbox) -> None:
    await sandbox.prepare(png(), "picture")
    assert 0 < seconds_allowed(await process_of(sandbox)) <= 2 * SECONDS + 1


def test_serving_answers_each_request_and_ends_with_the_input() -> None:
    calls = [
        Call(prepare.__module__, "prepare", arguments) for arguments in ((png(), "avatar"), (b"nonsense", "emoji"))
    ]
    requests = [msgspec.msgpack.encode(call) for call in calls]
    replies = BytesIO()
    serve(BytesIO(b"".join(LENGTH.pack(len(one)) + one for one in requests)), replies)
    replies.seek(0)
    found = []
    while head := replies.read(4):
        found.append(msgspec.msgpack.decode(replies.read(*LENGTH.unpack(head)), type=Done | Failed))
    done, failed = found
    assert isinstance(done, Done)
    assert msgspec.msgpack.decode(done.value, type=Prepared) == prepare(png(), "avatar")
    assert failed == Failed("BadPicture", "Unsupported picture format. Supported: JPEG, PNG, GIF, WebP and AVIF.")
