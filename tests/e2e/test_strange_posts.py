"""Posts in all scripts and with hostile content: each has its own direction, and none runs scripts."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.async_api import Browser, Page

from tests.e2e.visit import SOON, Visit, open_wall
from tests.fakes.mastodon_server import MastodonServer
from tests.wall_server import WallServer

CORPUS = Path(__file__).parent.parent / "fixtures" / "html_injections.json"
TRICK = "<img src=x onerror=steal()><script>steal()</script>\"'><svg onload=steal()>"
TRAP = """
    window.stolen = []
    window.steal = window.alert = window.prompt = window.confirm = (...loot) => stolen.push(loot.join())
    document.addEventListener('securitypolicyviolation', (event) => stolen.push(event.violatedDirective))
"""
SUSPICIOUS = """() => {
  const elements = /^(script|iframe|object|embed|style|form|input|base|meta|link)$/i
  const addresses = /^(href|src|srcset|action|formaction|xlink:href)$/i
  const harmless = /^(https?:|mailto:|\\/media\\/|#)/i
  const runs = ({ name, value }) => /^on/i.test(name) || (addresses.test(name) && !harmless.test(value))
  return [...document.querySelectorAll('#app *')].flatMap((element) => [
    ...(elements.test(element.localName) ? [element.localName] : []),
    ...[...element.attributes].filter(runs).map(({ name, value }) => `${name}=${value}`),
  ])
}"""


async def open_three(browser: Browser, server: WallServer, mastodon: MastodonServer) -> dict[str, Visit]:
    for slug in ("arabic", "japanese", "hostile"):
        server.run("wall", "create", slug, "--name", f"Wall {slug}")
        server.run("follow", f"#{slug}", "--on", mastodon.url, "--wall", slug)
    context = await browser.new_context()
    await context.add_init_script(TRAP)
    return {slug: await open_wall(await context.new_page(), server, slug) for slug in ("arabic", "japanese", "hostile")}


async def test_three_walls_keep_apart_and_read_in_their_own_direction(
    browser: Browser, wall_server: WallServer, mastodon: MastodonServer
) -> None:
    mastodon.post("صباح الخير من الميناء 2026 #arabic", tags=["arabic"], language="ar")
    mastodon.post("בוקר טוב, hello, מהנמל #arabic", tags=["arabic"], language="he")
    mastodon.post(
        "港からおはようございます。とても長い文でも、どこででも折り返せます。 #japanese",
        tags=["japanese"],
        language="ja",
    )
    mastodon.post("Good morning from the harbour #hostile", tags=["hostile"])
    walls = await open_three(browser, wall_server, mastodon)
    await walls["arabic"].has_cards(2)
    await walls["japanese"].has_cards(1)
    await walls["hostile"].has_cards(1)
    assert await directions(walls["arabic"]) == {("he", "rtl"), ("ar", "rtl")}
    assert await directions(walls["japanese"]) == {("ja", "ltr")}
    assert await directions(walls["hostile"]) == {("en", "ltr")}
    assert await side_of_words(walls["arabic"].page) == "right"
    assert await side_of_words(walls["hostile"].page) == "left"


async def directions(visit: Visit) -> set[tuple[str, str]]:
    found = await visit.page.locator(".said").evaluate_all(
        "all => all.map((said) => [said.lang, getComputedStyle(said).direction])"
    )
    return {(lang, direction) for lang, direction in found}


async def side_of_words(page: Page) -> str:
    """At which side of its card the first post's lines begin."""
    side: str = await page.locator(".said").first.evaluate(
        """(said) => {
          const range = document.createRange()
          range.selectNodeContents(said)
          const box = said.getBoundingClientRect()
          const words = [...range.getClientRects()].filter(({ width }) => width < box.width)
          const left = Math.min(...words.map((line) => line.left)) - box.left
          const right = box.right - Math.max(...words.map((line) => line.right))
          return right < left ? 'right' : 'left'
        }"""
    )
    return side


async def test_hostile_posts_run_nothing(browser: Browser, wall_server: WallServer, mastodon: MastodonServer) -> None:
    corpus = json.loads(CORPUS.read_text(encoding="utf-8"))
    visit = (await open_three(browser, wall_server, mastodon))["hostile"]
    for number, case in enumerate(corpus):
        mastodon.post("", tags=["hostile"], by="mallory", content=f"<p>case {number:03d}.</p> {as_sent(case['html'])}")
    mastodon.account("mallory", display_name=TRICK)
    mastodon.post(
        "",
        tags=["hostile"],
        by="mallory",
        warning=TRICK,
        content=TRICK,
        media=[mastodon.picture(alt=TRICK)],
        card={
            "url": "javascript:steal()",
            "title": TRICK,
            "description": TRICK,
            "type": "link",
            "provider_name": TRICK,
        },
        language='en" onclick="steal()',
    )
    await visit.has_cards(len(corpus) + 1, within=2 * SOON)
    await runs_nothing(visit)
    await visit.page.reload()  # now the newest come in the page's own HTML
    await visit.is_live()
    await runs_nothing(visit)


def as_sent(html: str) -> str:
    """Half a surrogate pair cannot be sent by any server."""
    return html.encode(errors="replace").decode()


async def runs_nothing(visit: Visit) -> None:
    for folded in await visit.page.locator("details").all():
        await folded.evaluate("(details) => (details.open = true)")
    assert await visit.page.evaluate(SUSPICIOUS) == []
    await visit.page.locator(".said").first.click()
    await visit.page.wait_for_function(
        "() => [...document.querySelectorAll('.feed img')].every((one) => one.loading === 'lazy' || one.complete)"
    )
    assert await visit.page.evaluate("stolen") == []
    assert visit.complaints == []
