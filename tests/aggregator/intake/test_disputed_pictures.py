"""Two servers, neither of them the origin, disagree about a post's pictures: the origin's own count."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from aggregator.intake.admit import AdmitResult
from aggregator.intake.questions import ASK_INTERVAL
from aggregator.walls.tables import Wall
from connectors.contract import Attachment, Confirmation
from tests.aggregator.intake.copies import EDIT, PICTURE, Copies
from tests.aggregator.invented import TWO, said, shown


async def test_pictures_leave_where_the_origin_has_fewer(servers: Copies, wall: Wall) -> None:
    picture = Attachment(kind="image", url="https://invented.example/1.png")
    for source in (servers.first, servers.second):
        await servers.tell(source, said("2", media=(picture,)))
    edit = said("2", EDIT.html, edited_at=EDIT.edited_at)
    assert await servers.settle(edit, Confirmation(html=EDIT.html))
    assert "media" not in (await shown(servers.store, wall.channel))[TWO]


async def test_pictures_that_are_taken_back_or_sensitive_at_the_origin_are_so(servers: Copies, wall: Wall) -> None:
    one, two = (replace(PICTURE, url=f"https://invented.example/{n}.png", alt=f"Picture {n}") for n in "12")
    old = said("2", media=(one, two))
    for source in (servers.first, servers.second):
        await servers.tell(source, old)
    fewer = replace(old, media=(replace(two, url="https://b.example/2.png"),), sensitive=True)
    same = Confirmation(html=old.html, attachments=(one, two))
    assert not await servers.settle(fewer, same)
    assert await servers.settle(fewer, replace(same, sensitive=True))
    shown_now = (await shown(servers.store, wall.channel))[TWO]
    assert (len(shown_now["media"]), shown_now["sensitive"]) == (2, True)
    servers.clock.forward(ASK_INTERVAL.total_seconds())
    assert await servers.settle(fewer, Confirmation(html=old.html, attachments=(two,)))
    assert [each["alt"] for each in (await shown(servers.store, wall.channel))[TWO]["media"]] == ["Picture 2"]


def copy_of(picture: Attachment, server: str, number: int = 1, **changes: Any) -> Attachment:
    """A server's own copy: under an address of its own, and smaller."""
    return replace(picture, url=f"https://{server}.example/{number}.png", width=800, height=601, **changes)


OTHER = replace(PICTURE, url="https://o.example/2.png")


@pytest.mark.parametrize(
    ("stored", "claimed", "origin"),
    [
        ([copy_of(PICTURE, "b")], [copy_of(PICTURE, "b", alt="A ship")], [replace(PICTURE, alt="A ship")]),
        ([copy_of(PICTURE, "b")], [copy_of(PICTURE, "b", 2)], [OTHER]),
        ([copy_of(PICTURE, "a")], [copy_of(PICTURE, "b", kind="audio")], [replace(PICTURE, kind="audio")]),
        ([copy_of(PICTURE, "a")], [copy_of(PICTURE, "b"), copy_of(OTHER, "b", 2)], [PICTURE, OTHER]),
        ([copy_of(PICTURE, "a"), copy_of(OTHER, "a", 2)], [copy_of(PICTURE, "b", 9)], [OTHER]),
        ([copy_of(PICTURE, "a")], [], []),
    ],
)
async def test_other_pictures_come_from_the_origin(
    servers: Copies, wall: Wall, stored: list[Attachment], claimed: list[Attachment], origin: list[Attachment]
) -> None:
    """Described otherwise, or exchanged on the server of the stored copy; also one of two that are alike."""
    await pictured(servers, wall, stored, claimed, origin)


async def test_edit_of_no_word_brings_the_origin_s_pictures(servers: Copies, wall: Wall) -> None:
    claimed = [copy_of(PICTURE, "b")]
    await pictured(servers, wall, [copy_of(PICTURE, "a")], claimed, [OTHER], edited_at=EDIT.edited_at)


async def pictured(
    servers: Copies,
    wall: Wall,
    stored: list[Attachment],
    claimed: list[Attachment],
    origin: list[Attachment],
    **edit: Any,
) -> None:
    old = said("2", media=tuple(stored))
    for source in (servers.first, servers.second):
        await servers.tell(source, old)
    assert await servers.settle(
        replace(old, media=tuple(claimed), **edit), Confirmation(html=old.html, attachments=tuple(origin))
    )
    media = (await shown(servers.store, wall.channel))[TWO].get("media", [])
    assert [(each["url"], each["kind"], each["alt"]) for each in media] == [(o.url, o.kind, o.alt) for o in origin]


@pytest.mark.parametrize(
    "copy",
    [
        copy_of(PICTURE, "b"),
        copy_of(PICTURE, "b", alt="A  quay"),
        replace(PICTURE, width=0, height=0),
    ],
)
async def test_copies_of_the_same_pictures_are_no_dispute(servers: Copies, copy: Attachment) -> None:
    for source in (servers.first, servers.second):
        await servers.tell(source, said("2", media=(copy_of(PICTURE, "a"),)))
    assert await servers.tell(servers.second, said("2", media=(copy,))) == AdmitResult()
    long = said("3", media=(replace(PICTURE, alt=600 * "a"),))
    for source in (servers.first, servers.second):
        await servers.tell(source, long)
    cut = replace(PICTURE, alt=512 * "a", url="https://b.example/1.png")
    assert await servers.tell(servers.second, replace(long, media=(cut,))) == AdmitResult()


async def test_reworded_post_keeps_the_stills_of_its_videos(servers: Copies, wall: Wall) -> None:
    """The origin names no still of a video; its images are renewed, because an edit may have exchanged any."""
    ours = (replace(PICTURE, kind="video", preview="https://a.example/still.png"), copy_of(PICTURE, "a"))
    for source in (servers.first, servers.second):
        await servers.tell(source, said("2", media=ours))
    edit = replace(EDIT, key="2", media=ours)
    assert await servers.settle(edit, Confirmation(html=EDIT.html, attachments=(replace(PICTURE, kind="video"), OTHER)))
    video, image = (await shown(servers.store, wall.channel))[TWO]["media"]
    assert (video["picture"] is not None, image["url"]) == (True, OTHER.url)
