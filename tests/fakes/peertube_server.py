"""A PeerTube server of invented videos, as a transport: lists by position, videos and accounts; it can fail."""

from __future__ import annotations

from typing import Any

import httpx

from connectors.http.client import Http
from connectors.sandbox import Inline
from tests.fakes.peertube_entities import new_account


class PeerTubeServer:
    """`videos` newest first; `absent` channels and accounts by path; `fails` by the beginning of a path."""

    def __init__(self, *videos: dict[str, Any]) -> None:
        self.videos = list(videos)
        self.absent: set[str] = set()
        self.accounts: dict[str, dict[str, Any]] = {}
        self.private: set[str] = set()
        self.fails: dict[str, httpx.Response] = {}
        self.asked: list[str] = []

    def http(self) -> Http:
        return Http(transport=httpx.MockTransport(self._answer), sandbox=Inline, per_second=10_000)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api/v1/")
        self.asked.append(path)
        if failed := next((reply for begin, reply in self.fails.items() if path.startswith(begin)), None):
            return failed
        kind, _, name = path.partition("/")
        if kind == "videos":
            return self._video(name)
        if path.endswith("videos"):
            start, count = (int(request.url.params[each]) for each in ("start", "count"))
            return httpx.Response(200, json={"total": 0, "data": self.videos[start : start + count]})
        if path in self.absent:
            return refusal(404, "Account not found")
        return httpx.Response(200, json=self.accounts.get(name) or new_account(name, description=""))

    def _video(self, uuid: str) -> httpx.Response:
        if uuid in self.private:
            return refusal(403, "Cannot fetch information of private/internal/blocked video")
        found = next((video for video in self.videos if video["uuid"] == uuid), None)
        return httpx.Response(200, json=found) if found else refusal(404, "Video not found")


def refusal(status: int, detail: str) -> httpx.Response:
    body = {"type": "about:blank", "title": "No", "detail": detail, "status": status}
    return httpx.Response(status, json=body, headers={"Content-Type": "application/problem+json"})
