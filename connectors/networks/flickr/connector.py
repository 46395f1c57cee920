"""Flickr: the public photos of tags, people and groups, by the web feeds that it offers for them, without a key.

https://www.flickr.com/services/feeds/. A feed has the twenty newest photos and no deletions.
"""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from msgspec.structs import replace

from connectors.contract import Address, Connector, Kind, Page
from connectors.http.client import Http
from connectors.networks.flickr.addresses import NETWORK, recognise
from connectors.networks.flickr.client import nsid, photos
from connectors.syndication.newest import newest_page
from connectors.timeline.cursor import read_cursor


class Flickr(Connector):
    name = NETWORK
    label = "Flickr"
    kinds: ClassVar[tuple[Kind, ...]] = (
        Kind(name="hashtag", label="Tag", example="https://www.flickr.com/photos/tags/socitm09"),
        Kind(name="account", label="Person", example="https://www.flickr.com/photos/socitm"),
        Kind(name="group", label="Group", example="https://www.flickr.com/groups/socitm"),
    )
    min_interval = 60.0
    max_interval = 900.0
    quiet_after = 7 * 24 * 3600.0
    first_poll_posts = 20

    def recognise(self, text: str, on: str = "") -> Address | None:
        """The page of a tag, a person or a group; with `flickr.com` as the server, a `#tag`."""
        return recognise(text, on)

    async def poll(self, http: Http, source: Address, cursor: str) -> Page:
        """The newest photos, oldest first, if the feed has changed. The first poll looks a person's id up."""
        before = read_cursor(cursor)
        id_ = "" if source.kind == "hashtag" else before.account or await nsid(http, source)
        return await newest_page(partial(photos, http, source, id_), replace(before, account=id_))
