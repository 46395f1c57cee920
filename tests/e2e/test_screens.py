"""A wall on a hall's display: only where asked for, every arrival whole at every size, a burst in turns."""

from __future__ import annotations

import asyncio
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, ViewportSize, expect

from tests.e2e.archives import numbered, play
from tests.e2e.visit import HALL, SOON, Visit, open_wall
from tests.fakes.mastodon_server import MastodonServer
from tests.wall_server import WallServer

SIZES = [(1280, 720), (1366, 768), (1920, 1080), (1920, 1200), (2560, 1440), (3840, 2160), (1080, 1920)]
WORDS = " ".join(f"Sentence {number} about the tide, the pier and the harbour." for number in range(12))
NOTE_SEEN = """(() => {
  const whole = (card) => {
    const { top, bottom, height } = card.getBoundingClientRect()
    const padding = parseFloat(getComputedStyle(card).paddingBottom)
    const end = Math.max(...[...card.children].map((part) => part.getBoundingClientRect().bottom))
    return height > 0 && top >= 0 && bottom <= innerHeight && end + padding <= bottom + 1 &&
      !card.hasAttribute('data-off') && card.checkVisibility({ visibilityProperty: true, opacityProperty: true })
  }
  const seen = (window.seen = new Map())
  setInterval(() => {
    for (const card of document.querySelectorAll('.feed > article[data-key]')) {
      const words = card.textContent.match(/This is (\\w+)/)?.[1]
      if (words && whole(card)) seen.set(words, (seen.get(words) ?? 0) + 1)
    }
  }, 100)
})()"""
"""Counts in how many tenths of a second each post stood on the screen, whole."""
GAVE_UP_TOO_MUCH = """(names) => {
  const over = (card) => {
    const { paddingBottom, borderBottomWidth } = getComputedStyle(card)
    const end = Math.max(...[...card.children].map((part) => part.getBoundingClientRect().bottom))
    return end + parseFloat(paddingBottom) + parseFloat(borderBottomWidth) - card.getBoundingClientRect().bottom
  }
  const fitsAt = (card, level) => {
    if (level) card.dataset.tight = level
    else delete card.dataset.tight
    card.style.removeProperty('--fits')
    const mosaic = card.querySelector('.mosaic')
    const least = [1 / 3, 1 / 3, 1 / 3, 1 / 6, 0][level]
    if (mosaic) card.style.setProperty('--fits', `${Math.ceil(mosaic.getBoundingClientRect().height * least)}px`)
    return over(card) < 0.5
  }
  return names.flatMap((name) => {
    const card = [...document.querySelectorAll('.feed > article')].find((it) => it.textContent.includes(`is ${name}`))
    const level = Number(card?.dataset.tight ?? 0)
    if (!card || 'lowered' in card.dataset) return []
    const [tight, fits] = [card.dataset.tight, card.style.getPropertyValue('--fits')]
    const lower = [...Array(level).keys()].filter((each) => fitsAt(card, each))
    if (tight) card.dataset.tight = tight
    else delete card.dataset.tight
    card.style.setProperty('--fits', fits)
    return lower.length ? [`${name} gave way to level ${level}, and fits at ${lower}`] : []
  })
}"""
"""Which of these cards say or show less than they had to; all are as they were afterwards."""
INVITES = """() => {
  const [words] = document.querySelectorAll('.rest .how')
  if (!words) return false
  const { left, right, bottom } = words.getBoundingClientRect()
  const free = document.querySelector('.rest').getBoundingClientRect()
  const over = [...document.querySelectorAll('.feed > article:not([data-off])')].some((card) => {
    const place = card.getBoundingClientRect()
    return place.right > free.left && place.left < free.right && place.bottom > free.top
  })
  return !over && left >= free.left && right <= free.right + 1 && bottom <= innerHeight
}"""
"""Whether the invitation is seen whole, where no card stands."""
HIDDEN_INVITATION = """(rest) => {
  rest.style.height = '20px'
  const away = rest.querySelector('section').getBoundingClientRect().left - rest.getBoundingClientRect().right
  rest.style.height = ''
  return away
}"""
"""The pixels between the free space and the invitation where it is too high for it."""
MODE = "() => document.documentElement.dataset.mode"


def post_one_of_every_kind(mastodon: MastodonServer) -> list[str]:
    """Posts that are higher than a screen, and one that is not; returns the word that names each."""

    def say(words: str, **more: Any) -> None:
        mastodon.post(f"{words} #tag", tags=["tag"], **more)

    portrait = mastodon.picture(1000, 1400, alt="A lighthouse")
    square = [mastodon.picture(900, 900, colour) for colour in ("#369", "#963", "#396", "#639")]
    choices = [{"title": f"Choice {number} of them all", "votes_count": number} for number in range(8)]
    poll = {"options": choices, "votes_count": 28, "voters_count": 20, "expires_at": "2030-01-01T00:00:00Z"}
    card = {"url": "https://quay.example/tide", "title": WORDS[:120], "description": WORDS, "type": "link"}
    say(f"This is portrait, {WORDS[:200]}", media=[portrait])
    say(f"This is mosaic, {WORDS}", media=square)
    say(f"This is poll, {WORDS}", poll={"id": "1", "multiple": False, "expired": False, **poll})
    say(f"This is link, {WORDS}", card={**card, "image": portrait["url"], "width": 1000, "height": 1400})
    say(f"This is everything, {WORDS}", media=square[:3], poll={"id": "2", "multiple": True, "expired": False, **poll})
    said = mastodon.post("The words of another person", by="bo")
    quote = {"state": "accepted", "quoted_status": mastodon.shown(said)}
    say(f"This is quotation, {WORDS}", media=[portrait], quote=quote)
    answers = [{"title": title, "votes_count": 4} for title in ("Yes", "No", "Perhaps")]
    few = {"options": answers, "votes_count": 12, "voters_count": 12, "expires_at": "2030-01-01T00:00:00Z"}
    say(f"This is question, {WORDS}", media=[portrait], poll={"id": "3", "multiple": True, "expired": False, **few})
    say(f"This is tall, {WORDS}", media=[mastodon.picture(1000, 1600)])
    say("This is short")
    return ["portrait", "mosaic", "poll", "link", "everything", "quotation", "question", "tall", "short"]


@pytest.mark.timeout(300)  # nine turns at seven sizes side by side, up to 4K without a graphics card
async def test_every_arrival_is_seen_whole_at_every_size(
    browser: Browser, wall_server: WallServer, mastodon: MastodonServer
) -> None:
    wall_server.run("wall", "create", "hall", "--name", "The hall", "--hashtag", "#tag")
    wall_server.run("follow", "#tag", "--on", mastodon.url, "--wall", "hall")
    for number in range(12):
        mastodon.post(f"Before: {number} {WORDS[: 40 * number]} #tag", tags=["tag"])
    sizes = [ViewportSize(width=width, height=height) for width, height in SIZES]
    still = [await browser.new_context(viewport=size, reduced_motion="reduce") for size in sizes]
    pages = [await context.new_page() for context in still]
    visits = []
    for page in pages:
        await page.add_init_script(NOTE_SEEN)
        visits.append(await open_wall(page, wall_server, query="?screen"))
        await visits[-1].has_cards(12, within=2 * SOON)
    named = await asyncio.to_thread(post_one_of_every_kind, mastodon)
    question = "(names) => names.every((name) => seen.get(name) >= 5)"
    for size, visit in zip(SIZES, visits, strict=True):
        try:
            await visit.page.wait_for_function(question, arg=named, timeout=6 * SOON)
        except Exception as late:
            raise AssertionError(f"{size}: {await visit.page.evaluate('Object.fromEntries(seen)')}") from late
        assert (size, await visit.page.evaluate(GAVE_UP_TOO_MUCH, named)) == (size, [])


async def test_leaving_the_full_screen_leads_back_to_what_was_read(
    browser: Browser, wall_server: WallServer, tmp_path: Path
) -> None:
    play(wall_server, tmp_path, numbered("tide", 90))
    page = await (await browser.new_context(viewport=HALL, reduced_motion="reduce")).new_page()
    visit = await open_wall(page, wall_server, query="")
    for _ in range(70):
        await page.keyboard.press("j")
    where = """() => {
      const { key } = document.activeElement.dataset
      return key && [key, Math.round(document.activeElement.getBoundingClientRect().top)]
    }"""
    await visit.comes_true("() => scrollY > 1000")
    before = await page.evaluate(where)
    await page.keyboard.press("f")
    await visit.comes_true("() => document.documentElement.dataset.mode === 'hall'")
    await expect(visit.cards).to_have_count(60)
    await page.keyboard.press("f")
    await visit.comes_true("() => document.documentElement.dataset.mode === 'read'")
    assert before
    assert await page.evaluate(where) == before


@pytest.mark.parametrize("high", [0, 3], ids=["a wide space", "a narrow space"])
async def test_empty_columns_invite_people_to_post(
    browser: Browser, wall_server: WallServer, mastodon: MastodonServer, high: int
) -> None:
    """The high post stands at the end of the screen, or in its middle."""
    for number in range(5):
        picture = [mastodon.picture(1000, 1400)] if number == high else []
        mastodon.post(f"Number {number} of a few #tag", tags=["tag"], media=picture)
    wall_server.run("wall", "create", "hall", "--name", "The hall", "--hashtag", "#tag")
    wall_server.run("follow", "#tag", "--on", mastodon.url, "--wall", "hall")
    page = await (await browser.new_context(viewport=HALL, reduced_motion="reduce")).new_page()
    visit = await open_wall(page, wall_server)
    await visit.has_cards(5)
    await expect(page.locator(".say .with")).to_have_text("Post on Mastodon with")
    await visit.comes_true(INVITES)
    assert await page.locator(".rest").evaluate(HIDDEN_INVITATION) >= 8, "letters reach beyond their box"
    for number in range(20):
        mastodon.post(f"More of it: {number}, {WORDS[:200]} #tag", tags=["tag"])
    await expect(page.locator(".rest")).to_have_count(0)


async def test_long_content_warning_is_whole_on_the_screen(
    browser: Browser, wall_server: WallServer, mastodon: MastodonServer
) -> None:
    wall_server.run("wall", "create", "hall", "--name", "The hall", "--hashtag", "#tag")
    wall_server.run("follow", "#tag", "--on", mastodon.url, "--wall", "hall")
    mastodon.post("What is folded #tag", tags=["tag"], warning=f"This is warning, {WORDS} {WORDS}"[:960])
    page = await (await browser.new_context(viewport=ViewportSize(width=1280, height=720))).new_page()
    await page.add_init_script(NOTE_SEEN)
    visit = await open_wall(page, wall_server, query="?screen")
    await visit.has_cards(1)
    await page.wait_for_function("() => seen.get('warning') >= 3")
    lines = "(words) => Math.round(words.clientHeight / parseFloat(getComputedStyle(words).lineHeight))"
    assert await page.locator("summary .words").evaluate(lines) == 4
    await visit.page.goto(f"{wall_server.url}/w/hall")
    assert await page.locator("summary .words").evaluate(lines) == 8
    await page.get_by_text("Show", exact=True).click()
    assert await page.locator("summary .words").evaluate(lines) > 8


async def test_hall_is_only_shown_on_request(browser: Browser, wall_server: WallServer, tmp_path: Path) -> None:
    play(wall_server, tmp_path, numbered("tide", 40))
    page = await (await browser.new_context(viewport=HALL, color_scheme="light")).new_page()
    visit = await open_wall(page, wall_server, query="")
    await visit.has_cards(40)
    assert await page.evaluate(MODE) == "read"
    assert await page.evaluate("() => document.documentElement.scrollHeight > innerHeight")
    assert await page.evaluate("() => getComputedStyle(document.documentElement).colorScheme") == "light dark"
    await page.keyboard.press("f")
    await visit.comes_true("() => document.documentElement.dataset.mode === 'hall'")
    await page.keyboard.press("f")
    await visit.comes_true("() => document.documentElement.dataset.mode === 'read'")


FEET = """() => {
  const cards = [...document.querySelectorAll('.feed > article:not([data-off])')]
  const columns = Map.groupBy(cards, (card) => card.dataset.column).values()
  const found = { gaps: [], below: 0, wasted: 0 }
  for (const column of columns) {
    const places = column.map((card) => card.getBoundingClientRect()).sort((one, other) => one.top - other.top)
    places.slice(1).forEach((place, at) => found.gaps.push(place.top - places[at].bottom))
    const end = places.at(-1).bottom
    found.below += end > innerHeight
    const last = column.find((card) => card.getBoundingClientRect().bottom === end)
    const said = last.querySelector(':scope > .words > .said')
    const isCut = said && !('tight' in last.dataset) && said.scrollHeight > said.clientHeight + 2
    const left = innerHeight - parseFloat(getComputedStyle(last.parentElement).columnGap) - end
    found.wasted += isCut && left > innerHeight / 8
  }
  return [Math.max(...found.gaps) - Math.min(...found.gaps) < 2, found.below, found.wasted].join(' ')
}"""
"""Whether all gaps are alike, and the numbers of cards below the screen and of cards that are cut above free space."""


@pytest.mark.parametrize("query", ["?screen", "?screen&columns=5", "?screen&scale=1.3"])
async def test_columns_have_one_rhythm_and_use_their_feet(browser: Browser, rehearsed: WallServer, query: str) -> None:
    context = await browser.new_context(viewport=HALL, reduced_motion="reduce")
    visit = await open_wall(await context.new_page(), rehearsed, "rehearsal", query=query)
    await visit.has_cards(60)
    await visit.comes_true(f"async () => ({FEET})() === 'true 0 0'")


COLUMNS = "() => document.querySelector('.feed').dataset.laid[0]"
SCHEME = "() => getComputedStyle(document.documentElement).colorScheme"
LARGE = "() => parseFloat(getComputedStyle(document.body).fontSize) > 50"
NO_PICTURES = "() => ![...document.querySelectorAll('.mosaic img')].some((it) => it.checkVisibility())"
NO_HEAD = "() => !document.querySelector('.mast').checkVisibility()"


@pytest.mark.parametrize(
    ("query", "answers"),
    [
        ("?screen&columns=2&theme=light", {COLUMNS: "2", SCHEME: "light", NO_PICTURES: False, LARGE: False}),
        ("?screen&columns=6&media=none", {COLUMNS: "6", SCHEME: "dark", NO_PICTURES: True, NO_HEAD: False}),
        ("?screen&plain&scale=2", {NO_HEAD: True, LARGE: True}),
        ("?theme=dark", {SCHEME: "dark", NO_HEAD: False}),
    ],
)
async def test_address_says_how_a_screen_looks(
    browser: Browser, rehearsed: WallServer, query: str, answers: dict[str, object]
) -> None:
    context = await browser.new_context(viewport=HALL)
    visit = await open_wall(await context.new_page(), rehearsed, "rehearsal", query=query, live="plain" not in query)
    for question, answer in answers.items():
        await visit.comes_true(f"(answer) => ({question})() === JSON.parse(answer)", json.dumps(answer))
    assert visit.complaints == []


async def test_burst_comes_in_turns_and_whatever_has_its_turn_can_be_read(
    browser: Browser, wall_server: WallServer, tmp_path: Path
) -> None:
    play(wall_server, tmp_path, numbered("before", 20))
    page = await (await browser.new_context(viewport=HALL)).new_page()
    visit = await open_wall(page, wall_server)
    await visit.has_cards(20)
    await page.evaluate(
        """() => {
          window.first = []
          const look = () => {
            const words = document.querySelector('.feed > article .said')?.textContent.trim()
            if (words && words !== first.at(-1)?.words) first.push({ words, at: performance.now() })
          }
          new MutationObserver(look).observe(document.querySelector('.feed'), { childList: true })
        }"""
    )
    await asyncio.to_thread(play, wall_server, tmp_path, numbered("burst", 8))
    await expect(page.get_by_text("more", exact=False).locator("visible=true").first).to_be_visible()
    await visit.shows("burst 008.", within=4 * SOON)
    first = await page.evaluate("first")
    assert [one["words"] for one in first] == numbered("burst", 8)
    assert min(later["at"] - one["at"] for one, later in pairwise(first)) > 900
    await expect(page.get_by_text("+", exact=False)).to_have_count(0)


async def test_display_stays_awake_and_no_pointer_lies_on_the_posts(
    browser: Browser, wall_server: WallServer, tmp_path: Path
) -> None:
    play(wall_server, tmp_path, numbered("tide", 3))
    page = await (await browser.new_context(viewport=HALL)).new_page()
    await page.add_init_script(
        """
        window.asked = []
        const { request } = WakeLock.prototype
        WakeLock.prototype.request = function (kind) {
          asked.push(kind)
          return request.call(this, kind)
        }
        """
    )
    visit = await open_wall(page, wall_server)
    await visit.comes_true("() => asked.includes('screen')")
    await page.mouse.move(600, 600)
    await expect(page.get_by_role("button", name="Full screen")).to_be_visible()
    await visit.comes_true("() => document.documentElement.dataset.still === ''")
    cursors = "() => [...new Set([...document.querySelectorAll('body *')].map((it) => getComputedStyle(it).cursor))]"
    assert await page.evaluate(cursors) == ["none"], "links and pictures have a cursor of their own"
    await expect(page.get_by_role("button", name="Full screen")).to_have_count(0)
    await page.mouse.move(700, 700)
    await visit.comes_true("() => getComputedStyle(document.documentElement).cursor !== 'none'")
    await page.get_by_role("link", name="Read and scroll").click()
    await Visit(page).comes_true("() => document.documentElement.dataset.mode === 'read'")
