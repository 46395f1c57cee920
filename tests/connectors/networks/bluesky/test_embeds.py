"""What posts embed, beyond the recorded cases: records other than posts, and parts that are missing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.contract import Attachment, LinkCard
from connectors.networks.bluesky.embeds import Embedded, embedded
from connectors.networks.bluesky.labels import MODERATORS

DID = "did:plc:ada"
NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
POST = f"https://bsky.app/profile/{DID}/post/1"
ADA = {"did": DID, "handle": "ada.quay.example", "displayName": "Ada"}
NOTHING = Embedded()


def record(type_: str, path: str, **fields: Any) -> dict[str, Any]:
    return {
        "$type": "app.bsky.embed.record#view",
        "record": {"$type": type_, "uri": f"at://{DID}/{path}", "creator": ADA, **fields},
    }


def quote(**fields: Any) -> dict[str, Any]:
    value = {"value": {"text": "Low tide"}, "author": ADA, "cid": "c"}
    return record("app.bsky.embed.record#viewRecord", "app.bsky.feed.post/9", **value | fields)


def label(val: str, src: str) -> list[dict[str, Any]]:
    return [{"val": val, "src": src, "uri": f"at://{DID}/app.bsky.feed.post/9", "cts": "2026-11-27T09:00:00Z"}]


def external(uri: str, **fields: Any) -> dict[str, Any]:
    return {"$type": "app.bsky.embed.external#view", "external": {"uri": uri, **fields}}


@pytest.mark.parametrize(
    ("type_", "path", "fields", "url", "title"),
    [
        ("app.bsky.graph.defs#listView", "app.bsky.graph.list/k", {"name": "Speakers"}, "lists/k", "Speakers"),
        ("app.bsky.feed.defs#generatorView", "app.bsky.feed.generator/k", {"displayName": "Boats"}, "feed/k", "Boats"),
        ("app.bsky.labeler.defs#labelerView", "app.bsky.labeler.service/self", {}, "", "Ada"),
    ],
)
def test_embedded_record_is_a_card_that_leads_to_the_app(
    type_: str, path: str, fields: dict[str, str], url: str, title: str
) -> None:
    there = f"https://bsky.app/profile/{DID}" + (f"/{url}" if url else "")
    assert embedded(record(type_, path, **fields), POST, NOW) == Embedded(
        card=LinkCard(url=there, title=title, site="bsky.app")
    )


def test_starter_pack_is_a_card_by_the_name_in_its_record() -> None:
    pack = record(
        "app.bsky.graph.defs#starterPackViewBasic",
        "app.bsky.graph.starterpack/k",
        record={"name": "Quay people", "description": "Who is here"},
    )
    assert embedded(pack, POST, NOW).card == LinkCard(
        url=f"https://bsky.app/starter-pack/{DID}/k", title="Quay people", site="bsky.app", description="Who is here"
    )


@pytest.mark.parametrize(
    "view",
    [
        None,
        {"$type": "app.bsky.embed.newer#view"},
        record("app.bsky.graph.defs#listView", "app.bsky.graph.list/k"),
        record("app.bsky.newer.defs#view", "app.bsky.newer/k", name="New"),
        quote(author=ADA | {"did": "did:plc:ben"}),
        quote(author=None),
        quote(labels=label("!hide", MODERATORS)),
        {"$type": "app.bsky.embed.record#view", "record": {"$type": "app.bsky.embed.record#viewRecord"}},
        {"$type": "app.bsky.embed.video#view", "playlist": "javascript:alert(1)"},
        {"$type": "app.bsky.embed.images#view", "images": [{"fullsize": "data:image/png,x", "alt": "A boat"}]},
        external("ftp://quay.example/"),
        {"$type": "app.bsky.embed.external#view"},
    ],
)
def test_embed_that_cannot_be_shown_leaves_nothing(view: Any) -> None:
    assert embedded(view, POST, NOW) == NOTHING


def test_warning_covers_the_words_of_a_quote() -> None:
    found = embedded(quote(labels=label("graphic-media", DID)), POST, NOW).quote
    assert found is not None
    assert found.html == "<p>Graphic pictures</p>"


def test_gif_takes_its_title_where_it_has_no_alt_text_and_half_a_size_is_none() -> None:
    (gif,) = embedded(external("https://media.tenor.com/a/b.gif?ww=30&hh=x", title="A wave"), POST, NOW).media
    assert gif == Attachment(kind="gif", url="https://media.tenor.com/a/b.gif?ww=30&hh=x", alt="A wave")
    assert embedded(external("https://media.tenor.com/a/b.html"), POST, NOW).card is not None


def test_record_with_a_link_beside_it_keeps_both() -> None:
    view = {
        "$type": "app.bsky.embed.recordWithMedia#view",
        "record": quote(),
        "media": external("https://quay.example/talk", title="Ropes"),
    }
    found = embedded(view, POST, NOW)
    assert (found.card and found.card.title, found.quote and found.quote.html) == ("Ropes", "<p>Low tide</p>")
    assert embedded({**view, "record": None, "media": None}, POST, NOW) == NOTHING
