"""Each route of accounts and of the desk, asked by everybody, against the table of docs/desk-permissions.md."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from aggregator.accounts.access import Principal
from aggregator.accounts.api_tokens import make_token
from aggregator.accounts.members import set_role
from aggregator.accounts.roles import Permission, Role
from aggregator.accounts.tables import Account
from aggregator.store.sql import stored_id
from aggregator.store.store import Store
from aggregator.walls.tables import Wall
from tests.accounts import AT, OPERATOR, OTHER_PASSWORD, PASSWORD, a_member, a_session, an_account
from tests.web.desk import Desk, shake_hands
from web.api import accounts
from web.problems import PRIVATE_CLOSE

PAGE = Path(__file__).parents[3] / "docs" / "desk-permissions.md"
REFUSED = frozenset({"not_signed_in", "permission_denied", "session_only"})
ADMIN, NOBODY = "admin", "nobody"
PEOPLE = [NOBODY, *Role, ADMIN]
CHANGE = {"current": OTHER_PASSWORD, "new": OTHER_PASSWORD}
CLIENT_DATA = "eyJ0eXBlIjoiIiwiY2hhbGxlbmdlIjoiIiwib3JpZ2luIjoiIn0"
"""Answers no challenge."""
KEY = {"id": "none", "rawId": "none", "type": "public-key"}
MADE_KEY = {**KEY, "response": {"clientDataJSON": CLIENT_DATA, "attestationObject": ""}}
USED_KEY = {**KEY, "response": {"clientDataJSON": CLIENT_DATA, "authenticatorData": "", "signature": ""}}
BODIES: dict[str, dict[str, Any]] = {
    "POST /api/session": {"login": "kim", "password": PASSWORD},
    "POST /api/session/confirm": {"password": PASSWORD},
    "PATCH /api/account": {"name": "Kim"},
    "PUT /api/account/password": CHANGE,
    "POST /api/session/organisation": {},
    "POST /api/session/passkey": {"credential": USED_KEY},
    "POST /api/session/confirm/passkey": {"credential": USED_KEY},
    "POST /api/passkeys": {"name": "Phone", "credential": MADE_KEY},
    "PATCH /api/passkeys/{passkey}": {"name": "Phone"},
    "POST /api/setup/passkey": {"login": "lee", "name": "Lee"},
    "POST /api/setup": {"token": "unknown", "password": PASSWORD},
    "POST /api/setup/check": {"token": "unknown"},
    "POST /api/walls/{slug}/invitations": {"role": "author"},
    "POST /api/invitations/check": {"token": "unknown"},
    "POST /api/invitations/accept": {"token": "unknown"},
    "PUT /api/walls/{slug}/members/{account}": {"role": "author"},
    "POST /api/tokens": {"name": "Export", "scopes": ["view"], "days": 1},
    "POST /api/walls/{slug}/posts/decide": {"decision": "hide", "posts": [{"id": "a" * 16}]},
    "POST /api/walls/{slug}/posts/{post}/pin": {"until": "2999-01-01T00:00:00Z"},
    "PUT /api/walls/{slug}/posts/{post}/note": {"text": ""},
    "POST /api/walls/{slug}/clear": {"since": "2009-10-12T09:30:00Z"},
    "PATCH /api/walls/{slug}": {"name": "The hall"},
    "POST /api/walls": {"slug": "hall", "name": "The hall"},
    "POST /api/walls/{slug}/sources": {"text": "#harbour26"},
    "PUT /api/walls/{slug}/sources/{source}/mode": {"mode": "approve"},
    "PATCH /api/walls/{slug}/sources/{source}": {},
}
BODIES |= {f"POST /api/walls/{{slug}}/authors/{verb}": {"handle": "@ada"} for verb in ("hide", "approve", "trust")}
BODIES["PUT /api/walls/{slug}/desk/attention"] = {}
BODIES["POST /api/walls/{slug}/history/undo"] = {"entries": [1]}
BODIES["POST /api/walls/{slug}/opt-outs"] = {"handle": "@nobody"}
BODIES["POST /api/walls/{slug}/authors/distrust"] = {"handle": "@ada"}
QUERIES: dict[str, dict[str, str]] = {
    "GET /api/walls/{slug}/clear": {"since": "2009-10-12T09:30:00Z"},
    "DELETE /api/walls/{slug}": {"name": "Another"},
    "GET /api/walls/{slug}/sources/choices": {"text": "#harbour26"},
}
PLACES = {"slug": "hall", "session": "none", "invitation": "none", "token": "none", "post": "a" * 16, "entry": "1"}
PLACES |= {"handle": "@ada", "source": "1", "passkey": "none", "opt_out": "0" * 16}


def routes(desk: Desk) -> Iterator[str]:
    """The routes as the table names them; `WS` is a WebSocket."""
    for each in (*accounts.ROUTERS, *desk.routers):
        for route in each.routes:
            methods: set[str] = getattr(route, "methods", {"WS"})
            path = getattr(route, "path_format", "")
            yield from (f"{method} {path}" for method in sorted(methods - {"HEAD"}))


def table() -> dict[str, list[str]]:
    """The rows of the page that begin with a route, and its heading as `who`."""
    rows = [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in PAGE.read_text().splitlines()]
    heading = next(row for row in rows if row[0] == "route")
    return {"who": heading[1:]} | {
        row[0]: row[1:] for row in rows if re.match("(GET|POST|PUT|PATCH|DELETE|WS) /", row[0])
    }


class Everybody:
    """Signs everybody of the table in."""

    def __init__(self, store: Store, people: dict[str, Account]) -> None:
        self._store, self._people = store, people
        self._kept: dict[str, dict[str, str]] = {NOBODY: {}}

    async def headers(self, who: str) -> dict[str, str]:
        """What a request by this person, or by a token of the owner with this scope alone, is sent with."""
        if who not in self._kept:
            self._kept[who] = await self._sign_in(who)
        return self._kept[who]

    def forget(self, who: str) -> None:
        """Let this person sign in again: a reply has set or cleared the cookie."""
        self._kept.pop(who)

    async def _sign_in(self, who: str) -> dict[str, str]:
        if who in self._people:
            begun = await a_session(self._store, self._people[who])
            return {"Cookie": f"__Host-backchannel={begun.token}"}
        owner, scopes, day = Principal(self._people[Role.OWNER]), [Permission(who)], timedelta(days=1)
        async with self._store.write() as db:
            made = await make_token(db, owner, name=who, scopes=scopes, lifetime=day, at=AT)
        return {"Authorization": f"Bearer {made.secret}"}


async def cell(desk: Desk, everybody: Everybody, who: str, route: str, account: int) -> str:
    """What the table says of this person and this route: `yes`, or the status of the refusal."""
    method, path = route.split()
    filled = path.format(**PLACES, account=account)
    headers = await everybody.headers(who)
    if method == "WS":
        told = await shake_hands(desk.app, filled, headers)
        refused_with = [str(each["code"] - PRIVATE_CLOSE) for each in told if each.get("reason") in REFUSED]
        return refused_with[0] if refused_with else "yes"
    async with desk.browser(address=f"192.0.2.{len(who)}") as client:
        reply: httpx.Response = await client.request(
            method, filled, headers=headers, json=BODIES.get(route), params=QUERIES.get(route)
        )
    if "set-cookie" in reply.headers and who != NOBODY:
        everybody.forget(who)
    assert reply.headers["cache-control"] == "no-store"
    assert reply.status_code not in {405, 422, 429, 500}, (route, reply.text)
    refused = reply.status_code >= 400 and reply.json()["code"] in REFUSED
    return str(reply.status_code) if refused else "yes"


async def test_each_route_is_open_to_those_whom_the_table_names(
    desk: Desk, store: Store, hall: Wall, kim: Account
) -> None:
    people = {str(role): (await a_member(store, hall, role)).account for role in Role}
    everybody = Everybody(store, people | {ADMIN: await an_account(store, ADMIN, is_admin=True)})
    columns = [*map(str, PEOPLE), *map(str, Permission)]
    found = {"who": columns}
    (await desk.hub.fanout(hall.desk)).end()  # so that streams of events end after their first
    for route in routes(desk):
        found[route] = []
        for who in columns:
            if "{account}" in route:  # an earlier request may have removed the member
                async with store.write() as db:
                    await set_role(db, hall, stored_id(kim), Role.AUTHOR, by=OPERATOR, at=AT)
            found[route].append(await cell(desk, everybody, who, route, stored_id(kim)))
    assert found == table()
