"""Mastodon's entities with their defaults, for the Mastodon-shaped server of the tests, and its drawings."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import UTC, datetime
from html import escape
from typing import Any

from PIL import Image


def new_status(url: str, ref: str, by: str) -> dict[str, Any]:
    """A public, empty status with that id. `account` is a name here; the server inserts the account."""
    return {
        "id": ref,
        "uri": f"{url}/users/{by}/statuses/{ref}",
        "url": f"{url}/@{by}/{ref}",
        "created_at": iso(datetime.now(UTC)),
        "edited_at": None,
        "account": by,
        "content": "",
        "visibility": "public",
        "sensitive": False,
        "spoiler_text": "",
        "language": "en",
        "in_reply_to_id": None,
        "reblog": None,
        "media_attachments": [],
        "mentions": [],
        "tags": [],
        "emojis": [],
        "poll": None,
        "card": None,
        "quote": None,
    }


def new_account(url: str, name: str, number: int) -> dict[str, Any]:
    return {
        "id": str(number),
        "username": name,
        "acct": name,
        "display_name": name.replace("_", " ").title(),
        "url": f"{url}/@{name}",
        "uri": f"{url}/users/{name}",
        "avatar": f"{url}/avatars/{name}.png",
        "avatar_static": f"{url}/avatars/{name}.png",
        "note": "",
        "fields": [],
        "emojis": [],
        "bot": False,
        "discoverable": False,
        "noindex": False,
    }


def new_picture(url: str, width: int, height: int, alt: str | None) -> dict[str, Any]:
    size = {"width": width, "height": height, "size": f"{width}x{height}", "aspect": width / height}
    return {
        "id": url.rpartition("/")[2],
        "type": "image",
        "url": url,
        "preview_url": url,
        "remote_url": None,
        "meta": {"original": size, "small": size, "focus": {"x": 0.0, "y": 0.0}},
        "description": alt,
        "blurhash": "L*JbaAM-rdK.xaRXS|XKn$ibr@Rl",
    }


def to_html(text: str, url: str, tags: Iterable[str]) -> str:
    """Plain text as a Mastodon server marks it up, hashtags linked."""
    marked = escape(text, quote=False)
    for tag in tags:
        link = f'<a href="{url}/tags/{tag}" class="mention hashtag" rel="tag">#<span>{tag}</span></a>'
        marked = marked.replace(f"#{tag}", link)
    return f"<p>{marked}</p>"


def draw(width: int, height: int, colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, "PNG")
    return out.getvalue()


def iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
