"""The logo of a wall over HTTP: sent by an organiser, served to all, and on a phone's home screen."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import httpx
from PIL import Image

from aggregator.accounts.roles import Role
from aggregator.media.blob_store import BlobStore
from aggregator.store.store import Store
from aggregator.walls.logos import MAX_LOGO
from aggregator.walls.tables import Wall
from tests.accounts import a_member, a_session
from tests.aggregator.invented import announced
from tests.web.desk import Desk, problem
from web import media

LOGO = "/api/walls/hall/logo"
PNG = {"Content-Type": "image/png"}


def drawn(color: str) -> bytes:
    file = BytesIO()
    Image.new("RGB", (400, 100), color).save(file, "PNG")
    return file.getvalue()


async def test_logo_is_set_served_and_removed(store: Store, wall: Wall, tmp_path: Path) -> None:
    desk = Desk(store, blobs=BlobStore(tmp_path))
    desk.app.include_router(media.router(desk.blobs))
    organiser = await a_member(store, wall, Role.ORGANISER)
    begun = await a_session(store, organiser.account)
    async with desk.browser(Cookie=f"__Host-backchannel={begun.token}") as client:
        told = (await client.put(LOGO, content=drawn("#fafafa"), headers=PNG)).json()["logo"]
        assert told == (await announced(store, wall))["look"]["logo"]
        assert (told["color"], told["width"], told["height"]) == ("#fafafa", 400, 100)
        for name, kind, size in (("l.webp", "WEBP", (400, 100)), ("icon-192.png", "PNG", (192, 192))):
            served = await client.get(f"/media/{told['id']}/{name}")
            with Image.open(BytesIO(served.content)) as picture:
                assert (picture.format, picture.size) == (kind, size)
        assert ground(served) == "#12303b"
        assert (await client.get(f"/media/{told['id']}/icon-64.png")).status_code == 404

        for refused, expected in {
            await client.put(LOGO, content=b"<svg/>", headers={"Content-Type": "image/svg+xml"}): (
                415,
                "unsupported_format",
            ),
            await client.put(LOGO, content=b"<svg/>", headers=PNG): (422, "invalid"),
            await client.put(LOGO, content=bytes(MAX_LOGO + 1), headers=PNG): (413, "too_large"),
        }.items():
            assert problem(refused) == expected
        assert (await client.get("/api/walls/hall")).json()["logo"] == told

        assert (await client.delete(LOGO)).json()["logo"] is None
        assert (await announced(store, wall))["look"] == {}


def ground(icon: httpx.Response) -> str:
    """The colour of a corner of an icon: a pale logo stands on a dark ground."""
    with Image.open(BytesIO(icon.content)) as picture:
        return f"#{picture.convert('RGB').crop((0, 0, 1, 1)).tobytes().hex()}"
