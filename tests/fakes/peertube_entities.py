"""Invented videos and accounts in PeerTube's form."""

from __future__ import annotations

from typing import Any

ORIGIN = "https://peertube.example"


def new_account(name: str, host: str = "peertube.example", **more: Any) -> dict[str, Any]:
    url = f"https://{host}/accounts/{name}"
    avatars = [{"path": f"/lazy-static/avatars/{name}-{width}.webp", "width": width} for width in (48, 120)]
    account = {"id": 3, "name": name, "displayName": name.title(), "host": host, "url": url, "avatars": avatars}
    return account | more


def uuid(number: int | str) -> str:
    return f"00000000-0000-4000-8000-{int(number):012}"


def new_video(
    number: int | str,
    name: str = "A talk",
    by: dict[str, Any] | None = None,
    host: str = "peertube.example",
    **more: Any,
) -> dict[str, Any]:
    """A video of a list; `number` is the end of its uuid."""
    id_ = uuid(number)
    video: dict[str, Any] = {
        "id": int(number),
        "uuid": id_,
        "url": f"https://{host}/videos/watch/{id_}",
        "name": name,
        "publishedAt": "2026-11-25T07:00:00.000Z",
        "updatedAt": "2026-11-26T07:00:00.000Z",
        "privacy": {"id": 1, "label": "Public"},
        "language": {"id": "en", "label": "English"},
        "truncatedDescription": "Recorded at the quay",
        "duration": 754,
        "nsfw": False,
        "thumbnailPath": f"/lazy-static/thumbnails/{number}.jpg",
        "previewPath": f"/lazy-static/previews/{number}.jpg",
        "account": by or new_account("ada", host),
        "channel": {"id": 4, "name": "talks", "displayName": "Talks", "host": host},
    }
    return video | more


def rich_video(number: str, name: str = "Middle") -> dict[str, Any]:
    """A video with every part that is read."""
    files: dict[str, Any] = {"thumbnailUrl": f"{ORIGIN}/t.jpg", "previewUrl": f"{ORIGIN}/p.jpg", "aspectRatio": 1.7778}
    more: dict[str, Any] = {
        "nsfwSummary": "Loud",
        "blacklisted": False,
        "tags": ["socitm09"],
        "description": "Recorded at the quay",
    }
    account = new_account("bo", description="Boats")
    account["avatars"][0]["fileUrl"] = f"{ORIGIN}/a.webp"
    return new_video(number, name, account, **files, **more)
