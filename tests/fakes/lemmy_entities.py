"""Invented posts and people in Lemmy's form, and in PieFed's."""

from __future__ import annotations

from typing import Any

ORIGIN = "https://lemmy.example"


def new_person(name: str, home: str = ORIGIN, **more: Any) -> dict[str, Any]:
    person = {"id": 7, "name": name, "display_name": name.title(), "actor_id": f"{home}/u/{name}", "bio": None}
    return person | {"avatar": f"{home}/{name}.webp", "bot_account": False, "banned": False, "deleted": False} | more


def new_view(
    id_: str, title: str = "Words", by: dict[str, Any] | None = None, home: str = ORIGIN, **more: Any
) -> dict[str, Any]:
    """An entry of a list; `more` are fields of its post."""
    post: dict[str, Any] = {
        "id": int(id_),
        "name": title,
        "ap_id": f"{home}/post/{id_}",
        "published": "2026-11-25T07:00:00.000000Z",
        "deleted": False,
        "removed": False,
        "nsfw": False,
        "featured_community": False,
        "featured_local": False,
    }
    community = {"id": 3, "name": "quay", "actor_id": f"{ORIGIN}/c/quay", "visibility": "Public"}
    community |= {"deleted": False, "removed": False, "hidden": False}
    return {"post": post | more, "creator": by or new_person("ada", home), "community": community, "counts": {}}


def rich_view(id_: str, title: str = "Middle") -> dict[str, Any]:
    """An entry with every part that is read."""
    view = new_view(
        id_,
        title,
        body=f"{title} **tea** ![A kettle](https://files.example/kettle.webp) #socitm09",
        url="https://files.example/boat.webp",
        updated="2026-11-25T07:30:00.000000Z",
        embed_title="A boat",
        embed_description="On the water",
        thumbnail_url="https://files.example/boat-s.webp",
        alt_text="A red boat",
        url_content_type="image/webp",
        poll={
            "mode": "single",
            "end_poll": "2026-11-26T07:00:00Z",
            "choices": [{"choice_text": "Tea", "num_votes": 3}],
        },
    )
    view["creator"] |= {"bio": "Boats", "extra_fields": [{"label": "Site", "text": "quay"}]}
    return view | {"image_details": {"link": "x", "width": 80, "height": 60, "content_type": "image/webp"}}


def piefed(view: dict[str, Any]) -> dict[str, Any]:
    """The same in PieFed's names."""
    post, creator = dict(view["post"]), dict(view["creator"])
    post["title"], post["sticky"] = post.pop("name"), post.pop("featured_community")
    creator["user_name"], creator["title"] = creator.pop("name"), creator.pop("display_name")
    for name in ("bio", "bot_account"):
        creator.pop(name)
    return view | {"post": post, "creator": creator}
