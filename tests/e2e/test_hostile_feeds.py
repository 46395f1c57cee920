"""Feeds that are slow to parse delay neither other feeds nor visitors."""

from __future__ import annotations

import json
import re
from urllib.request import urlopen

from tests.fakes.foreign_server import Service, posts, until
from tests.wall_server import WallServer

ATTRIBUTES = " ".join(f'a{n}="b"' for n in range(150_000))
HARD = f'<?xml version="1.0"?><rss version="2.0"><channel><title>t</title><item {ATTRIBUTES}/></channel></rss>'
HONEST = """<?xml version="1.0"?><rss version="2.0"><channel><title>News</title><link>https://quay.example/</link>
<item><title>Doors open at nine</title><guid isPermaLink="false">1</guid></item></channel></rss>"""
SO_MANY = 7
"""More than there are threads to read them in."""
RSS = "application/rss+xml"
CLASS_OF_ERROR = re.compile(r"\b[A-Z]\w*(?:Error|Exception)\b")


def test_hard_feeds_hold_up_no_page_and_end_in_a_plain_sentence(wall_server: WallServer) -> None:
    hard = {f"/{n}.xml": (RSS, HARD.encode()) for n in range(SO_MANY)}
    with Service({**hard, "/honest.xml": (RSS, HONEST.encode())}) as feeds:
        wall_server.run("wall", "create", "hall", "--name", "The hall")
        for path in (*hard, "/honest.xml"):
            wall_server.run("follow", f"{feeds.url}{path}", "--wall", "hall")
        until(lambda: "/honest.xml" in feeds.asked)
        until(lambda: [post["title"] for post in posts(wall_server, "hall")] == ["Doors open at nine"])
        for number in range(3):  # each a page that has to be drawn anew
            wall_server.run("wall", "rename", "hall", "--name", f"Hall {number}")
            with urlopen(f"{wall_server.url}/w/hall", timeout=60) as page:
                assert page.status == 200
        until(lambda: all(source["polled_at"] for source in sources(wall_server)))
        told = [source["trouble"] for source in sources(wall_server)]
        assert [sentence for sentence in told if CLASS_OF_ERROR.search(sentence)] == []


def sources(server: WallServer) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(server.run("sources", "--json"))
    return found
