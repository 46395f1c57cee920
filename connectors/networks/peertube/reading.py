"""From a server's videos and accounts to values, each by itself; in the sandbox (`connectors/sandbox.py`)."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any, Final

from connectors.contract.fields import MAX_ID_LENGTH, part, read
from connectors.errors import InvalidResponse
from connectors.networks.peertube.entities import Account, Video
from connectors.networks.peertube.posts import PRIVATE, is_open, name_of, opted_out, to_post
from connectors.text.hashtags import fold
from connectors.text.lenient_json import decode
from connectors.text.urls import web
from connectors.timeline.entries import STRANGE, Entry, StrangeEntry, read_some
from connectors.timeline.lists import NO_JSON, listed, listed_in

VIDEO_FIELDS: Final = frozenset({"uuid", "privacy"})
MAX_TAGS: Final = 50


def read_videos(  # noqa: PLR0917  arguments pass through the sandbox by their position
    body: bytes, origin: str, tag: str, at: str, start: int, most: int, seconds: float
) -> tuple[int, list[bytes]]:
    """The videos of a list as Entries (see `read_some`). Raises InvalidResponse."""
    return read_some(listed_in(body, "data", VIDEO_FIELDS), _reader(origin, tag, at), start, most, seconds, name=_uuid)


def read_video(  # noqa: PLR0917  (as above)
    body: bytes, origin: str, tag: str, at: str, start: int, most: int, seconds: float
) -> tuple[int, list[bytes]]:
    """A single video as an Entry. Raises InvalidResponse."""
    return read_some(listed(body, VIDEO_FIELDS), _reader(origin, tag, at), start, most, seconds, name=_uuid)


def read_account(body: bytes) -> str:
    """The wish in the profile of a full account. Raises InvalidResponse."""
    try:
        account = part(decode(body), Account)
    except ValueError as error:
        raise InvalidResponse(NO_JSON) from error
    if account is None:
        raise InvalidResponse("Invalid response: it is not an account.")
    return opted_out(account)


def _reader(origin: str, tag: str, at: str) -> Any:
    return partial(_entry, origin=origin, tag=tag, at=datetime.fromisoformat(at))


def _uuid(data: Any) -> str:
    found = data.get("uuid") if isinstance(data, dict) else None
    is_name = isinstance(found, str) and len(found) <= MAX_ID_LENGTH and found.isprintable() and " " not in found
    return str(found) if is_name else ""


def _entry(data: Any, *, origin: str, tag: str, at: datetime) -> Entry:
    video = read(data, Video)
    id_, key = _uuid(data), web(video.url)
    if not id_ or not key:
        raise StrangeEntry(STRANGE)
    if not is_open(video):
        return Entry(id=id_, ref=id_, key=key, ended=video.privacy.id in PRIVATE)
    return Entry(
        id=id_,
        ref=id_,
        key=key,
        post=to_post(video, origin, at),
        matches=_has(video, tag),
        author=name_of(video.account),
    )


def _has(video: Video, tag: str) -> bool:
    """Whether the video has the followed tag; a list doesn't tell the tags."""
    if not tag or not isinstance(video.tags, list):
        return True
    return any(fold(each) == tag for each in video.tags[:MAX_TAGS] if isinstance(each, str))
