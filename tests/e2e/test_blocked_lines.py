"""Networks that block WebSockets, or server-sent events too: the wall is still live."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.e2e.archives import numbered, play
from tests.e2e.visit import Visit, open_wall
from tests.wall_server import WallServer

BLOCK = """
    const Blocked = class {
      constructor() {
        setTimeout(() => {
          this.onerror?.(new Event('error'))
          this.onclose?.(new CloseEvent('close', { code: 1006 }))
        }, 20)
      }
      close() {}
      addEventListener() {}
    }
"""
NO_SOCKETS = f"{{ {BLOCK} window.WebSocket = Blocked }}"
NO_EVENTS = f"{{ {BLOCK} window.EventSource = Blocked }}"


def asked(visit: Visit, what: str) -> bool:
    return any(what in address for address in visit.requests)


@pytest.mark.parametrize(
    ("blocked", "events", "asking"),
    [([NO_SOCKETS], True, False), ([NO_SOCKETS, NO_EVENTS], False, True)],
    ids=["no-sockets", "no-events-either"],
)
async def test_wall_is_live_by_the_next_best_way(
    browser: Browser, wall_server: WallServer, tmp_path: Path, blocked: list[str], *, events: bool, asking: bool
) -> None:
    wall_server.run("wall", "create", "hall", "--name", "The hall")
    context = await browser.new_context()
    for script in blocked:
        await context.add_init_script(script)
    visit = await open_wall(await context.new_page(), wall_server)
    play(wall_server, tmp_path, numbered("through", 3))
    for words in numbered("through", 3):
        await visit.shows(words)
    await visit.is_live()
    assert (asked(visit, "/live?"), asked(visit, "/records?since=")) == (events, asking)
    assert visit.sockets == []
