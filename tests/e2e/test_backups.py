"""After a restore, readers start again, and posts hidden since the backup stay hidden from them."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect

from tests.e2e.archives import numbered, play
from tests.wall_server import WallServer

EARLY, LATE = numbered("tide", 30), numbered("gull", 120)
SOON = 10.0

Bodies = dict[str, Any]


async def snapshot(server: WallServer) -> tuple[str, int, Bodies]:
    """A new visitor's snapshot: epoch, head and posts."""
    async with httpx.AsyncClient(base_url=server.url) as client:
        answer = (await client.get("/api/walls/hall/records", params={"limit": 200})).json()
    posts = {record["key"]: record["body"] for record in answer["records"] if record["kind"] == "post"}
    return answer["epoch"], answer["head"], posts


async def first_message(server: WallServer, epoch: str, seq: int) -> dict[str, Any]:
    """The first message for a reader that reconnects at its position."""
    address = f"{server.url.replace('http', 'ws')}/api/walls/hall/live?epoch={epoch}&since={seq}"
    async with connect(address) as line, asyncio.timeout(SOON):
        found: dict[str, Any] = json.loads(await line.recv())
        return found


async def posts_to_come(server: WallServer, count: int) -> tuple[str, int, Bodies]:
    async with asyncio.timeout(30):
        while len((found := await snapshot(server))[2]) < count:
            await asyncio.sleep(0.1)
    return found


async def by_command(server: WallServer, _folder: Path, backup: Path) -> None:
    await asyncio.to_thread(server.run, "restore", str(backup), "--yes")


async def by_hand(server: WallServer, folder: Path, _backup: Path) -> None:
    """Replace the lost files by the copies, as `cp` and `rsync` do."""
    shutil.rmtree(server.data_dir)
    shutil.copytree(folder / "copy", server.data_dir)


async def over_the_old_one(server: WallServer, folder: Path, _backup: Path) -> None:
    """The database alone, written over the one that is there: all else, its inode too, stays what it was."""
    shutil.copy(folder / "copy" / "backchannel.db", server.data_dir / "backchannel.db")
    for besides in ("-wal", "-shm"):
        (server.data_dir / f"backchannel.db{besides}").unlink(missing_ok=True)


@pytest.mark.parametrize("restore", [by_command, by_hand, over_the_old_one])
async def test_a_restored_backup_leaves_no_reader_with_what_was_hidden(
    wall_server: WallServer, tmp_path: Path, restore: Callable[[WallServer, Path, Path], Awaitable[None]]
) -> None:
    backup = tmp_path / "hall.tar"
    wall_server.run("wall", "create", "hall", "--name", "The hall")
    play(wall_server, tmp_path, EARLY)
    await posts_to_come(wall_server, len(EARLY))
    await asyncio.to_thread(wall_server.run, "backup", str(backup))
    wall_server.stop()
    shutil.copytree(wall_server.data_dir, tmp_path / "copy")

    wall_server.start()
    later = tmp_path / "later"
    later.mkdir()
    await asyncio.to_thread(play, wall_server, later, LATE[:20])
    epoch, head, _ = await posts_to_come(wall_server, len(EARLY) + 20)
    assert (await first_message(wall_server, epoch, head)).get("reset") is None
    wall_server.kill()

    await restore(wall_server, tmp_path, backup)
    wall_server.start()
    _, _, posts = await snapshot(wall_server)
    hidden = next(iter(posts))
    await asyncio.to_thread(wall_server.run, "hide", hidden, "--wall", "hall")
    await asyncio.to_thread(play, wall_server, later, LATE)
    after, now, shown = await posts_to_come(wall_server, len(EARLY) - 1 + len(LATE))
    assert now > head, "the channel has passed the reader's place, so that only its epoch tells"
    assert after != epoch
    assert hidden not in shown
    assert await first_message(wall_server, epoch, head) == {"reset": True, "epoch": after, "head": now}


async def test_a_backup_that_is_made_while_the_server_writes_is_whole(wall_server: WallServer, tmp_path: Path) -> None:
    wall_server.run("wall", "create", "hall", "--name", "The hall")
    await asyncio.to_thread(play, wall_server, tmp_path, numbered("tide", 400), rate=80)
    await posts_to_come(wall_server, 1)
    for number in range(4):
        file = tmp_path / f"{number}.tar"
        await asyncio.to_thread(wall_server.run, "backup", str(file))
        other = WallServer(tmp_path / f"other-{number}")
        other.data_dir.parent.mkdir()
        await asyncio.to_thread(other.run, "restore", str(file))
        [row] = json.loads(await asyncio.to_thread(other.run, "walls", "--json"))
        assert row["live"] > 0
    assert len((await posts_to_come(wall_server, 200))[2]) == 200
