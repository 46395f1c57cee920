"""Invented notes, users and files in Misskey's form."""

from __future__ import annotations

from typing import Any


def new_user(name: str, host: str | None = None, **more: Any) -> dict[str, Any]:
    avatar = f"https://files.example/{name}.webp"
    user = {"id": f"u-{name}", "username": name, "name": name.title(), "host": host, "avatarUrl": avatar}
    return user | {"isBot": False, "isCat": False, "emojis": {}} | more


def new_note(
    id_: str, text: str | None = "Words #socitm09", by: dict[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    user = by or new_user("ada")
    note: dict[str, Any] = {
        "id": id_,
        "createdAt": "2026-11-25T07:00:00.000Z",
        "userId": user["id"],
        "user": user,
        "text": text,
        "cw": None,
        "visibility": "public",
        "localOnly": False,
        "tags": ["socitm09"],
        "fileIds": [],
        "files": [],
        "replyId": None,
        "renoteId": None,
        "reactions": {},
    }
    return note | more


def new_file(name: str = "boat.webp", type_: str = "image/webp", **more: Any) -> dict[str, Any]:
    url = f"https://files.example/{name}"
    file = {"id": "f1", "name": name, "type": type_, "url": url, "thumbnailUrl": f"{url}?thumbnail", "comment": None}
    return file | {"isSensitive": False, "blurhash": None, "properties": {"width": 80, "height": 60}} | more


def rich_note(id_: str, text: str = "Middle :tea: @bo #socitm09") -> dict[str, Any]:
    """A note with every part that is read."""
    quoted = new_note("q1", "Quoted", new_user("cy", "far.example"), uri="https://far.example/notes/q1")
    parent = new_note("p1", "Parent")
    poll = {"multiple": False, "expiresAt": "2026-11-26T07:00:00.000Z", "choices": [{"text": "Tea", "votes": 3}]}
    author = new_user("di", "peer.example", emojis={"tea": "https://files.example/tea.webp"}, noindex=False)
    return new_note(
        id_,
        text,
        author,
        uri=f"https://peer.example/notes/{id_}",
        url=f"https://peer.example/@di/{id_}",
        updatedAt="2026-11-25T07:30:00.000Z",
        cw="Tea",
        isHidden=False,
        files=[new_file(comment="A boat"), new_file("talk.pdf", "application/pdf")],
        poll=poll,
        emojis={"tea": "https://files.example/tea.webp"},
        renoteId="q1",
        renote=quoted,
        replyId="p1",
        reply=parent,
    )
