"""The program of docs/api.md, at work on a desk."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.accounts.access import Principal
from aggregator.accounts.api_tokens import make_token
from aggregator.accounts.roles import Permission
from aggregator.sources.tables import Source
from aggregator.store.store import Store
from aggregator.walls.tables import Wall
from connectors.contract import Page
from tests.accounts import AT, told
from tests.aggregator.invented import bring, said, words
from tests.web.desk import Desk
from tests.web.served import running
from web.websocket import LiveProtocol

PAGE = Path(__file__).parents[4] / "docs" / "api.md"


async def test_program_of_the_page_hides_what_is_there_and_what_comes(
    store: Store, wall: Wall, source: Source, moderator: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with store.write() as db:
        scopes, day = [Permission.VIEW, Permission.MODERATE], timedelta(days=1)
        made = await make_token(db, moderator, name="filter", scopes=scopes, lifetime=day, at=AT)
    monkeypatch.setenv("BACKCHANNEL_API_TOKEN", made.secret)
    await bring(store, source, Page(posts=(said("4", "<p>A Giveaway!</p>"),)))
    desk = Desk(store)
    desk.hub.start()
    async with running(desk.app, LiveProtocol) as (_, port), asyncio.timeout(30):
        text = PAGE.read_text(encoding="utf-8").partition("```python\n")[2].partition("```")[0]
        text = text.replace("wall.example.org/api/walls/harbour26", f"127.0.0.1:{port}/api/walls/hall")
        program: dict[str, Any] = {"__name__": "example"}
        exec(text.replace("https://", "http://").replace("wss://", "ws://"), program)
        working = asyncio.create_task(program["main"]())
        await _until(store, wall, 3)
        await bring(store, source, Page(posts=(said("5", "<p>Another giveaway.</p>"),)))
        await _until(store, wall, 3)
        working.cancel()
        with pytest.raises(asyncio.CancelledError):
            await working
        desk.hub.release()
    await desk.hub.stop()
    assert await told(store, 2) == [("person:moderator", "hide", "post", "live", "hidden")] * 2


async def _until(store: Store, wall: Wall, number: int) -> None:
    while len(await words(store, wall.channel)) != number:
        await asyncio.sleep(0.01)
