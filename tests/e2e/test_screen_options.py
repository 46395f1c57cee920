"""The options of a hall's screen at their ends: large type, many columns, no pictures, no header."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, ViewportSize, expect

from tests.e2e.archives import numbered, play
from tests.e2e.test_screens import WORDS
from tests.e2e.visit import HALL, PHONE, SOON, open_wall
from tests.fakes.mastodon_server import MastodonServer
from tests.wall_server import WallServer

CUT = """() => [...document.querySelectorAll('.feed > article:not([data-off])')].filter((card) => {
  const { paddingBottom } = getComputedStyle(card)
  const end = Math.max(...[...card.children].map((part) => part.getBoundingClientRect().bottom))
  const { bottom } = card.getBoundingClientRect()
  return end + parseFloat(paddingBottom) > bottom + 1 || bottom > innerHeight
}).length"""
"""The number of cards that don't show all of their parts."""
HEAD = "() => document.querySelector('.mast').offsetHeight / innerHeight"
SHOWN = ".feed > article:not([data-off])"
LONG_NAME = "The 14th International Conference on Digital Government and Public Services that Work for Everyone"


def post_high_ones(mastodon: MastodonServer) -> dict[str, dict[str, Any]]:
    """By tag, posts that are higher than a screen of large type."""
    choices = [{"title": f"Choice {number} of them all", "votes_count": number} for number in range(8)]
    poll = {"id": "1", "multiple": False, "expired": False, "votes_count": 28, "voters_count": 20}
    posts: dict[str, dict[str, Any]] = {
        "words": {},
        "warning": {"warning": f"{WORDS} {WORDS}"[:960]},
        "poll": {"poll": {**poll, "options": choices, "expires_at": "2030-01-01T00:00:00Z"}},
        "picture": {"media": [mastodon.picture(1000, 1400, alt="A lighthouse")]},
    }
    for tag, more in posts.items():
        mastodon.post(f"{WORDS} #{tag}", tags=[tag], **more)
    return posts


@pytest.mark.timeout(180)
async def test_no_card_is_cut_at_the_largest_scale(
    browser: Browser, wall_server: WallServer, mastodon: MastodonServer
) -> None:
    tags = list(post_high_ones(mastodon))
    for tag in tags:
        wall_server.run("wall", "create", tag, "--name", LONG_NAME, "--hashtag", tag)
        wall_server.run("follow", f"#{tag}", "--on", mastodon.url, "--wall", tag)
    for width, height in [(1280, 720), (1920, 1080), (1080, 1920)]:
        size = ViewportSize(width=width, height=height)
        page = await (await browser.new_context(viewport=size, reduced_motion="reduce")).new_page()
        for tag in tags:
            visit = await open_wall(page, wall_server, tag, query="?screen&scale=3")
            await visit.has_cards(1)
            await expect(page.locator(SHOWN)).to_have_count(1)
            assert (size, tag, await page.evaluate(CUT)) == (size, tag, 0)
            assert await page.evaluate(HEAD) < 0.4


async def test_large_type_leaves_no_screen_half_empty(browser: Browser, rehearsed: WallServer) -> None:
    context = await browser.new_context(viewport=HALL, reduced_motion="reduce")
    visit = await open_wall(await context.new_page(), rehearsed, "rehearsal", query="?screen&scale=2")
    await visit.has_cards(60)
    assert await visit.page.locator(SHOWN).count() > 1
    assert await visit.page.evaluate(CUT) == 0


async def test_no_more_columns_are_laid_than_can_be_read(browser: Browser, rehearsed: WallServer) -> None:
    context = await browser.new_context(viewport=HALL)
    visit = await open_wall(await context.new_page(), rehearsed, "rehearsal", query="?screen&columns=12")
    await visit.comes_true("() => document.querySelector('.feed').dataset.laid.startsWith('6 ')")


async def test_small_screen_has_its_name_and_facts_on_one_side(
    browser: Browser, wall_server: WallServer, tmp_path: Path
) -> None:
    play(wall_server, tmp_path, numbered("tide", 3))
    page = await (await browser.new_context(viewport=PHONE)).new_page()
    visit = await open_wall(page, wall_server, query="?screen")
    await visit.has_cards(3)
    left = "(part) => part.getBoundingClientRect().left"
    assert await page.locator(".mast h1").evaluate(left) <= await page.locator(".mast .bar").evaluate(left) + 1
    assert await page.locator(".mast h1").evaluate("(name) => getComputedStyle(name).textAlign") == "left"
    await expect(page.locator(".mast h1")).to_have_css("align-self", "auto")


@pytest.mark.timeout(180)
async def test_plain_screen_still_says_that_a_source_is_silent(
    browser: Browser, wall_server: WallServer, mastodon: MastodonServer
) -> None:
    mastodon.post("Before the outage #tag", tags=["tag"])
    wall_server.run("wall", "create", "hall", "--name", "The hall", "--hashtag", "#tag")
    wall_server.run("follow", "#tag", "--on", mastodon.url, "--wall", "hall")
    page = await (await browser.new_context(viewport=HALL)).new_page()
    visit = await open_wall(page, wall_server, query="?screen&plain", live=False)
    await visit.has_cards(1)
    await expect(page.locator(".mast")).to_be_hidden()
    await expect(page.locator(".rest .how")).to_contain_text("half a minute")
    mastodon.fail(503, times=1000)
    await expect(page.locator(".silent")).to_be_visible(timeout=4 * SOON)
    for part in ("h1", ".mast .say", ".mast .mark"):
        await expect(page.locator(part)).to_be_hidden()
    await expect(page.locator(".rest .how")).not_to_contain_text("half a minute")
    assert await page.evaluate(CUT) == 0


async def test_screen_without_pictures_has_no_empty_cards(
    browser: Browser, wall_server: WallServer, mastodon: MastodonServer
) -> None:
    wall_server.run("wall", "create", "hall", "--name", "The hall", "--hashtag", "#tag")
    wall_server.run("follow", "#tag", "--on", mastodon.url, "--wall", "hall")
    picture = [mastodon.picture(900, 600, alt="A lighthouse")]
    mastodon.post("", content="", tags=["tag"], media=picture)
    mastodon.post("", content="", tags=["tag"], media=[mastodon.picture(900, 600, "#369", alt="")])
    mastodon.post("Words with it #tag", tags=["tag"], media=picture, sensitive=True)
    page = await (await browser.new_context(viewport=HALL)).new_page()
    visit = await open_wall(page, wall_server, query="?screen&media=none")
    await visit.has_cards(3)
    content = "(all) => all.map((it) => getComputedStyle(it, '::before').content)"
    said = await page.locator(".alone figure").evaluate_all(content)
    assert sorted(said) == ['"A lighthouse"', '"Picture"']
    await expect(page.locator("img:visible", has_not=page.locator(".avatar"))).to_have_count(
        await page.locator(".avatar img:visible").count()
    )
    await expect(page.get_by_text("Sensitive picture")).to_be_visible()


@pytest.mark.parametrize("count", [0, 2])
async def test_code_is_larger_where_there_is_room_and_covers_nothing(
    browser: Browser, mastodon: MastodonServer, tmp_path: Path, count: int
) -> None:
    server = WallServer(tmp_path, BACKCHANNEL_PUBLIC_URL="https://wall.example")
    server.run("wall", "create", "hall", "--name", "The hall", "--hashtag", "#tag")
    server.run("follow", "#tag", "--on", mastodon.url, "--wall", "hall")
    for number in range(count):
        mastodon.post(f"Number {number} #tag", tags=["tag"])
    server.start()
    try:
        page = await (await browser.new_context(viewport=HALL)).new_page()
        visit = await open_wall(page, server)
        await visit.has_cards(count)
        code = page.locator("main svg:has(use)")
        await expect(code).to_be_visible()
        box, small = await code.bounding_box(), await page.locator(".qr svg").bounding_box()
        assert box
        assert small
        assert box["width"] > 1.5 * small["width"]
        assert box["y"] + box["height"] <= HALL["height"]
        for card in await page.locator(SHOWN).all():
            place = await card.bounding_box()
            assert place
            assert place["x"] + place["width"] <= box["x"] or place["y"] + place["height"] <= box["y"]
    finally:
        server.stop()


async def test_long_post_on_paper_covers_no_other(
    browser: Browser, wall_server: WallServer, mastodon: MastodonServer
) -> None:
    wall_server.run("wall", "create", "hall", "--name", "The hall", "--hashtag", "#tag")
    wall_server.run("follow", "#tag", "--on", mastodon.url, "--wall", "hall")
    mastodon.post("Before #tag", tags=["tag"], media=[mastodon.picture(900, 600, alt="A lighthouse")])
    mastodon.post(f"{WORDS} {WORDS} {WORDS} #tag", tags=["tag"])
    page = await (await browser.new_context(viewport=PHONE)).new_page()
    visit = await open_wall(page, wall_server)
    await visit.has_cards(2)
    await page.emulate_media(media="print")
    displays = "() => [...document.querySelectorAll('.feed > article')].map((it) => getComputedStyle(it).display)"
    assert set(await page.evaluate(displays)) == {"block"}, "an inline block can't be broken across pages"
    described = "() => getComputedStyle(document.querySelector('.card figure'), '::before').content"
    assert await page.evaluate(described) == '"A lighthouse"'


INVITATION = """() => {
  const [section] = document.querySelectorAll('main section:has(.how)')
  const parts = [...section.querySelectorAll('.lead, .tag, .how, figure')].filter((each) => each.checkVisibility())
  const boxes = parts.map((each) => each.getBoundingClientRect())
  const over = boxes.filter((box) => box.bottom > innerHeight || box.right > innerWidth)
  const [tag, how] = ['.tag', '.how'].map((name) => parseFloat(getComputedStyle(section.querySelector(name)).fontSize))
  return { over: over.length, isLargest: tag > how, isLegible: how >= Math.min(innerWidth, innerHeight) * 0.0239 }
}"""
"""Whether the invitation's parts lie on the screen, and its hashtag is larger than the words below it."""


@pytest.mark.timeout(180)
async def test_invitation_fits_a_screen_without_posts(
    browser: Browser, wall_server: WallServer, mastodon: MastodonServer
) -> None:
    for slug, tag in (("short", "quay"), ("long", "TheFourteenthInternationalConferenceOnDigitalGovernment2026")):
        wall_server.run("wall", "create", slug, "--name", "Harbour", "--hashtag", tag)
        wall_server.run("follow", f"#{tag}", "--on", mastodon.url, "--wall", slug)
    for width, height in [(1280, 720), (1920, 1080), (1080, 1920), (390, 844)]:
        size = ViewportSize(width=width, height=height)
        page = await (await browser.new_context(viewport=size)).new_page()
        for query in ("?screen", "?screen&scale=3", "?screen&plain&scale=3"):
            for slug in ("short", "long"):
                await page.goto(f"{wall_server.url}/w/{slug}{query}")
                found = await page.evaluate(INVITATION)
                fits = {"over": 0, "isLargest": True, "isLegible": True}
                assert (size, query, slug, found) == (size, query, slug, fits)
