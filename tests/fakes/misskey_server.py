"""A Misskey server of invented notes, as a transport: timelines by id, notes and users; it can fail."""

from __future__ import annotations

import json
from typing import Any

import httpx

from connectors.http.client import Http
from connectors.sandbox import Inline
from tests.fakes.misskey_entities import new_user

ORIGIN = "https://misskey.example"


class MisskeyServer:
    """`notes` by id; `users` in full by id, taken from the notes where they are missing; `fails` by endpoint."""

    def __init__(self, *notes: dict[str, Any]) -> None:
        self.notes = {note["id"]: note for note in notes}
        self.users: dict[str, dict[str, Any]] = {}
        self.absent: set[str] = set()
        self.fails: dict[str, httpx.Response] = {}
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def http(self) -> Http:
        return Http(transport=httpx.MockTransport(self._answer), sandbox=Inline, per_second=10_000)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        endpoint, asked = request.url.path.removeprefix("/api/"), json.loads(request.content)
        self.asked.append((endpoint, asked))
        if endpoint in self.fails:
            return self.fails[endpoint]
        match endpoint:
            case "notes/show":
                note = self.notes.get(asked["noteId"])
                return httpx.Response(200, json=note) if note else refusal(400, "NO_SUCH_NOTE")
            case "users/show" if "userIds" in asked:
                return httpx.Response(200, json=[self._user(id_) for id_ in asked["userIds"]])
            case "users/show":
                id_ = asked.get("userId") or f"u-{asked['username']}"
                return refusal(404, "NO_SUCH_USER") if id_ in self.absent else httpx.Response(200, json=self._user(id_))
            case _:
                below = asked.get("untilId", "~")
                listed = sorted((note for id_, note in self.notes.items() if id_ < below), key=lambda each: each["id"])
                return httpx.Response(200, json=listed[::-1][: asked["limit"]])

    def _user(self, id_: str) -> dict[str, Any]:
        name = id_.removeprefix("u-")
        return self.users.get(id_) or new_user(name, description="", fields=[], isSuspended=False)


def refusal(status: int, code: str) -> httpx.Response:
    return httpx.Response(status, json={"error": {"message": "No.", "code": code, "id": "x"}})
