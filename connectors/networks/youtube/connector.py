"""YouTube: the videos of channels and playlists, by the web feeds that it offers for them, without a key.

A feed has the fifteen newest videos and no deletions: a video that disappears from it has aged out.
"""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from msgspec.structs import replace

from connectors.contract import Address, Connector, Kind, Page
from connectors.http.client import Http
from connectors.networks.youtube.addresses import NETWORK, recognise
from connectors.networks.youtube.client import channel_id, videos
from connectors.syndication.newest import newest_page
from connectors.timeline.cursor import read_cursor


class YouTube(Connector):
    name = NETWORK
    label = "YouTube"
    kinds: ClassVar[tuple[Kind, ...]] = (
        Kind(name="channel", label="Channel", example="https://www.youtube.com/@socitm"),
        Kind(name="playlist", label="Playlist", example="https://www.youtube.com/playlist?list=PLsocitm09talks"),
    )
    min_interval = 120.0
    max_interval = 1800.0
    quiet_after = 7 * 24 * 3600.0
    first_poll_posts = 15

    def recognise(self, text: str, on: str = "") -> Address | None:
        """The address of a channel (`/@name`, `/channel/UC…`, `/c/name`, `/user/name`) or of a playlist (`?list=…`)."""
        return recognise(text, on)

    async def poll(self, http: Http, source: Address, cursor: str) -> Page:
        """The newest videos, oldest first, if the feed has changed. The first poll looks a channel's id up."""
        before = read_cursor(cursor)
        channel = before.account or (await channel_id(http, source.value) if source.kind == "channel" else "")
        return await newest_page(partial(videos, http, source, channel), replace(before, account=channel))
