"""The wall page: its weight, its first card, the delay of a post, and the cards left after an outage.

The parts are real: `backchannel serve` in a separate process with the rehearsal on its wall, a Mastodon-shaped server
that it follows, Debian's Chromium. The baseline, in the same run and with the same posts, is the wall of
`_baseline.py`, a page that requests all posts every five seconds. `python -m bench.page --help` has the sizes.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any
from urllib.request import urlopen

from playwright.sync_api import Browser, Error, Page
from starlette.requests import Request
from starlette.responses import Response

from bench._baseline import POLL, BaselineWall
from bench._visits import FAST, SEEN, SLOW, Profile, Visit, chromium, new_context, visit
from tests.fakes.mastodon_server import MastodonServer
from tests.wall_server import WallServer

WALL = "rehearsal"
TAG = "arrivals"
IS_STORED = "caches.match(location.pathname).then((page) => !!page && localStorage.length > 0)"
WAIT_TIMEOUT = 60.0
"""Seconds."""


class NotingServer(MastodonServer):
    """A Mastodon-shaped server that notes when each status was first sent out."""

    def reset(self) -> None:
        super().reset()
        self.fetched: dict[str, float] = {}

    def tag_timeline(self, request: Request) -> Response:
        response = super().tag_timeline(request)
        for status in json.loads(bytes(response.body)):
            self.fetched.setdefault(status["id"], time.time() * 1000)
        return response


def snapshot(server: WallServer) -> list[dict[str, Any]]:
    with urlopen(f"{server.url}/api/walls/{WALL}/records") as reply:
        records: list[dict[str, Any]] = json.load(reply)["records"]
    posts = [record for record in records if record["kind"] == "post" and record["body"]]
    return [record["body"] for record in sorted(posts, key=lambda record: str(record["at"]), reverse=True)]


def rehearse(server: WallServer) -> list[dict[str, Any]]:
    """Play the whole conference onto the wall; return its newest posts once their pictures have stopped coming."""
    give_up_at = time.monotonic() + WAIT_TIMEOUT
    before: list[dict[str, Any]] = []
    while time.monotonic() < give_up_at:
        time.sleep(3)
        now = snapshot(server)
        if now and now == before:
            break
        before = now
    return before


# --- cold loads -------------------------------------------------------------------------------------------------


def loads(browser: Browser, urls: dict[str, str], profile: Profile, runs: int) -> dict[str, list[Visit]]:
    """Cold loads of each page in turn."""
    visits: dict[str, list[Visit]] = {name: [] for name in urls}
    for _ in range(runs):
        for name, url in urls.items():
            visits[name].append(visit(browser, url, profile))
    return visits


def print_loads(fast: dict[str, list[Visit]], slow: dict[str, list[Visit]]) -> None:
    def row(what: str, of: Callable[[Visit], float], form: str, target: str, visits: dict[str, list[Visit]]) -> None:
        cells = [form.format(median(map(of, each))) for each in visits.values()]
        print(f"| {what} | {' | '.join(cells)} | {target} |")

    def wired(kind: str) -> Callable[[Visit], float]:
        return lambda it: it.wire[kind] / 1000

    print(f"\n| cold load | {' | '.join(fast)} | target |\n| --- | {'---: | ' * len(fast)}--- |")
    kinds = sorted({kind for visits in fast.values() for each in visits for kind in each.wire})
    for kind in kinds:
        row(f"{kind}, kB", wired(kind), "{:.1f}", "", fast)
    row("all over the wire, kB", lambda it: it.wire.total() / 1000, "{:.1f}", "", fast)
    row("JavaScript gzipped, kB", lambda it: it.script / 1000, "{:.1f}", "≤ 45", fast)
    row("first byte, ms", lambda it: it.first_byte, "{:.0f}", "", fast)
    for profile, visits in ((FAST, fast), (SLOW, slow)):
        row(f"first card painted, ms, {profile.name}", lambda it: it.card, "{:.0f}", "", visits)
        row(f"largest contentful paint, ms, {profile.name}", lambda it: it.largest, "{:.0f}", "", visits)
        row(f"layout shift, {profile.name}", lambda it: it.shift, "{:.3f}", "≤ 0.1", visits)


# --- arrivals ---------------------------------------------------------------------------------------------------


def arrivals(
    browser: Browser, server: WallServer, mastodon: NotingServer, baseline: BaselineWall, count: int
) -> dict[str, list[float]]:
    """Posts at random times, watched on both pages at once: the delay of each in ms, by start and end."""
    chance = random.Random(2009)
    ours, theirs = (open_page(browser, url) for url in (f"{server.url}/w/{WALL}", baseline.url))
    said: dict[str, tuple[str, float]] = {}
    ours.wait_for_timeout(2 * POLL * 1000)  # the tag's source has been polled, and both pages are at rest
    for number in range(count):
        words = f"arrival {number} of this run"
        said[words] = (mastodon.post(f"Heard in the hall: {words}.", tags=[TAG]), time.time() * 1000)
        baseline.say(words)
        ours.wait_for_timeout(chance.uniform(1000, 4000))
    seen = [wait_for_all(page, list(said)) for page in (ours, theirs)]
    delays = {
        "arrival at our server → card": [seen[0][words] - mastodon.fetched[ref] for words, (ref, _) in said.items()],
        "posted on Mastodon → card": [seen[0][words] - at for words, (_, at) in said.items()],
        "arrival at the baseline wall's server → card": [seen[1][words] - at for words, (_, at) in said.items()],
    }
    for page in (ours, theirs):
        page.context.close()
    return delays


def open_page(browser: Browser, url: str) -> Page:
    page = new_context(browser).new_page()
    page.goto(url, wait_until="load")
    return page


def wait_until(page: Page, what: str) -> None:
    """Poll the page: the wall's own policy forbids the script that Playwright would inject to wait there."""
    give_up_at = time.monotonic() + WAIT_TIMEOUT
    while not page.evaluate(what):
        if time.monotonic() > give_up_at:
            raise TimeoutError(f"Timed out: {page.url} never reached {what}")
        page.wait_for_timeout(100)


def wait_for_all(page: Page, words: Sequence[str]) -> dict[str, float]:
    """The time at which each was painted, by this process's clock (ms since 1970)."""
    wait_until(page, f"Object.keys(figures.arrived).length >= {len(words)}")
    before = time.time() * 1000
    there = page.evaluate("performance.timeOrigin + performance.now()")
    ahead = there - (before + time.time() * 1000) / 2
    return {name: at - ahead for name, at in page.evaluate("figures.arrived").items()}


def print_arrivals(delays: dict[str, list[float]]) -> None:
    print("\n| from a post to its painted card | posts | median, ms | 95th percentile, ms | maximum, ms |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for name, each in delays.items():
        ordered = sorted(each)
        p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
        print(f"| {name} | {len(each)} | {median(each):.0f} | {p95:.0f} | {ordered[-1]:.0f} |")


# --- an outage --------------------------------------------------------------------------------------------------


def outage(browser: Browser, server: WallServer, baseline: BaselineWall, seconds: float) -> None:
    """Both servers end and both pages go offline; print how many cards are left, then and after a reload."""
    pages = {"wall": open_page(browser, f"{server.url}/w/{WALL}"), "baseline": open_page(browser, baseline.url)}
    wait_until(pages["wall"], IS_STORED)
    wait_until(pages["baseline"], f"{SEEN} > 0")
    before = {name: cards(page) for name, page in pages.items()}
    server.kill()
    baseline.stop()
    for page in pages.values():
        page.context.set_offline(offline=True)
    pages["wall"].wait_for_timeout(seconds * 1000)
    print(f"\n| cards left | before | after {seconds:g} s | and after loading again |")
    print("| --- | ---: | ---: | ---: |")
    for name, page in pages.items():
        print(f"| {name} | {before[name]} | {cards(page)} | {cards_again(page)} |")
        page.context.close()


def cards(page: Page) -> int:
    count: int = page.evaluate(SEEN)
    return count


def cards_again(page: Page) -> int:
    try:
        page.reload(wait_until="load", timeout=15_000)
    except Error:
        return 0
    page.wait_for_timeout(2000)
    return cards(page)


def main(options: argparse.Namespace) -> None:
    with (
        tempfile.TemporaryDirectory(prefix="bench-page-") as folder,
        NotingServer() as mastodon,
        chromium() as browser,
    ):
        server = WallServer(Path(folder))
        server.run("rehearse", "--wall", WALL, "--rate", "10000", "--no-loop")
        server.run("follow", f"#{TAG}", "--on", mastodon.url, "--wall", WALL)
        server.start()
        try:
            with BaselineWall(server.url) as baseline:
                baseline.posts = rehearse(server)
                urls = {"wall": f"{server.url}/w/{WALL}", "baseline": baseline.url}
                loads(browser, urls, FAST, 1)  # warms Chromium and both servers up
                print(f"Medians of {options.runs} cold loads, {len(baseline.posts)} posts on each page.")
                print_loads(loads(browser, urls, FAST, options.runs), loads(browser, urls, SLOW, options.runs))
                print_arrivals(arrivals(browser, server, mastodon, baseline, options.posts))
                outage(browser, server, baseline, options.offline)
        finally:
            server.kill()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=7, help="cold loads of each page on each network profile")
    parser.add_argument("--posts", type=int, default=36, help="posts whose delivery is timed, some 2.5 s apart")
    parser.add_argument("--offline", type=float, default=25, help="seconds of the outage")
    parser.add_argument("--quick", action="store_true", help="2 loads, 6 posts, 5 s: a smoke test")
    options = parser.parse_args()
    if options.quick:
        options.runs, options.posts, options.offline = 2, 6, 5.0
    return options


if __name__ == "__main__":
    main(arguments())
