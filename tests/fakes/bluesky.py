"""Bluesky as a transport of `Http`: its AppView, the directory of DIDs, and a server of repositories."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zlib import crc32

import httpx

from connectors.http.client import Http
from connectors.sandbox import Inline, SandboxProtocol
from tests.aggregator.invented import Clock

ADA, BEN = "did:plc:adaadaadaadaadaadaadaada", "did:plc:benbenbenbenbenbenbenben"
HANDLES = {"ada.quay.example": ADA, "ben.quay.example": BEN}
PDS = "https://pds.quay.example"
LIST = f"at://{ADA}/app.bsky.graph.list/3kspeakers"
UNSHOWN = frozenset({"deactivated", "takendown", "deleted"})


class FakeBluesky:
    """`posts` are the records by URI, newest last. `status` is that of each repository.

    `unindexed` posts are not shown by the AppView, which finds no post at all while it is `blind`. `failing` maps a
    method to the status of its failure. `asked` are the methods of all requests.
    """

    def __init__(self) -> None:
        self.posts: dict[str, dict[str, Any]] = {}
        self.status = dict.fromkeys(HANDLES.values(), "active")
        self.names = {ADA: "Ada Quill", BEN: "Ben Rook"}
        self.notes: dict[str, str] = {}
        self.unindexed: set[str] = set()
        self.blind = False
        self.failing: dict[str, int] = {}
        self.asked: list[str] = []
        self.events: list[dict[str, Any]] = []
        self._count = 0

    def post(self, text: str, did: str = ADA, **record: Any) -> str:
        """Write a post; returns its URI."""
        self._count += 1
        uri = f"at://{did}/app.bsky.feed.post/3k{self._count:05}"
        self.posts[uri] = {"text": text, "createdAt": f"2009-10-12T09:{self._count:02}:00.000Z", **record}
        self._happen(uri, "create", self.posts[uri])
        return uri

    def edit(self, uri: str, text: str) -> None:
        """Change the text of a post."""
        self.posts[uri] = {**self.posts[uri], "text": text}
        self._happen(uri, "update", self.posts[uri])

    def delete(self, uri: str) -> None:
        del self.posts[uri]
        self._happen(uri, "delete")

    def repost(self, uri: str, did: str) -> str:
        """Repost a post, as Jetstream tells it; returns the URI of the repost."""
        self._count += 1
        repost = f"at://{did}/app.bsky.feed.repost/3k{self._count:05}"
        self._happen(repost, "create", {"subject": {"uri": uri, "cid": ""}})
        return repost

    def suspend(self, did: str, status: str = "takendown") -> None:
        """Take an account down, as Jetstream tells it."""
        self.status[did] = status
        self._tell(did, kind="account", account={"did": did, "active": False, "status": status})

    def _happen(self, uri: str, operation: str, record: dict[str, Any] | None = None) -> None:
        did, collection, key = uri.removeprefix("at://").split("/")
        written = {"record": {"$type": collection, **record}, "cid": self._cid(record)} if record is not None else {}
        commit = {"rev": key, "operation": operation, "collection": collection, "rkey": key, **written}
        self._tell(did, kind="commit", commit=commit)

    def _tell(self, did: str, **event: Any) -> None:
        """Note what Jetstream tells: ten seconds lie between two events."""
        time = 1_255_340_000_000_000 + 10_000_000 * len(self.events)
        self.events.append({"did": did, "time_us": time, **event})

    def _cid(self, record: dict[str, Any]) -> str:
        return f"bafyrei{crc32(str(record).encode()):012}"

    def http(self, clock: Clock | None = None, sandbox: Callable[[], SandboxProtocol] = Inline) -> Http:
        """A client that asks this network only."""
        wire = httpx.MockTransport(self._answer)
        allowed = ["127.0.0.1"]  # of a fake Jetstream
        return Http(transport=wire, sandbox=sandbox, per_second=100_000, now=clock or Clock(), allow_hosts=allowed)

    def view(self, uri: str) -> dict[str, Any]:
        record, did = self.posts[uri], uri.split("/")[2]
        author = {"did": did, "handle": next(name for name, owner in HANDLES.items() if owner == did)}
        return {
            "uri": uri,
            "cid": self._cid(record),
            "author": {**author, "displayName": self.names[did], "labels": []},
            "record": record,
            "indexedAt": record["createdAt"],
        }

    def _shown(self) -> list[str]:
        return [
            uri for uri in self.posts if uri not in self.unindexed and self.status[uri.split("/")[2]] not in UNSHOWN
        ]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "plc.directory":
            self.asked.append("plc")
            document = {"service": [{"id": "#atproto_pds", "serviceEndpoint": PDS}]}
            return httpx.Response(self.failing.get("plc", 200), json=document)
        method = request.url.path.removeprefix("/xrpc/")
        name = method.rpartition(".")[2]
        self.asked.append(name)
        if status := self.failing.get(name):
            return httpx.Response(status, json={"error": "InternalServerError", "message": "It fails"})
        answer: Callable[[httpx.QueryParams], Any] = getattr(self, f"_{name}")
        found = answer(request.url.params)
        return httpx.Response(400 if isinstance(found, dict) and "error" in found else 200, json=found)

    # --- the AppView ---

    def _resolveHandle(self, asked: httpx.QueryParams) -> Any:  # noqa: N802 (the name of the method)
        did = HANDLES.get(asked["handle"])
        return {"did": did} if did else _error("InvalidRequest", "Unable to resolve handle")

    def _getAuthorFeed(self, asked: httpx.QueryParams) -> Any:  # noqa: N802
        if self.status.get(asked["actor"], "deleted") in UNSHOWN:
            return _error("InvalidRequest", "Profile not found")
        listed = [uri for uri in self._shown() if uri.startswith(f"at://{asked['actor']}/")]
        return {"feed": [{"post": self.view(uri)} for uri in reversed(listed)]}

    def _createSession(self, _: httpx.QueryParams) -> Any:  # noqa: N802
        return {"did": BEN, "accessJwt": "access", "refreshJwt": "refresh"}

    def _searchPosts(self, asked: httpx.QueryParams) -> Any:  # noqa: N802
        found = [uri for uri in self._shown() if asked["q"] in self.posts[uri]["text"].lower()]
        return {"posts": [self.view(uri) for uri in reversed(found)]}

    def _getListFeed(self, _: httpx.QueryParams) -> Any:  # noqa: N802
        return {"feed": [{"post": self.view(uri)} for uri in reversed(self._shown())]}

    def _getList(self, asked: httpx.QueryParams) -> Any:  # noqa: N802
        return {"list": {"uri": asked["list"]}, "items": []}

    def _getPosts(self, asked: httpx.QueryParams) -> Any:  # noqa: N802
        found = [] if self.blind else [uri for uri in asked.get_list("uris") if uri in self._shown()]
        return {"posts": [self.view(uri) for uri in found]}

    def _getProfiles(self, asked: httpx.QueryParams) -> Any:  # noqa: N802
        return {"profiles": [self._profile(did) for did in asked.get_list("actors")]}

    def _profile(self, did: str) -> dict[str, Any]:
        handle = next(name for name, owner in HANDLES.items() if owner == did)
        return {"did": did, "handle": handle, "displayName": self.names[did], "description": self.notes.get(did, "")}

    def _getProfile(self, asked: httpx.QueryParams) -> Any:  # noqa: N802
        names = {"takendown": "AccountTakedown", "deactivated": "AccountDeactivated", "deleted": "InvalidRequest"}
        name = names.get(self.status[asked["actor"]])
        return _error(name, "Not shown") if name else {"did": asked["actor"]}

    # --- the server of the repositories ---

    def _getRepoStatus(self, asked: httpx.QueryParams) -> Any:  # noqa: N802
        status = self.status[asked["did"]]
        if status == "deleted":
            return _error("RepoNotFound", "Could not find repo")
        return {"did": asked["did"], "active": status == "active", "status": status}

    def _listRepos(self, _: httpx.QueryParams) -> Any:  # noqa: N802
        return {"repos": [{"did": did} for did, status in self.status.items() if status != "deleted"]}

    def _getRecord(self, asked: httpx.QueryParams) -> Any:  # noqa: N802
        uri = f"at://{asked['repo']}/{asked['collection']}/{asked['rkey']}"
        return {"uri": uri, "value": self.posts[uri]} if uri in self.posts else _error("RecordNotFound", "Not found")


def _error(name: str, message: str) -> dict[str, str]:
    return {"error": name, "message": message}
