"""Small conference archives, written for a test and played by `backchannel rehearse`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from tests.wall_server import WallServer

HEADER = {"archive": 1, "name": "Small Talk", "hashtag": "#small", "time_zone": "UTC"}
ADA = {
    "act": "person",
    "id": "ada",
    "name": "Ada Example",
    "handle": "@ada@quay.example",
    "url": "https://quay.example/@ada",
}


ALL_AT_ONCE = 10_000


def play(server: WallServer, folder: Path, posts: Sequence[str], rate: int = ALL_AT_ONCE, slug: str = "hall") -> None:
    """Play these posts by Ada on the wall, at this rate. The wall is created if it doesn't exist."""
    archive = write_archive(folder, posts)
    server.run("rehearse", archive, "--wall", slug, "--rate", str(rate), "--no-loop")


def write_archive(folder: Path, posts: Sequence[str]) -> str:
    """The path of a new file."""
    name = f"archive-{sum(1 for _ in folder.glob('*.jsonl'))}"
    acts = [
        {"act": "post", "t": number, "id": f"{name}-{number}", "by": "ada", "lang": "en"} | {"text": words}
        for number, words in enumerate(posts)
    ]
    file = folder / f"{name}.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in [HEADER, ADA, *acts]), encoding="utf-8")
    return str(file)


def numbered(what: str, count: int) -> list[str]:
    """`tide 001.`, `tide 002.`, … No one of them is part of another."""
    return [f"{what} {number:03d}." for number in range(1, count + 1)]
