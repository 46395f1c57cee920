"""Small things of the layout: marks that lie on nothing, heads that fit, what a screen or a phone has no use for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.async_api import Browser, ViewportSize, expect

from tests.conftest import Copies, running
from tests.e2e.visit import DESK, HALL, PHONE, SOON, Visit, open_wall
from tests.fakes.mastodon_server import MastodonServer
from tests.wall_server import WallServer

NAME = "The Fourteenth International Conference on Harbours, Tides, Lighthouses and Public Services of Merrowhaven"
TAG = "#FourteenthInternationalHarbourConferenceMerrowhaven2026"
FOG = "The foghorn of the pier, three times"
WORDS = " ".join(f"Sentence {number} about the pier." for number in range(60))
OVERLAP = """([one, other]) => {
  const [a, b] = [one, other].map((part) => part.getBoundingClientRect())
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}"""


@pytest.fixture(scope="module")
def wall(tmp_path_factory: pytest.TempPathFactory, copies: Copies) -> Iterator[WallServer]:
    """A wall with a long name and a long hashtag, and posts of three odd kinds. Read-only."""
    with MastodonServer() as mastodon, running(tmp_path_factory.mktemp("layout"), copies) as server:
        post_odd_kinds(mastodon)
        server.run("wall", "create", "hall", "--name", NAME, "--hashtag", TAG)
        for tag in (TAG, "#tag"):
            server.run("follow", tag, "--on", mastodon.url, "--wall", "hall")
        yield server


def post_odd_kinds(mastodon: MastodonServer) -> None:
    mastodon.post("Tiny #tag", tags=["tag"], media=[mastodon.picture(40, 40, alt="A buoy")])
    mastodon.post("Four #tag", tags=["tag"], media=[mastodon.picture(900, 900, alt=WORDS) for _ in range(4)])
    sound: dict[str, Any] = {
        "id": "9",
        "type": "audio",
        "url": f"{mastodon.url}/a.mp3",
        "preview_url": None,
        "meta": {},
    }
    mastodon.post("Foghorn #tag", tags=["tag"], media=[{**sound, "description": FOG, "blurhash": None}])


async def visit(browser: Browser, wall: WallServer, size: ViewportSize, query: str = "") -> Visit:
    page = await (await browser.new_context(viewport=size, reduced_motion="reduce")).new_page()
    visit = await open_wall(page, wall, query=query)
    await visit.has_cards(3, within=2 * SOON)
    return visit


async def test_marks_of_pictures_lie_neither_on_them_nor_on_their_words(browser: Browser, wall: WallServer) -> None:
    at = await visit(browser, wall, DESK)
    tiny = at.card("Tiny")
    await expect(tiny.locator("img[src*='/l.webp']")).to_be_visible()
    from_the_middle = """(figure) => {
      const { left, width } = figure.getBoundingClientRect()
      return figure.querySelector('summary').getBoundingClientRect().left - left - width / 2
    }"""
    assert await tiny.locator("figure").evaluate(from_the_middle) > 40, "the picture is 80 px wide, in the middle"
    four = at.card("Four")
    await four.locator("summary").first.click()
    opened = four.locator("details[open]")
    parts = [await opened.locator(part).element_handle() for part in ("summary", "p")]
    assert not await at.page.evaluate(OVERLAP, parts)


async def test_sound_without_a_picture_is_one_line(browser: Browser, wall: WallServer) -> None:
    at = await visit(browser, wall, DESK)
    sound = at.card("Foghorn").locator(".mosaic")
    await expect(sound.locator("a")).to_have_text("Audio")
    box = await sound.bounding_box()
    assert box
    assert box["height"] < 60
    await sound.locator("summary").click()
    words = sound.get_by_text(FOG)
    await expect(words).to_be_visible()
    await expect(words).to_be_in_viewport(ratio=0.99)
    parts = [await sound.locator(part).element_handle() for part in ("a", "p")]
    assert not await at.page.evaluate(OVERLAP, parts)
    await expect(sound.locator("summary")).to_be_in_viewport(ratio=0.99)


@pytest.mark.parametrize("size", [HALL, ViewportSize(width=1080, height=1920)], ids=["landscape", "portrait"])
async def test_head_of_a_hall_shows_all_of_a_long_name_and_hashtag(
    browser: Browser, wall: WallServer, size: ViewportSize
) -> None:
    page = (await visit(browser, wall, size, "?screen")).page
    cut = "(head) => head.scrollHeight - head.clientHeight"
    assert await page.locator("h1").evaluate(cut) <= 2
    letters = "(words) => parseFloat(getComputedStyle(words).fontSize)"
    assert await page.locator(".say strong").evaluate(letters) >= 30
    await page.keyboard.press("Tab")
    await expect(page.locator(".skip")).to_be_hidden()


async def test_narrow_columns_leave_out_handles_that_would_be_cut(browser: Browser, wall: WallServer) -> None:
    page = (await visit(browser, wall, HALL, "?screen&columns=6")).page
    await expect(page.locator(".feed .handle").locator("visible=true")).to_have_count(0)
    page = (await visit(browser, wall, HALL, "?screen&columns=2")).page
    await expect(page.locator(".feed .handle").locator("visible=true").first).to_be_visible()


async def test_phone_says_that_the_hashtag_can_be_pressed_and_nothing_of_keys(
    browser: Browser, wall: WallServer
) -> None:
    context = await browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    page = await context.new_page()
    await open_wall(page, wall)
    for size in (DESK, PHONE):
        await page.set_viewport_size(size)
        await expect(page.locator("button.say .info svg")).to_be_in_viewport(ratio=0.99)
    name = "(words) => parseFloat(getComputedStyle(words).fontSize)"
    assert await page.locator("h1").evaluate(name) == 16
    assert await page.locator("h1").evaluate("(head) => head.scrollHeight - head.clientHeight") <= 2
    await page.locator("button.say").tap()
    await expect(page.get_by_role("dialog")).to_be_visible()
    await expect(page.get_by_text("Use letter keys")).to_be_hidden()


async def test_phone_held_across_keeps_its_height_for_the_posts(browser: Browser, wall: WallServer) -> None:
    page = (await visit(browser, wall, ViewportSize(width=844, height=390))).page
    assert await page.locator(".mast").evaluate("(head) => getComputedStyle(head).position") == "static"


async def test_faces_and_marks_grow_with_the_letters(browser: Browser, wall: WallServer) -> None:
    page = (await visit(browser, wall, DESK)).page
    width = "() => ['.avatar', 'article header svg'].map((one) => document.querySelector(one).clientWidth)"
    before = await page.evaluate(width)
    await page.evaluate("() => (document.documentElement.style.fontSize = '200%')")
    assert await page.evaluate(width) == [2 * each for each in before]


PRINTED = """() => {
  const seen = (parts) => [...document.querySelectorAll(parts)].filter((one) => one.checkVisibility())
  const cards = seen('.feed > article')
  const places = cards.map((card) => card.getBoundingClientRect())
  const apart = (a, b) => a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top
  return {
    cards: cards.length,
    overlaps: places.filter((a, at) => places.slice(at + 1).some((b) => !apart(a, b))).length,
    cut: seen('.card > .words > .said').filter((said) => said.scrollHeight > said.clientHeight + 2).length,
    controls: seen('.feed button, .mosaic summary, .waiting, footer button, .mark ~ button').length,
    paper: getComputedStyle(document.querySelector('.wall')).backgroundColor,
  }
}"""


@pytest.mark.parametrize(("size", "query"), [(DESK, "?theme=dark"), (HALL, "?screen")], ids=["desk", "hall"])
async def test_paper_is_light_and_has_whole_posts(
    browser: Browser, rehearsed: WallServer, size: ViewportSize, query: str
) -> None:
    page = await (await browser.new_context(viewport=size, reduced_motion="reduce")).new_page()
    visit = await open_wall(page, rehearsed, "rehearsal", query=query)
    await visit.has_cards(60)
    await page.emulate_media(media="print")
    found = await page.evaluate(PRINTED)
    assert found == {"cards": 60, "overlaps": 0, "cut": 0, "controls": 0, "paper": "rgb(255, 255, 255)"}
