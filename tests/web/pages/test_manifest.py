"""Manifests and icons, to install a wall as an app."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import httpx
import pytest
from PIL import Image

from aggregator.store.store import Store
from tests.web.pages.small_build import build_wall, make_app, visit
from web.pages.about_wall import AboutWall
from web.pages.manifest import short
from web.pages.mark import GROUND


async def test_manifest_of_a_wall_has_its_name_colours_and_address(client: httpx.AsyncClient, store: Store) -> None:
    await build_wall(store, name="The hall of the harbour", hashtag="harbour26", look={"accent": "#aa3355"})
    reply = await client.get("/w/hall/manifest.webmanifest")
    assert reply.headers["content-type"] == "application/manifest+json"
    manifest = reply.json()
    icons = manifest.pop("icons")
    assert manifest == {
        "id": "/w/hall",
        "name": "The hall of the harbour",
        "short_name": "#harbour26",
        "start_url": "/w/hall",
        "scope": "/w/hall",
        "display": "standalone",
        "background_color": "#081014",
        "theme_color": "#aa3355",
    }
    assert [(icon["sizes"], icon.get("purpose", "any")) for icon in icons] == [
        ("192x192", "any"),
        ("512x512", "any"),
        ("512x512", "maskable"),
        ("any", "any"),
    ]
    assert [(await client.get(icon["src"])).headers["content-type"] for icon in icons] == [i["type"] for i in icons]


async def test_manifest_of_a_wall_with_a_logo_has_its_icons(client: httpx.AsyncClient, store: Store) -> None:
    logo = {"id": "ab" * 20, "color": "#12303b", "width": 960, "height": 240}
    await build_wall(store, look={"logo": logo})
    icons = (await client.get("/w/hall/manifest.webmanifest")).json()["icons"]
    assert [(icon["src"], icon.get("purpose", "any")) for icon in icons] == [
        (f"/media/{'ab' * 20}/icon-192.png", "any"),
        (f"/media/{'ab' * 20}/icon-192.png", "maskable"),
        (f"/media/{'ab' * 20}/icon-512.png", "any"),
        (f"/media/{'ab' * 20}/icon-512.png", "maskable"),
    ]


async def test_manifest_of_no_wall_is_not_found(client: httpx.AsyncClient) -> None:
    assert (await client.get("/w/nope/manifest.webmanifest")).status_code == 404


async def test_manifest_of_the_site_has_its_name_and_opens_the_list(store: Store, static: Path) -> None:
    async for client in visit(make_app(store, static, site_name="Harbour walls")):
        manifest = (await client.get("/manifest.webmanifest")).json()
    assert (manifest["name"], manifest["short_name"], manifest["start_url"]) == ("Harbour walls", "Harbour walls", "/")


async def test_pages_name_their_manifest(client: httpx.AsyncClient, store: Store) -> None:
    await build_wall(store)
    assert '<link rel="manifest" href="/w/hall/manifest.webmanifest">' in (await client.get("/w/hall")).text
    assert '<link rel="manifest" href="/manifest.webmanifest">' in (await client.get("/")).text


@pytest.mark.parametrize(
    ("path", "size", "corner"),
    [
        ("/icon-192.png", (192, 192), 0),
        ("/icon-512.png", (512, 512), 0),
        ("/icon-maskable-512.png", (512, 512), 255),
        ("/apple-touch-icon.png", (180, 180), 255),
        ("/favicon.ico", (48, 48), 0),
    ],
)
async def test_icon_has_its_size_and_shape(
    client: httpx.AsyncClient, path: str, size: tuple[int, int], corner: int
) -> None:
    """Where the platform cuts its own shape, the ground reaches to the corners."""
    reply = await client.get(path)
    image = Image.open(BytesIO(reply.content)).convert("RGBA")
    assert (image.size, reply.headers["cache-control"]) == (size, "public, max-age=86400")
    assert image.getchannel("A").getpixel((0, 0)) == corner
    assert image.getpixel((size[0] // 2, 2)) == (*bytes.fromhex(GROUND[1:]), 255)


@pytest.mark.parametrize(
    ("name", "hashtag", "shown"),
    [
        ("Harbour 26", "h26", "Harbour 26"),
        ("The Harbour Conference", "h26", "#h26"),
        ("The Harbour Conference", "harbourconference", "The Harbour"),
        ("The Harbour 26 of Merrowhaven", "", "The Harbour 26"),
        ("The 14th International Conference", "", "The 14th"),
        ("Harbourconference", "", "Harbourconfere"),
    ],
)
def test_short_name_fits_below_an_icon(name: str, hashtag: str, shown: str) -> None:
    assert short(AboutWall(name, hashtag)) == shown
