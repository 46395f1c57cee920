"""A wall's page as a browser asks for it: over a real store, a small build and a real V8."""

from __future__ import annotations

import asyncio
import gzip
import re
from pathlib import Path

import brotli
import httpx
import msgspec
import pytest
import segno

from aggregator.channel.publish import NoChannel
from aggregator.store.store import Store
from tests.web.pages.small_build import ORIGIN, boot_of, build_wall, make_app, make_pages, say, visit
from web.pages.qr import draw


async def test_wall_holds_its_cards_and_what_they_were_drawn_from(client: httpx.AsyncClient, store: Store) -> None:
    await build_wall(store)
    await say(store, "hall", "<p>one</p>", "<p>two</p>")
    reply = await client.get("/w/hall")
    assert (reply.status_code, reply.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert '<div id="app"><article><p>two</p></article><article><p>one</p></article></div>' in reply.text
    boot = boot_of(reply.text)
    assert sorted(boot) == ["epoch", "head", "now", "operator", "qr", "records", "slug"]
    assert [(record["kind"], record["key"]) for record in boot["records"]] == [
        ("wall", "wall"),
        ("post", "post2"),
        ("post", "post1"),
    ]
    assert (boot["slug"], boot["head"]) == ("hall", 3)
    nuggets = boot_of((await client.get("/w/hall?nuggets")).text)
    assert (nuggets["nuggets"], nuggets["reach"], nuggets["head"]) == (True, None, 3)
    assert [record["kind"] for record in nuggets["records"]] == ["wall"]


@pytest.mark.parametrize("question", ["", "?view=hall&x=%20"])
async def test_wall_with_a_slash_leads_to_the_wall_of_the_same_server(
    client: httpx.AsyncClient, store: Store, question: str
) -> None:
    """A cached reply must not lead to another host, whatever `Host` says."""
    await build_wall(store)
    reply = await client.get(f"/w/hall/{question}", headers={"Host": "elsewhere.example"})
    assert (reply.status_code, reply.headers["location"]) == (308, f"/w/hall{question}")
    assert (await client.get("/w/%2F%2Felsewhere.example/")).headers.get("location", "/w/").startswith("/w/")


@pytest.mark.parametrize(
    "written", ["HALL-2", "Hall-2", "hall-2.", "Hall-2).", "hall-2%E2%80%9D", "hall-2!%3F", "HALL-2/"]
)
async def test_wall_is_found_as_people_write_its_address(client: httpx.AsyncClient, store: Store, written: str) -> None:
    await build_wall(store, "hall-2")
    reply = await client.get(f"/w/{written}?screen")
    assert (reply.status_code, reply.headers["location"]) == (308, "/w/hall-2?screen")
    assert (await client.get(reply.headers["location"])).status_code == 200


@pytest.mark.parametrize("written", ["-hall", "hall-", "...", "h%C3%A5ll", "hall.png", "a" * 41])
async def test_address_that_no_wall_can_have_leads_nowhere(client: httpx.AsyncClient, written: str) -> None:
    assert (await client.get(f"/w/{written}")).status_code == 404


async def test_wall_names_its_files_and_only_the_first_font(client: httpx.AsyncClient, store: Store) -> None:
    await build_wall(store)
    head = (await client.get("/w/hall")).text.partition("</head>")[0]
    assert re.findall(r"<(?:link|script)[^>]*(?:href|src)=\"(/[^\"]*)\"", head) == [
        "/favicon.svg",
        "/apple-touch-icon.png",
        "/w/hall/manifest.webmanifest",
        "/assets/inter-latin-wght-normal-E5.woff2",
        "/assets/wall-D4.css",
        "/assets/live-G7.js",
        "/assets/about-H8.js",
        "/assets/wall-A1b2C3.js",
    ]
    assert '<link rel="prefetch" href="/assets/about-H8.js">' in head, "for later, and for when there is no server"
    assert head.count("<title>") == 1


async def test_wall_cannot_be_broken_out_of_by_a_post(client: httpx.AsyncClient, store: Store) -> None:
    await build_wall(store)
    words = 'a</script><script>alert(1)</script><!--<script>\u2028 "quoted" \\ 日本'
    await say(store, "hall", words)
    html = (await client.get("/w/hall")).text
    assert boot_of(html)["records"][1]["body"]["html"] == words
    assert "<" not in html.partition('id="boot">')[2].partition("</script>\n</body>")[0]


async def test_wall_shows_what_is_new_at_the_latest_after_a_second(store: Store) -> None:
    await build_wall(store)
    time = [0.0]
    pages = make_pages(store, lambda: time[0])
    await say(store, "hall", "early")
    first = await pages.page("hall", ORIGIN)
    await say(store, "hall", "early", "late")
    time[0] = 0.9
    assert await pages.page("hall", ORIGIN) is first
    time[0] = 1.0
    assert b"late" in (await pages.page("hall", ORIGIN)).html


async def test_wall_is_made_anew_only_every_few_seconds_while_nothing_is_new(store: Store) -> None:
    await build_wall(store)
    time = [0.0]
    pages = make_pages(store, lambda: time[0])
    made = []
    for moment in (0.0, 1.1, 2.2, 4.9, 6.1):
        time[0] = moment
        made.append((await pages.page("hall", ORIGIN)).made_at)
    assert made == [0.0, 0.0, 0.0, 0.0, 6.1]


async def test_wall_is_drawn_once_for_all_who_ask_at_once(store: Store) -> None:
    await build_wall(store)
    pages = make_pages(store, lambda: 0.0)
    first, *others = await asyncio.gather(*(pages.page("hall", ORIGIN) for _ in range(20)))
    assert all(page is first for page in others)


async def test_wall_that_fails_once_is_asked_for_again(store: Store) -> None:
    pages = make_pages(store, lambda: 0.0)
    with pytest.raises(NoChannel):
        await pages.page("hall", ORIGIN)
    await build_wall(store)
    assert (await pages.page("hall", ORIGIN)).position[1] == 1


async def test_wall_forgets_the_pages_that_nobody_asked_for_in_a_while(store: Store) -> None:
    pages = make_pages(store, lambda: 0.0, kept=2)
    for slug in ("one", "two", "three"):
        await build_wall(store, slug)
    first, second, third = [await pages.page(slug, ORIGIN) for slug in ("one", "two", "three")]
    assert await pages.page("three", ORIGIN) is third
    assert await pages.page("two", ORIGIN) is second
    assert await pages.page("one", ORIGIN) is not first


async def test_wall_that_has_not_changed_is_not_sent_again(client: httpx.AsyncClient, store: Store) -> None:
    await build_wall(store)
    first = await client.get("/w/hall")
    again = await client.get("/w/hall", headers={"If-None-Match": f'"other", {first.headers["etag"]}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert again.headers["cache-control"] == "public, max-age=1, stale-while-revalidate=5"


@pytest.mark.parametrize(
    ("asked", "got"),
    [("gzip, deflate, br, zstd", "br"), ("gzip, br;q=0", "gzip"), ("*", "br"), ("deflate", None), ("", None)],
)
async def test_wall_is_packed_as_the_browser_likes(
    client: httpx.AsyncClient, store: Store, asked: str, got: str | None
) -> None:
    await build_wall(store)
    async with client.stream("GET", "/w/hall", headers={"Accept-Encoding": asked}) as reply:
        raw = b"".join([part async for part in reply.aiter_raw()])
    assert reply.headers.get("content-encoding") == got
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[got]
    assert unpack(raw).decode() == (await client.get("/w/hall")).text
    assert reply.headers["vary"] == "Accept-Encoding, Host, X-Forwarded-Proto"


async def test_wall_that_cannot_be_drawn_is_sent_without_its_cards(client: httpx.AsyncClient, store: Store) -> None:
    await build_wall(store, "hall")
    await say(store, "hall", "torn")
    await build_wall(store, "other")
    await say(store, "other", "fine")
    broken, resting = await client.get("/w/hall"), await client.get("/w/other")
    for reply in (broken, resting):
        assert reply.status_code == 200
        assert '<div id="app"></div>' in reply.text
        assert len(boot_of(reply.text)["records"]) == 2
    assert "<title>hall · Backchannel</title>" in broken.text


@pytest.mark.parametrize("typed", ["nowhere", "...", "%2e%2e"])
async def test_wall_that_is_not_there_is_looked_for_no_further(
    client: httpx.AsyncClient, store: Store, typed: str
) -> None:
    await build_wall(store)
    assert (await client.get(f"/w/{typed}")).status_code == 404


@pytest.mark.parametrize("host", ["10.0.0.7:8000", "localhost:8000", "127.0.0.1:8000"])
async def test_wall_has_a_code_that_leads_to_it_from_another_device(store: Store, static: Path, host: str) -> None:
    await build_wall(store)
    async for client in visit(make_app(store, static, host="10.0.0.7", port=8000)):
        code = boot_of((await client.get("/w/hall", headers={"Host": host})).text)["qr"]
    expected = segno.make("http://10.0.0.7:8000/w/hall", error="m", micro=False).matrix
    painted = [[0] * code["size"] for _ in range(code["size"])]
    for x, y, width, back in re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", code["path"]):
        assert width == back
        painted[int(y)][int(x) : int(x) + int(width)] = [1] * int(width)
    assert painted == [list(row) for row in expected]


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000"])
async def test_wall_that_no_other_device_reaches_has_no_code(
    client: httpx.AsyncClient, store: Store, host: str
) -> None:
    await build_wall(store)
    assert boot_of((await client.get("/w/hall", headers={"Host": host})).text)["qr"] is None


@pytest.mark.parametrize(
    ("contact", "link"),
    [
        ("ada@wall.example", "mailto:ada@wall.example"),
        ("https://wall.example/us", "https://wall.example/us"),
        ("mailto:ada@wall.example", "mailto:ada@wall.example"),
        ("HTTPS://wall.example/us/", "HTTPS://wall.example/us/"),
        ("Ada <ada@wall.example>", None),
        ("javascript:alert(1)", None),
        ("room 7", None),
        ("", None),
    ],
)
async def test_wall_says_who_runs_it(store: Store, static: Path, contact: str, link: str | None) -> None:
    await build_wall(store)
    async for client in visit(make_app(store, static, contact=contact, imprint_url="https://wall.example/imprint")):
        operator = boot_of((await client.get("/w/hall")).text)["operator"]
    assert operator == ({"contact": link} if link else {}) | {"imprint": "https://wall.example/imprint"}


async def test_wall_takes_its_address_and_who_may_embed_it_from_the_settings(store: Store, static: Path) -> None:
    await build_wall(store)
    embedding = ("https://a.example", "https://*.b.example:8443")
    async for client in visit(make_app(store, static, public_url="https://wall.example.org", embed_on=embedding)):
        policy = (await client.get("/w/hall")).headers["content-security-policy"]
        one = boot_of((await client.get("/w/hall")).text)["qr"]
        other = boot_of((await client.get("/w/hall", headers={"Host": "elsewhere.example"})).text)["qr"]
    assert policy.endswith("; frame-ancestors 'self' https://a.example https://*.b.example:8443")
    assert one == other == msgspec.to_builtins(draw("https://wall.example.org/w/hall"))


async def test_wall_does_not_collect_addresses_without_end(store: Store, static: Path) -> None:
    await build_wall(store)
    async for client in visit(make_app(store, static, host="10.0.0.7", port=8000)):
        codes = [
            boot_of((await client.get("/w/hall", headers={"Host": host})).text)["qr"]
            for host in [f"10.0.0.7:{8000 + n}" for n in range(9)]
        ]
    assert [code is not None for code in codes] == [True, *[False] * 8]


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "0.0.0.0"])
async def test_wall_leads_to_no_address_that_a_caller_made_up(
    client: httpx.AsyncClient, store: Store, host: str
) -> None:
    """The page may be sent again to the hall's screen."""
    await build_wall(store)
    assert boot_of((await client.get("/w/hall", headers={"Host": host})).text)["qr"] is None


async def test_wall_lets_go_of_addresses_that_nobody_asks_for(store: Store) -> None:
    """Forged origins may keep the true one out for a minute, no longer."""
    await build_wall(store)
    clock = [0.0]
    pages = make_pages(store, lambda: clock[0])

    async def has_code(host: str) -> bool:
        return boot_of((await pages.page("hall", f"https://{host}")).html.decode())["qr"] is not None

    for n in range(8):
        clock[0] = float(n)
        assert await has_code(f"h{n}.example")
    assert not await has_code("wall.example")
    clock[0] = 59.0
    assert await has_code("h0.example")
    assert not await has_code("wall.example")
    clock[0] = 61.5
    assert await has_code("wall.example")
    assert not await has_code("h1.example")
    assert await has_code("h0.example")


async def test_wall_that_does_not_exist_is_a_page_in_words(client: httpx.AsyncClient) -> None:
    reply = await client.get("/w/nowhere")
    assert reply.status_code == 404
    assert "<h1>There is no wall “nowhere”.</h1>" in reply.text
    again = await client.get("/w/nowhere", headers={"Accept": "application/json"})
    assert again.json() == {"detail": "There is no wall “nowhere”."}
