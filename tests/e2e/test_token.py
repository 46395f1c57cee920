"""A token is sent to its own server only, and other users of this machine can't read it."""

from __future__ import annotations

import stat
from pathlib import Path

from tests.fakes.foreign_server import posts, until
from tests.fakes.mastodon_server import MastodonServer
from tests.wall_server import WallServer

TOKEN = "SECRET-TOKEN-1"


def test_token_is_used_and_shown_nowhere(tmp_path: Path, mastodon: MastodonServer) -> None:
    mastodon.token = TOKEN
    mastodon.post("For those who may see it #conf", tags=["conf"])
    server = WallServer(tmp_path, BACKCHANNEL_LOG_LEVEL="debug")
    server.run("wall", "create", "hall", "--name", "The hall")
    follow = ("follow", "#conf", "--on", mastodon.url, "--wall", "hall")
    told = [server.run(*follow, "--token", TOKEN), server.run(*follow, "--json"), server.run(*follow, "--any", "more")]
    server.start()
    try:
        until(lambda: posts(server, "hall"))
        told += [server.run(*asked) for asked in (("sources",), ("sources", "--json"), ("sources", "--all", "--json"))]
        files = [path for path in server.data_dir.rglob("*") if path.is_file()]
        holding = [path.name for path in files if TOKEN.encode() in path.read_bytes()]
        open_to_others = [path.name for path in (server.data_dir, *files) if stat.S_IMODE(path.stat().st_mode) & 0o077]
    finally:
        server.stop()
    assert [text for text in (*told, server.log.read_text()) if TOKEN in text] == []
    assert (holding, open_to_others) == ([], [])
