"""A Lemmy server of invented posts, as a transport: a community's list by cursor, posts and people; it can fail."""

from __future__ import annotations

from typing import Any

import httpx

from connectors.http.client import Http
from connectors.sandbox import Inline
from tests.fakes.lemmy_entities import new_person


class LemmyServer:
    """`views` by id, listed newest first; `absent` people; `fails` by endpoint. `api` is the only path it knows."""

    def __init__(self, *views: dict[str, Any], api: str = "/api/v3") -> None:
        self.views = {str(view["post"]["id"]): view for view in views}
        self.api = api
        self.absent: set[str] = set()
        self.people: dict[str, dict[str, Any]] = {}
        self.fails: dict[str, httpx.Response] = {}
        self.asked: list[str] = []

    def http(self) -> Http:
        return Http(transport=httpx.MockTransport(self._answer), sandbox=Inline, per_second=10_000)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path)
        if not request.url.path.startswith(f"{self.api}/"):
            return httpx.Response(404, text="<html>Not found</html>")
        endpoint = request.url.path.removeprefix(f"{self.api}/")
        if endpoint in self.fails:
            return self.fails[endpoint]
        return self._reply(endpoint, request.url.params)

    def _reply(self, endpoint: str, asked: httpx.QueryParams) -> httpx.Response:
        match endpoint:
            case "community":
                return httpx.Response(200, json={"community_view": {"community": {"name": asked["name"]}}})
            case "post":
                view = self.views.get(asked["id"])
                return httpx.Response(200, json={"post_view": view}) if view else refusal("couldnt_find_post")
            case "user":
                name = asked["username"]
                person = {"person_view": {"person": self.people.get(name) or new_person(name)}}
                return refusal("couldnt_find_person") if name in self.absent else httpx.Response(200, json=person)
            case _:
                below = int(asked.get("page_cursor", 10**9))
                listed = sorted((int(id_) for id_ in self.views if int(id_) < below), reverse=True)
                some = [str(id_) for id_ in listed[: int(asked["limit"])]]
                page = {"posts": [self.views[id_] for id_ in some], "next_page": some[-1] if some else None}
                return httpx.Response(200, json=page)


def refusal(code: str, status: int = 404) -> httpx.Response:
    return httpx.Response(status, json={"error": code})
