"""The pictures of withdrawn and edited posts are deleted by a consumer of the desk, whichever process decided."""

from __future__ import annotations

import asyncio

import msgspec

from aggregator.channel.consumer import Consumer, Delivery
from aggregator.channel.read import POST
from aggregator.channel.tables import Record
from aggregator.media.blob_store import BlobStore
from aggregator.media.cleanup import delete_unused
from aggregator.store.store import Store

GATHER = 3.0
"""Seconds for which records gather: each cleanup walks through all pictures."""
LIMIT = 500
"""Records in one delivery."""


class _Card(msgspec.Struct):
    """The one field of a card that matters here."""

    edited_at: str | None = None


class _OnDesk(msgspec.Struct):
    post: _Card


def picture_cleanup(store: Store, blobs: BlobStore, *, gather: float = GATHER) -> Consumer:
    """A consumer that deletes unused pictures soon after a post was withdrawn or edited.

    It begins with the next record, since the picture worker begins with a cleanup. Pictures that go for another reason,
    such as an author's former avatar, wait for that worker's next cleanup.
    """
    alone = asyncio.Lock()  # a post that goes from several walls at once is several channels' news

    async def clean_up(delivery: Delivery) -> None:
        if delivery.is_reset or any(map(_leaves_pictures, delivery.records)):
            async with alone:
                await delete_unused(store, blobs)

    return Consumer(store, "picture cleanup", clean_up, audience="desk", from_head=True, limit=LIMIT, gather=gather)


def _leaves_pictures(record: Record) -> bool:
    if record.kind != POST:
        return False
    return record.body is None or msgspec.json.decode(record.body, type=_OnDesk).post.edited_at is not None
