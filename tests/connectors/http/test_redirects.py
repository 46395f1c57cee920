"""Redirects: followed within the web, with no secret to another origin, and never forever."""

from __future__ import annotations

import httpx
import pytest

from connectors.errors import Forbidden, Unavailable
from tests.connectors.http.asking import always, get, trouble


async def test_http_says_that_a_redirect_leads_to_no_web_address() -> None:
    found = await trouble(always(302, headers={"Location": "file:///etc/passwd"}))
    assert (type(found), str(found)) == (
        Forbidden,
        "Invalid redirect: a.example redirects to what is not a web address.",
    )


@pytest.mark.parametrize("target", ["ftp://a.example/", "http://user:secret@a.example/", "gopher://a.example/x"])
async def test_http_follows_no_redirect_out_of_the_web(target: str) -> None:
    assert type(await trouble(always(302, headers={"Location": target}))) is Forbidden


@pytest.mark.parametrize("target", ["http://[::1/", "http://a.example:port/"])
async def test_http_calls_a_broken_redirect_unreachable(target: str) -> None:
    assert type(await trouble(always(302, headers={"Location": target}))) is Unavailable


async def test_http_gives_up_on_endless_redirects() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(302, headers={"Location": f"{request.url.path}x"})

    found = await trouble(answer)
    assert (type(found), len(asked)) == (Unavailable, 6)


async def test_http_takes_a_secret_to_no_other_origin() -> None:
    seen: dict[str, str | None] = {}

    def answer(request: httpx.Request) -> httpx.Response:
        seen[f"{request.url.host}{request.url.path}"] = request.headers.get("authorization")
        hops = {"/x": "/y", "/y": "http://b.example/z", "/z": "http://a.example/end"}
        there = hops.get(request.url.path)
        return httpx.Response(307, headers={"Location": there}) if there else httpx.Response(200)

    await get(answer, headers={"Authorization": "Bearer s3cret"})
    assert seen == {
        "a.example/x": "Bearer s3cret",
        "a.example/y": "Bearer s3cret",
        "b.example/z": None,
        "a.example/end": None,
    }
