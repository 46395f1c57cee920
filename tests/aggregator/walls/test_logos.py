"""The logo of a wall: made safe, kept as long as the wall shows it, and in its record."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from aggregator.media.blob_store import BlobStore
from aggregator.media.cleanup import delete_orphans
from aggregator.retention.walls import remove_wall
from aggregator.store.store import Store
from aggregator.walls.errors import InvalidSetting
from aggregator.walls.logos import MAX_LOGO, prepare_logo, remove_logo, set_logo
from aggregator.walls.walls import find_wall
from tests.accounts import told
from tests.aggregator.invented import KIM, a_wall, announced
from tests.conftest import ON_BOTH


def drawn(color: str, size: tuple[int, int] = (1200, 300)) -> bytes:
    file = BytesIO()
    Image.new("RGBA", size, color).save(file, "PNG")
    return file.getvalue()


@ON_BOTH
async def test_files_stay_as_long_as_a_wall_shows_them(store: Store, tmp_path: Path) -> None:
    blobs, wall = BlobStore(tmp_path), await a_wall(store)
    shown = []
    for color in ("#12303b", "#f0a04b"):
        logo = await prepare_logo(drawn(color))
        async with store.write() as db:
            await set_logo(db, blobs, await find_wall(db, "hall"), logo, by=KIM)
        shown.append((await announced(store, wall))["look"]["logo"])
    first, second = (each["id"] for each in shown)
    assert shown[1] == {"id": second, "color": "#f0a04b", "width": 960, "height": 240}
    assert [entry[:3] for entry in await told(store, 2)] == [("person:kim", "change", "wall")] * 2

    await delete_orphans(store, blobs, age=0)
    assert (blobs.find(first, "l"), blobs.find(second, "l")) == (None, tmp_path / second[:2] / second / "l.webp")
    async with store.write() as db:
        await remove_logo(db, await find_wall(db, "hall"), by=KIM)
    assert (await announced(store, wall))["look"] == {}
    await delete_orphans(store, blobs, age=0)
    assert blobs.find(second, "l") is None

    logo = await prepare_logo(drawn("#7fd3ea"))
    async with store.write() as db:
        await set_logo(db, blobs, await find_wall(db, "hall"), logo, by=KIM)
    third = (await announced(store, wall))["look"]["logo"]["id"]
    async with store.write() as db:
        await remove_wall(db, await find_wall(db, "hall"), KIM)
    await delete_orphans(store, blobs, age=0)
    assert blobs.find(third, "l") is None


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "SVG, which may contain scripts"),
        (drawn("#000000")[:60], "Corrupt picture"),
        (drawn("#000000", (900, 30)), "Picture too narrow"),
        (bytes(MAX_LOGO + 1), "at most 1 MB"),
    ],
)
async def test_what_is_not_a_logo_is_refused(data: bytes, sentence: str) -> None:
    with pytest.raises(InvalidSetting, match=sentence) as refusal:
        await prepare_logo(data)
    assert refusal.value.setting == "logo"
