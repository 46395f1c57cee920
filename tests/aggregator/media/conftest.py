"""Fixtures for the tests of pictures: posts that show them, and a folder for their files."""

from __future__ import annotations

from pathlib import Path

import pytest

from aggregator import timestamps
from aggregator.items.tables import StoredPost
from aggregator.store.store import Store
from tests.aggregator.media.room import Posts


@pytest.fixture
def posts(store: Store) -> Posts:
    """Put posts with these ids into the store."""

    async def put(*ids: str) -> None:
        async with store.write() as db:
            at = timestamps.now()
            db.add_all(
                StoredPost(id=id_, network="feeds", body=b"{}", at=timestamps.to_micros(at), first_seen_at=at)
                for id_ in ids
            )

    return put


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "media"
