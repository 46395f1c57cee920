"""Fixtures of the end-to-end tests: a network to post to, and a conference that was rehearsed."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from tests.fakes.mastodon_server import MastodonServer
from tests.wall_server import WallServer

TIMEOUT = 60.0


@pytest.fixture
def mastodon() -> Iterator[MastodonServer]:
    with MastodonServer() as server:
        yield server


@pytest.fixture(scope="session")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WallServer]:
    """A server whose wall `rehearsal` holds the whole invented conference, pictures and all. Read-only.

    The conference is played once for all workers of a run: each serves a copy of its data folder.
    """
    folder = tmp_path_factory.mktemp("rehearsed")
    server = WallServer(folder)
    shutil.copytree(_played(tmp_path_factory), server.data_dir)
    server.start()
    try:
        wait_for_pictures(server, "rehearsal")
        yield server
    finally:
        server.stop()


def _played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a server that has played the conference and has stopped; the first worker makes it."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "played"
    shared.mkdir(exist_ok=True)
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = shared / "done"
        if not done.exists():
            server = WallServer(shared)
            shutil.rmtree(server.data_dir, ignore_errors=True)
            server.run("rehearse", "--rate", "10000", "--no-loop")
            server.start()
            try:
                wait_for_pictures(server, "rehearsal")
            finally:
                server.stop()
            done.touch()
        return WallServer(shared).data_dir


def wait_for_pictures(server: WallServer, slug: str) -> None:
    """Wait until every picture of the newest posts has its file, so that the page no longer changes."""
    give_up_at = time.monotonic() + TIMEOUT
    while True:
        with urlopen(f"{server.url}/api/walls/{slug}/records") as reply:
            records = json.load(reply)["records"]
        posts = [record["body"] for record in records if record["kind"] == "post"]
        pictures = list(_pictures(posts))
        if pictures and all(picture.get("id") for picture in pictures):
            return
        assert time.monotonic() < give_up_at, f"{len(posts)} posts, pictures without a file: {pictures}"
        time.sleep(0.2)


def _pictures(value: Any) -> Iterator[dict[str, Any]]:
    """All pictures in a body: objects with a colour, a size or a file."""
    if isinstance(value, dict):
        if {"avatar", "picture"} & value.keys():
            yield from (value[name] for name in ("avatar", "picture") if isinstance(value.get(name), dict))
        for each in value.values():
            yield from _pictures(each)
    elif isinstance(value, list):
        for each in value:
            yield from _pictures(each)
