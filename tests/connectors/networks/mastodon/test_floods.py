"""Statuses made to cost time: a page of the worst ones stays far below the sandbox's limit."""

from __future__ import annotations

import json
import time
from typing import Any

import msgspec
import pytest

from connectors.networks.mastodon.client import LIMIT, MAX_PAGE
from connectors.networks.mastodon.reading import ParsedStatus, read_all
from connectors.sandbox import SECONDS
from tests.connectors.networks.mastodon.listing import ADA, NOW, row

SAMPLE = 4  # statuses of each kind
SHARE = SAMPLE / LIMIT / 2  # of the sandbox's time: half of it for a whole page
REFERENCES = "&" * 60_000
LIGATURES = "\ufdfa" * 60_000  # each is eighteen letters in its normal form

WORST: dict[str, dict[str, Any]] = {
    "references": {"content": REFERENCES, "account": ADA | {"note": f"#{REFERENCES}"}},
    "profile": {"account": ADA | {"note": f"#{LIGATURES}", "fields": [{"name": f"#{REFERENCES}"}] * 8}},
    "no-break spaces": {"content": "\xa0" * 60_000},
    "quote": {"quote": {"state": "accepted", "quoted_status": row(2, content=REFERENCES)}},
    "listed tags": {"tags": [{"name": LIGATURES[:200]}] * 500},
    "tags of the text": {"content": " #éééé" * 10_000},
    "long tag of the text": {"content": f"#{LIGATURES}"},
    "names": {
        "account": ADA | {"acct": "é" * 200_000, "display_name": "\u0301" * 200_000, "url": "https://é" + "é." * 90_000}
    },
    "warning": {"spoiler_text": "\u200b" * 500_000},
    "descriptions": {
        "media_attachments": [{"type": "x", "url": "https://x.example/y", "description": "é" * 20_000}] * 32
    },
    "choices": {"poll": {"options": [{"title": "é" * 50_000}] * 20}},
    "mentions": {"mentions": [{"acct": "é" * 20_000, "url": "https://x.example/" + "%41" * 20_000}] * 64},
}


@pytest.mark.unmeasured  # tracing would count as time of the reader's
@pytest.mark.parametrize("kind", WORST)
def test_page_of_the_worst_statuses_stays_far_below_the_sandbox_limit(kind: str) -> None:
    rows = [row(number, **WORST[kind]) for number in range(1, SAMPLE + 1)]
    body = json.dumps(rows, ensure_ascii=False).encode()
    fitting = min(1.0, MAX_PAGE / len(body) * SAMPLE / LIMIT)  # more of them would make the page too large
    before = time.thread_time()
    found = [msgspec.msgpack.decode(each, type=ParsedStatus) for each in read_all(body, NOW.isoformat())]
    spent = time.thread_time() - before
    assert len(found) == SAMPLE
    assert spent * fitting < SHARE * SECONDS


def test_wish_and_tags_of_a_long_post_are_still_read() -> None:
    account = ADA | {"note": f"<p>{'I like long profiles. ' * 200}</p><p>#nobot</p>"}
    tags = [{"name": f"Tag{number}"} for number in range(400)]
    content = f"<p>{'A long post. ' * 1_000}</p><p>#Sócitm09</p>"
    status = row(1, account=account, content=content, tags=tags)
    (encoded,) = read_all(json.dumps([status]).encode(), NOW.isoformat())
    found = msgspec.msgpack.decode(encoded, type=ParsedStatus)
    assert found.tags == (*(f"tag{number}" for number in range(400)), "socitm09")
    assert found.post is not None
    assert found.post.opted_out
