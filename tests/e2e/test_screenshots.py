"""The two pictures of the README: the invented conference at a fixed moment, as a hall and a phone see it.

`BACKCHANNEL_SCREENSHOTS=1` writes them to docs/screenshots/; otherwise they are taken, checked and discarded.
"""

from __future__ import annotations

import io
import json
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Browser, ViewportSize

from connectors.networks.rehearsal import connector
from tests.e2e.conftest import wait_for_pictures
from tests.e2e.visit import HALL, PHONE, Visit, open_wall
from tests.wall_server import ROOT, WallServer

OPENING = datetime(2026, 6, 9, 8, 30, tzinfo=UTC)
MOMENT = timedelta(seconds=582)
HARBOUR = Path(connector.__file__).parent / "harbour"
MAX_BYTES = 400_000
SHOWN = [(HALL, 1, "wall.webp"), (PHONE, 2, "phone.webp")]


@pytest.fixture(scope="module")
def conference(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WallServer]:
    """The conference up to the moment, as if nothing had been said since."""
    folder = tmp_path_factory.mktemp("conference")
    archive = folder / "harbour" / "archive.jsonl"
    shutil.copytree(HARBOUR, archive.parent)
    lines = [json.loads(line) for line in archive.read_text(encoding="utf-8").splitlines()]
    kept = [line for line in lines if line.get("t", 0) <= MOMENT.total_seconds()]
    archive.write_text("".join(json.dumps(line) + "\n" for line in kept), encoding="utf-8")

    server = WallServer(folder, BACKCHANNEL_PUBLIC_URL="https://wall.example")
    name, zone = "Harbour 26", "Europe/London"
    server.run("wall", "create", "harbour26", "--name", name, "--hashtag", "#harbour26", "--time-zone", zone)
    opening = f"started_at={OPENING.isoformat()}"
    server.run("follow", str(archive), "--wall", "harbour26", "--option", opening)
    server.start()
    try:
        wait_for_pictures(server, "harbour26")
        yield server
    finally:
        server.stop()


@pytest.mark.parametrize(("size", "density", "name"), SHOWN, ids=["hall", "phone"])
async def test_screenshot_shows_the_conference(
    browser: Browser, conference: WallServer, tmp_path: Path, *, size: ViewportSize, density: int, name: str
) -> None:
    context = await browser.new_context(viewport=size, device_scale_factor=density, reduced_motion="reduce")
    page = await context.new_page()
    await page.clock.set_fixed_time(OPENING + MOMENT)
    visit = await open_wall(page, conference, "harbour26")
    await visit.has_cards(60)
    await is_still(visit)
    picture = as_webp(await page.screenshot())
    folder = ROOT / "docs" / "screenshots" if os.environ.get("BACKCHANNEL_SCREENSHOTS") == "1" else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(picture)

    image = Image.open(io.BytesIO(picture))
    assert image.size == (size["width"] * density, size["height"] * density)
    assert len(picture) < MAX_BYTES
    assert len(image.convert("RGB").getcolors(1 << 24) or []) > 100, "a page with pictures has many colours"
    assert visit.complaints == []


async def is_still(visit: Visit) -> None:
    """Waits until every font and every picture in sight is ready to be painted, and no card moves or fades."""
    await visit.comes_true(
        """async () => {
          const seen = [...document.querySelectorAll('.feed img')].filter(
            (one) => one.checkVisibility({ visibilityProperty: true }) && one.getBoundingClientRect().top < innerHeight
          )
          await Promise.all([document.fonts.ready, ...seen.map((one) => one.decode())])
          const stands = () => document.querySelector('.feed').innerHTML
          const before = stands()
          await new Promise((later) => setTimeout(later, 1000))
          return before === stands() && document.getAnimations().every((one) => one.playState === 'finished')
        }"""
    )


def as_webp(png: bytes) -> bytes:
    """A quarter of the bytes, and the colours as they are."""
    out = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").save(out, "WEBP", quality=90, method=6)
    return out.getvalue()
