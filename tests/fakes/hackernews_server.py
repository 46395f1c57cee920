"""Hacker News with invented stories and comments, as a transport: its search, items and users; it can fail."""

from __future__ import annotations

from typing import Any

import httpx

from connectors.http.client import Http
from connectors.sandbox import Inline


def new_item(id_: int | str, title: str = "", by: str = "ada", **more: Any) -> dict[str, Any]:
    """An item of the API; a comment if it has no title."""
    words = {"title": title, "url": f"https://talks.example/{id_}"} if title else {"text": "Well said", "parent": 1}
    return {"id": int(id_), "by": by, "time": 1795595400 + int(id_), **words} | more


def hit_of(item: dict[str, Any]) -> dict[str, Any]:
    """The same item in the search's form."""
    text = {"comment_text" if "parent" in item else "story_text": item.get("text")}
    named = {name: item.get(name) for name in ("title", "url")}
    return {
        "objectID": str(item["id"]),
        "author": item["by"],
        "created_at": "2026-11-25T08:30:00Z",
        "created_at_i": item["time"],
        "parent_id": item.get("parent"),
        **named,
        **text,
    }


def rich_hit(id_: str, title: str = "Middle") -> dict[str, Any]:
    """A hit with every part that is read."""
    hit = hit_of(new_item(id_, title, by="bo", text="<p>Recorded at the quay"))
    return hit | {"parent_id": 3, "comment_text": None}


class HackerNewsServer:
    """`items` newest first; `absent` ids; `about` of users; `fails` by the beginning of a path."""

    def __init__(self, *items: dict[str, Any]) -> None:
        self.items = list(items)
        self.about: dict[str, str] = {}
        self.fails: dict[str, httpx.Response] = {}
        self.asked: list[str] = []

    def http(self) -> Http:
        return Http(transport=httpx.MockTransport(self._answer), sandbox=Inline, per_second=10_000)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        path, asked = request.url.path, request.url.params
        self.asked.append(path)
        if failed := next((reply for begin, reply in self.fails.items() if path.startswith(begin)), None):
            return failed
        if path == "/api/v1/search_by_date":
            size = int(asked["hitsPerPage"])
            start = int(asked["page"]) * size
            shown = [item for item in self.items if not item.get("deleted")]
            return httpx.Response(200, json={"hits": [hit_of(item) for item in shown[start : start + size]]})
        name = path.rpartition("/")[2].removesuffix(".json")
        if path.startswith("/v0/user/"):
            return httpx.Response(200, json={"id": name, "about": self.about.get(name, "")})
        found = next((item for item in self.items if str(item["id"]) == name), None)
        return httpx.Response(200, json=found) if found else httpx.Response(200, text="null")
