"""A repository's own server: found by the account's DID, and asked about the account and its posts."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from connectors.http.client import Http
from connectors.networks.bluesky.repository import Repositories, RepoState
from connectors.sandbox import Inline

PLC, WEB = "did:plc:adaadaadaadaadaadaadaada", "did:web:quay.example"
ACTIVE = {"active": True}
DOCUMENT = {"service": [7, {"id": "#other"}, {"id": f"{PLC}#atproto_pds", "serviceEndpoint": "https://pds.example/"}]}


class Servers:
    """Prepared answers by the end of the path; `asked` are the addresses of all requests."""

    def __init__(self, **replies: Any) -> None:
        self.replies = {"document": DOCUMENT, "getRepoStatus": ACTIVE, "getRecord": {"uri": "x"}} | replies
        self.asked: list[str] = []

    def http(self) -> Http:
        return Http(transport=httpx.MockTransport(self._answer), sandbox=Inline, per_second=100_000)

    async def state(self, did: str = PLC) -> RepoState:
        """The state of a post of that account."""
        async with self.http() as http:
            return await Repositories(http).state_of_post(f"at://{did}/app.bsky.feed.post/1")

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url.copy_with(query=None)))
        name = request.url.path.rpartition(".")[2] if "/xrpc/" in request.url.path else "document"
        reply = self.replies.get(name, 404)
        if isinstance(reply, int):
            return httpx.Response(reply)
        return httpx.Response(400 if isinstance(reply, dict) and "error" in reply else 200, json=reply)


@pytest.mark.parametrize(
    ("did", "address"),
    [(PLC, f"https://plc.directory/{PLC}"), (WEB, "https://quay.example/.well-known/did.json")],
)
async def test_server_is_found_by_the_document_of_the_did(did: str, address: str) -> None:
    servers = Servers()
    assert await servers.state(did) is RepoState.ACTIVE
    assert servers.asked == [
        address,
        "https://pds.example/xrpc/com.atproto.sync.getRepoStatus",
        "https://pds.example/xrpc/com.atproto.repo.getRecord",
    ]


@pytest.mark.parametrize(
    ("replies", "state"),
    [
        ({"document": 410}, RepoState.GONE),
        ({"document": 404}, RepoState.UNKNOWN),
        ({"document": []}, RepoState.UNKNOWN),
        (
            {"document": {"service": [{"id": "#atproto_pds", "serviceEndpoint": "ftp://pds.example"}]}},
            RepoState.UNKNOWN,
        ),
        ({"getRepoStatus": {"active": False, "status": "deleted"}}, RepoState.GONE),
        ({"getRepoStatus": {"active": False, "status": "suspended"}}, RepoState.TAKEN_DOWN),
        ({"getRepoStatus": {"active": False, "status": "desynchronized"}}, RepoState.INACTIVE),
        ({"getRepoStatus": {"active": False}}, RepoState.INACTIVE),
        ({"getRepoStatus": {"active": "yes", "status": 7}}, RepoState.INACTIVE),
        ({"getRepoStatus": {"error": "RepoNotFound"}, "listRepos": {"repos": [{"did": WEB}]}}, RepoState.GONE),
        ({"getRepoStatus": {"error": "RepoNotFound"}, "listRepos": {"repos": []}}, RepoState.UNKNOWN),
        ({"getRepoStatus": {"error": "RepoNotFound"}}, RepoState.UNKNOWN),
        ({"getRepoStatus": 500}, RepoState.UNKNOWN),
        ({"getRecord": {"error": "RecordNotFound", "message": ""}}, RepoState.GONE),
        ({"getRecord": {"error": "InvalidRequest", "message": "Could not locate record: at://…"}}, RepoState.GONE),
        ({"getRecord": {"error": "InvalidRequest", "message": "Invalid rkey"}}, RepoState.UNKNOWN),
        ({"getRecord": 404}, RepoState.UNKNOWN),
        ({"getRecord": {"value": "x" * 9_000}}, RepoState.ACTIVE),
        ({"getRecord": "odd"}, RepoState.ACTIVE),
    ],
)
async def test_post_is_gone_only_by_a_clear_word_of_its_origin(replies: dict[str, Any], state: RepoState) -> None:
    assert await Servers(**replies).state() is state


async def test_repository_is_located_once_and_what_is_no_post_not_at_all() -> None:
    servers = Servers()
    async with servers.http() as http:
        asked = Repositories(http)
        assert await asked.state_of_post("at://nothing") is RepoState.UNKNOWN
        assert [await asked.state(PLC), await asked.state(PLC)] == [RepoState.ACTIVE] * 2
    assert len(servers.asked) == 2
