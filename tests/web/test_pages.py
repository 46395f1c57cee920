"""The pages as a browser asks for them: over a real store, a small build in the form of Vite's, and a real V8."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import brotli
import httpx
import msgspec
import pytest
import segno
from fastapi import FastAPI

from aggregator.channel.publish import Draft, NoChannel, publish
from aggregator.channel.replies import Replies
from aggregator.settings import Settings
from aggregator.store import Store
from aggregator.walls.verbs import create_wall
from web import pages
from web.pages.build import Build
from web.pages.headers import EVERYWHERE, fingerprint
from web.pages.index import ago
from web.pages.qr import draw
from web.pages.render import NOTHING, Rendered
from web.pages.wall import WallPages

ORIGIN = "http://hall.example:8000"
PROGRAM = """
globalThis.renderWall = (boot) => {
  const { slug, records } = JSON.parse(boot);
  const posts = records.filter((record) => record.kind === "post");
  if (posts.some((post) => post.body.html === "torn")) throw new Error("it is torn");
  return JSON.stringify({
    head: `<title>${slug}</title>`,
    body: posts.map((post) => `<article>${post.body.html}</article>`).join(""),
  });
};
"""
MANIFEST = {
    "wall/main.ts": {
        "file": "assets/wall-A1b2C3.js",
        "name": "wall",
        "isEntry": True,
        "imports": ["_live.js"],
        "css": ["assets/wall-D4.css"],
        "assets": [
            "assets/inter-latin-wght-normal-E5.woff2",
            "assets/inter-latin-ext-wght-normal-E6.woff2",
            "assets/inter-cyrillic-wght-normal-F6.woff2",
        ],
    },
    "_live.js": {"file": "assets/live-G7.js", "imports": ["_live.js"]},
}


@pytest.fixture
def static(tmp_path: Path) -> Path:
    folder = tmp_path / "static"
    files: dict[str, str | bytes] = {
        "manifest.json": json.dumps(MANIFEST),
        "assets/wall-A1b2C3.js": "start();",
        "assets/wall-A1b2C3.js.br": b"packed well",
        "assets/wall-A1b2C3.js.gz": b"packed",
        "assets/wall-D4.css": "main {}",
        "assets/inter-latin-wght-normal-E5.woff2": b"wOF2",
        "assets/notes.txt": "not for browsers",
        "ssr/wall.js": PROGRAM,
        "ssr/arrange.js": "document.title += '!';\n",
        "sw.js": "self.skipWaiting();",
        "favicon.svg": "<svg/>",
    }
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def make_app(store: Store, static: Path, **settings: Any) -> FastAPI:
    """The application with its pages alone."""
    app = FastAPI()
    house: Any = SimpleNamespace(store=store, settings=Settings(**settings), replies=Replies(store))
    pages.install(app, house, static)

    @app.get("/broken")
    async def broken() -> None:
        raise RuntimeError("the fuse in room 7")

    return app


@pytest.fixture
async def client(store: Store, static: Path) -> AsyncIterator[httpx.AsyncClient]:
    async for client in visit(make_app(store, static)):
        yield client


async def visit(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    browser = {"Accept": "text/html", "Accept-Encoding": "identity"}
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=browser) as client,
    ):
        yield client


class Undrawn:
    """Stands in for the renderer: pages without cards."""

    async def render(self, boot: bytes) -> Rendered:
        return NOTHING


def make_pages(store: Store, clock: Callable[[], float], kept: int = 8) -> WallPages:
    house: Any = SimpleNamespace(replies=Replies(store))
    renderer: Any = Undrawn()
    return WallPages(house, Build(script="/assets/wall.js"), renderer, clock=clock, kept=kept)


async def say(store: Store, slug: str, *words: str) -> None:
    async with store.write() as session:
        drafts = [
            Draft("post", f"post{n}", n * 60_000_000, msgspec.json.encode({"html": html}))
            for n, html in enumerate(words, 1)
        ]
        await publish(session, f"{slug}/wall", drafts)


async def build_wall(store: Store, slug: str = "hall", name: str = "The hall", **more: Any) -> None:
    async with store.write() as session:
        await create_wall(session, slug, name, **more)


def boot_of(html: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="boot">(.*?)</script>', html, re.DOTALL)
    assert found
    boot: dict[str, Any] = json.loads(found[1])
    return boot


# --- the wall ---------------------------------------------------------------------------------------------------


async def test_wall_holds_its_cards_and_what_they_were_drawn_from(client: httpx.AsyncClient, store: Store) -> None:
    await build_wall(store)
    await say(store, "hall", "<p>one</p>", "<p>two</p>")
    reply = await client.get("/w/hall")
    assert (reply.status_code, reply.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert '<div id="app"><article><p>two</p></article><article><p>one</p></article></div>' in reply.text
    boot = boot_of(reply.text)
    assert sorted(boot) == ["epoch", "head", "now", "qr", "records", "slug"]
    assert [(record["kind"], record["key"]) for record in boot["records"]] == [
        ("wall", "wall"),
        ("post", "post2"),
        ("post", "post1"),
    ]
    assert (boot["slug"], boot["head"]) == ("hall", 3)


async def test_wall_names_its_files_and_only_the_first_font(client: httpx.AsyncClient, store: Store) -> None:
    await build_wall(store)
    head = (await client.get("/w/hall")).text.partition("</head>")[0]
    assert re.findall(r"<(?:link|script)[^>]*(?:href|src)=\"(/[^\"]*)\"", head) == [
        "/favicon.svg",
        "/manifest.webmanifest",
        "/assets/inter-latin-wght-normal-E5.woff2",
        "/assets/wall-D4.css",
        "/assets/live-G7.js",
        "/assets/wall-A1b2C3.js",
    ]
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
    time[0] = 1.0
    assert await pages.page("hall", ORIGIN) is first
    time[0] = 1.1
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
    assert (await pages.page("hall", ORIGIN)).place[1] == 1


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
    assert reply.headers["vary"] == "Accept-Encoding"


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


async def test_wall_has_a_code_that_leads_to_it(client: httpx.AsyncClient, store: Store) -> None:
    await build_wall(store)
    code = boot_of((await client.get("/w/hall")).text)["qr"]
    expected = segno.make(f"{ORIGIN}/w/hall", error="m", micro=False).matrix
    painted = [[0] * code["size"] for _ in range(code["size"])]
    for x, y, width, back in re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", code["path"]):
        assert width == back
        painted[int(y)][int(x) : int(x) + int(width)] = [1] * int(width)
    assert painted == [list(row) for row in expected]


async def test_wall_takes_its_address_and_who_may_embed_it_from_the_settings(store: Store, static: Path) -> None:
    await build_wall(store)
    embedding = ("https://a.example", "https://*.b.example:8443")
    async for client in visit(make_app(store, static, public_url="https://wall.example.org", embed_on=embedding)):
        policy = (await client.get("/w/hall")).headers["content-security-policy"]
        one = boot_of((await client.get("/w/hall")).text)["qr"]
        other = boot_of((await client.get("/w/hall", headers={"Host": "elsewhere.example"})).text)["qr"]
    assert policy.endswith("; frame-ancestors 'self' https://a.example https://*.b.example:8443")
    assert one == other == msgspec.to_builtins(draw("https://wall.example.org/w/hall"))


async def test_wall_does_not_collect_addresses_without_end(client: httpx.AsyncClient, store: Store) -> None:
    await build_wall(store)
    codes = [
        boot_of((await client.get("/w/hall", headers={"Host": host})).text)["qr"]
        for host in [f"h{n}.example" for n in range(9)]
    ]
    assert [code is not None for code in codes] == [*[True] * 8, False]


async def test_wall_lets_go_of_addresses_that_nobody_asks_for(store: Store) -> None:
    """Made-up addresses may keep the true one out for a minute, and no longer."""
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


async def test_wall_that_does_not_exist_is_told_in_words(client: httpx.AsyncClient) -> None:
    reply = await client.get("/w/nowhere")
    assert reply.status_code == 404
    assert "<h1>There is no wall “nowhere”.</h1>" in reply.text
    again = await client.get("/w/nowhere", headers={"Accept": "application/json"})
    assert again.json() == {"detail": "There is no wall “nowhere”."}


# --- safe headers -----------------------------------------------------------------------------------------------


async def test_wall_lets_in_its_own_script_and_no_other(client: httpx.AsyncClient, store: Store) -> None:
    await build_wall(store)
    reply = await client.get("/w/hall")
    inline = re.findall(r"<script>(.*?)</script>", reply.text, re.DOTALL)
    assert inline == ["document.title += '!';"]
    assert reply.headers["content-security-policy"] == (
        f"default-src 'none'; script-src 'self' {fingerprint(inline[0])}; "
        f"script-src-attr 'unsafe-hashes' {fingerprint('this.__e=event')}; style-src 'self'; "
        "style-src-attr 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
        "manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
    )


@pytest.mark.parametrize("path", ["/", "/w/nowhere", "/broken"])
async def test_plain_pages_have_no_script_and_their_own_style(client: httpx.AsyncClient, path: str) -> None:
    reply = await client.get(path)
    style = re.findall(r"<style>(.*?)</style>", reply.text, re.DOTALL)
    assert len(style) == 1
    assert f"; style-src 'self' {fingerprint(style[0])};" in reply.headers["content-security-policy"]
    assert "; script-src 'self'; " in reply.headers["content-security-policy"]
    assert {name: reply.headers[name] for name in EVERYWHERE} == EVERYWHERE


# --- files ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "got", "content"),
    [("br, gzip", "br", b"packed well"), ("gzip", "gzip", b"packed"), ("identity", None, b"start();")],
)
async def test_an_asset_never_changes_and_comes_packed(
    client: httpx.AsyncClient, asked: str, got: str | None, content: bytes
) -> None:
    async with client.stream("GET", "/assets/wall-A1b2C3.js", headers={"Accept-Encoding": asked}) as reply:
        assert b"".join([part async for part in reply.aiter_raw()]) == content
    assert reply.headers.get("content-encoding") == got
    assert reply.headers["content-type"] == "text/javascript; charset=utf-8"
    assert reply.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    ("path", "media_type"), [("/sw.js", "text/javascript; charset=utf-8"), ("/favicon.svg", "image/svg+xml")]
)
async def test_a_file_at_the_top_is_asked_for_again(client: httpx.AsyncClient, path: str, media_type: str) -> None:
    reply = await client.get(path)
    assert (reply.status_code, reply.headers["content-type"]) == (200, media_type)
    assert reply.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    ["/assets/", "/assets/nothing.js", "/assets/notes.txt", "/assets/..%2fmanifest.json", "/manifest.webmanifest"],
)
async def test_what_is_no_asset_is_not_found(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


# --- plain pages ------------------------------------------------------------------------------------------------


async def test_index_lists_the_walls_with_the_liveliest_first(client: httpx.AsyncClient, store: Store) -> None:
    await build_wall(store, "quiet", "A quiet one")
    await build_wall(store, "hall", "Fish & <chips>", hashtag="socitm09", look={"accent": "#aa3355"})
    await say(store, "hall", "one")
    reply = await client.get("/")
    assert re.findall(r'<a href="/w/(\w+)"', reply.text) == ["hall", "quiet"]
    assert 'style="--wall-accent: #aa3355"><span class="name">Fish &amp; &lt;chips&gt;</span>' in reply.text
    assert '<span class="tag">#socitm09</span>' in reply.text
    assert '<time datetime="1970-01-01T00:01:00+00:00">' in reply.text
    assert "Quiet so far" in reply.text


async def test_index_has_a_way_to_each_wall_for_a_screen(client: httpx.AsyncClient, store: Store) -> None:
    await build_wall(store, "hall", "Fish & <chips>", look={"accent": "#aa3355", "highlight": "#00aa55"})
    page = (await client.get("/")).text
    assert re.findall(r'href="(/w/\w+\?screen)" aria-label="([^"]+)"', page) == [
        ("/w/hall?screen", "Fish &amp; &lt;chips&gt;, for a screen in the hall")
    ]
    assert 'style="--wall-accent: #aa3355; --wall-highlight: #00aa55"' in page


async def test_index_without_walls_says_how_to_make_one(client: httpx.AsyncClient) -> None:
    commands = re.findall(r"<pre><code>backchannel (.+)</code></pre>", (await client.get("/")).text)
    assert commands == [
        "rehearse",
        """wall create hall --name "The hall" --hashtag '#yourtag'""",
        "follow '#yourtag' --on mastodon.example --wall hall",
    ]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "just now"),
        (59, "just now"),
        (60, "1 minute ago"),
        (7199, "1 hour ago"),
        (7200, "2 hours ago"),
        (90_000, "1 day ago"),
    ],
)
def test_ago_uses_the_largest_unit_that_fits(seconds: int, words: str) -> None:
    assert ago(timedelta(seconds=seconds)) == words


async def test_an_unknown_address_leads_home(client: httpx.AsyncClient) -> None:
    reply = await client.get("/nothing/here")
    assert reply.status_code == 404
    assert "There is nothing at this address." in reply.text
    assert '<a href="/">' in reply.text


async def test_a_failure_is_admitted_without_its_details(client: httpx.AsyncClient) -> None:
    reply = await client.get("/broken")
    assert (reply.status_code, "Something went wrong here." in reply.text, "fuse" in reply.text) == (500, True, False)
    program = await client.get("/broken", headers={"Accept": "*/*"})
    assert program.json() == {"detail": "Something went wrong here."}


async def test_a_server_without_its_browser_side_says_what_to_do(store: Store, tmp_path: Path) -> None:
    await build_wall(store)
    async for client in visit(make_app(store, tmp_path / "none")):
        reply = await client.get("/w/hall")
        assert (reply.status_code, "run make install" in reply.text) == (503, True)
        assert (await client.get("/")).status_code == 200
