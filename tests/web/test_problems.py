"""Errors as problem details."""

from __future__ import annotations

import httpx
import pytest
from fastapi import APIRouter, FastAPI, HTTPException

from aggregator.accounts.errors import AccountError, HasherBusy, LoginFailed
from aggregator.store.errors import Outage
from aggregator.store.store import Store
from tests.web.desk import URL, Desk, log_in, problem
from web.problems import KNOWN, PrivateRoute


async def ask(*errors: Exception) -> httpx.Response:
    """The reply of a private route that raises this error."""
    router = APIRouter(route_class=PrivateRoute)

    @router.get("/")
    async def fail() -> None:
        raise errors[0]

    app = FastAPI()
    app.include_router(router)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=URL) as client:
        return await client.get("/")


def test_every_error_of_accounts_has_a_status_and_a_code() -> None:
    assert set(AccountError.__subclasses__()) <= set(KNOWN)


async def test_refusal_tells_programs_what_to_do_next() -> None:
    denied, busy = await ask(LoginFailed()), await ask(HasherBusy())
    assert (problem(denied), problem(busy)) == ((401, "login_failed"), (503, "busy"))
    assert denied.headers["www-authenticate"] == 'Bearer realm="desk"'
    assert busy.headers["retry-after"] == "5"
    assert denied.json() == {
        "title": "Unauthorized",
        "status": 401,
        "detail": "Log-in failed: check the login and the password.",
        "code": "login_failed",
    }


async def test_outage_is_told_without_names_of_hosts() -> None:
    reply = await ask(Outage("No response from the database server at 192.0.2.1.", "Start it."))
    assert (problem(reply), reply.headers["retry-after"]) == ((503, "unavailable"), "5")
    assert "192.0.2.1" not in reply.text


async def test_error_of_the_framework_keeps_its_headers() -> None:
    reply = await ask(HTTPException(413, "Too large.", {"X-Limit": "1"}))
    assert (problem(reply), reply.headers["x-limit"]) == ((413, "invalid"), "1")


async def test_unexpected_error_is_not_dressed_up() -> None:
    with pytest.raises(AccountError, match="a bug"):
        await ask(AccountError("a bug"))


async def test_desk_survives_an_absent_database() -> None:
    store = Store("postgresql://wall:s3cret@127.0.0.1:1/wall")
    async with Desk(store).browser() as client:
        assert problem(await log_in(client)) == (503, "unavailable")
    await store.close()
