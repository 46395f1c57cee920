"""`GET …/records` over a real server."""

import httpx
import pytest

from tests.web.served import Served, keys


async def test_records_are_the_snapshot_or_what_is_new_or_what_is_older(served: Served) -> None:
    for key in "xyz":
        await served.say(key)
    async with httpx.AsyncClient(base_url=served.url) as client:
        base = "/api/walls/a/records"
        newest = (await client.get(base, params={"limit": 2})).json()
        later = (await client.get(base, params={"since": 2})).json()
        older = (await client.get(base, params={"before": "2009-10-12T09:30:00Z"})).json()
        nothing = (await client.get(base, params={"before": "1970-01-01T00:00:00.000000Z"})).json()
        last = newest["records"][-1]
        rest = (await client.get(base, params={"before": last["at"], "key": last["key"]})).json()
    assert (len(newest["records"]), keys(later), len(older["records"]), keys(nothing)) == (2, ["z"], 3, [])
    assert sorted(keys(newest) + keys(rest)) == ["x", "y", "z"]
    assert newest["head"] == later["head"] == 3


async def test_records_have_a_tag_and_may_be_kept_for_a_second(served: Served) -> None:
    async with httpx.AsyncClient(base_url=served.url) as client:
        base = "/api/walls/a/records"
        first = await client.get(base)
        again = await client.get(base, headers={"If-None-Match": f'"x", {first.headers["etag"]}'})
        await served.say("x")
        moved = await client.get(base, headers={"If-None-Match": first.headers["etag"]})
    assert [reply.status_code for reply in (first, again, moved)] == [200, 304, 200]
    assert first.headers["cache-control"] == "public, max-age=1"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("before=yesterday", 422),
        ("before=2009-10-12T09:30:00", 422),
        ("since=-1", 422),
        ("since=9223372036854775808", 422),
        ("limit=0", 422),
        ("limit=201", 422),
        ("before=2009-10-12T09:30:00Z&key=%00", 422),
    ],
)
async def test_records_refuse_what_makes_no_sense(served: Served, query: str, status: int) -> None:
    async with httpx.AsyncClient(base_url=served.url) as client:
        assert (await client.get(f"/api/walls/a/records?{query}")).status_code == status


async def test_records_of_an_unknown_wall_are_not_found(served: Served) -> None:
    async with httpx.AsyncClient(base_url=served.url) as client:
        assert (await client.get("/api/walls/nowhere/records")).status_code == 404
