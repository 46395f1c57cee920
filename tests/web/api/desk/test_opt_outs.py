"""Leaving authors out, over HTTP."""

from __future__ import annotations

from datetime import timedelta

import httpx

from aggregator.store.store import Store
from aggregator.walls.tables import Wall
from tests.accounts import a_session, an_account
from tests.aggregator.invented import ADA, ONE
from tests.web.desk import Desk, problem

OPT_OUTS = "/api/walls/hall/opt-outs"
BODY = {"handle": ADA.handle}


async def test_author_is_left_out_and_let_in_again(
    client: httpx.AsyncClient, desk: Desk, store: Store, wall: Wall
) -> None:
    done = (await client.post(OPT_OUTS, json=BODY)).json()
    assert (done["changed"], done["erased"], done["hidden"]) == (True, 2, 0)
    assert not (await client.post(OPT_OUTS, json=BODY)).json()["changed"]
    [listed] = (await client.get(OPT_OUTS)).json()["opt_outs"]
    assert sorted(listed) == ["at", "handle", "id", "where"]
    assert (listed["handle"], listed["where"]) == ("ada@invented.example", "wall")
    author = (await client.get(f"/api/walls/hall/authors/{ADA.handle}")).json()
    assert (author["opt_outs"], author["posts"]) == ([listed], [])
    history = (await client.get("/api/walls/hall/history")).json()["entries"]
    assert [(each["action"], each["undoable"]) for each in history if each["action"] == "opt_out"] == [
        ("opt_out", False)
    ]
    assert problem(await client.post(f"/api/walls/hall/posts/{ONE}/approve")) == (409, "final_state")
    assert (await client.delete(f"{OPT_OUTS}/{listed['id']}")).json()["changed"]
    assert problem(await client.delete(f"{OPT_OUTS}/{listed['id']}")) == (404, "not_found")

    everywhere = BODY | {"where": "everywhere"}
    assert problem(await client.post(OPT_OUTS, json=everywhere)) == (403, "permission_denied")
    begun = await a_session(store, await an_account(store, "root", is_admin=True))
    async with desk.browser(Cookie=f"__Host-backchannel={begun.token}") as admin:
        assert (await admin.post(OPT_OUTS, json=everywhere)).json()["changed"]
    [listed] = (await client.get(OPT_OUTS)).json()["opt_outs"]
    assert problem(await client.delete(f"{OPT_OUTS}/{listed['id']}")) == (403, "permission_denied")
    desk.later(timedelta(minutes=16))
    assert problem(await client.post(OPT_OUTS, json=BODY)) == (403, "confirm_password")
