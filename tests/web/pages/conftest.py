"""Fixtures of the tests of pages: a small build and a client."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from aggregator.store.store import Store
from tests.web.pages.small_build import FILES, make_app, visit


@pytest.fixture
def static(tmp_path: Path) -> Path:
    folder = tmp_path / "static"
    for name, content in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


@pytest.fixture
async def client(store: Store, static: Path) -> AsyncIterator[httpx.AsyncClient]:
    async for client in visit(make_app(store, static)):
        yield client
