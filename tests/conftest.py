"""Shared fixtures: databases of both kinds, a real browser, a real server. Each test gets its own.

Nothing is skipped: a missing program is an error, unless `BACKCHANNEL_TESTS_WITHOUT` (never in CI) names it.
"""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import sys
import threading
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import settings
from playwright.async_api import Browser, Page, async_playwright

from aggregator.migrations import open_store
from aggregator.store.store import Store
from tests.postgres import Postgres
from tests.recorded import ELSEWHERE
from tests.wall_server import WallServer

settings.register_profile("everywhere", deadline=None, derandomize=True)  # no clock and no chance decides a test
settings.load_profile("everywhere")

WITHOUT = frozenset(os.environ.get("BACKCHANNEL_TESTS_WITHOUT", "").replace(",", " ").split())
TESTS = Path(__file__).parent
ALONE = frozenset({("web", "api"), ("web", "auth")})
BROWSERS = ("chromium", "chromium-browser")
BROWSER_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "elsewhere: reads replies that are not part of this project (tests/recorded.py)")
    config.addinivalue_line("markers", "new_machine: a command line without a data folder (tests/web/cli/conftest.py)")
    config.addinivalue_line("markers", "unmeasured: coverage would see no line in it that other tests do not run")
    if unknown := WITHOUT - {"postgresql", "browser"}:
        raise pytest.UsageError(f"BACKCHANNEL_TESTS_WITHOUT knows postgresql and browser, not {', '.join(unknown)}.")
    if WITHOUT and os.environ.get("CI") == "true":
        raise pytest.UsageError("In CI every test runs: unset BACKCHANNEL_TESTS_WITHOUT.")


def pytest_xdist_auto_num_workers() -> int:
    """Two workers for each core and one more: most of them wait, for a poll, a page or a new process."""
    return 2 * (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    here = ELSEWHERE.is_dir() or os.environ.get("CI") == "true"
    left_out = [item for item in items if _needs(item) & WITHOUT or (item.get_closest_marker("elsewhere") and not here)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):  # the browser has its own event loop, which its tests share
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
        if _runs_known_lines(item):
            item.add_marker(pytest.mark.unmeasured)


def pytest_collection_finish() -> None:
    """Keep the collected tests out of every later garbage collection: they live as long as the run."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Stop tracing during a test marked as unmeasured, fixtures included.

    (pytest-cov's own mark, `no_cover`, ends one of the two measurements of an xdist worker, and the other goes on.)
    """
    if item.get_closest_marker("unmeasured") is None:
        return (yield)
    here, in_threads = sys.gettrace(), threading.gettrace()
    sys.settrace(None)
    threading.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(here)
        threading.settrace(in_threads)


def _runs_known_lines(item: pytest.Item) -> bool:
    """Whether this test adds nothing to coverage, which doubles its time.

    An end-to-end test's lines run in other processes, a property's in its first examples, and those of PostgreSQL in
    the tests of the store. Cases and drawings have tests beside the code that they run, and so have the verbs that
    commands and pages call, except those that only the API calls (`ALONE`).
    """
    room = item.path.parent.relative_to(TESTS)
    twin = _on_postgresql(item) and room != Path("aggregator")
    known = room.parts[:1] in {("art",), ("cases",), ("e2e",), ("web",)} and room.parts[:2] not in ALONE
    return twin or known or bool(getattr(getattr(item, "obj", None), "is_hypothesis_test", False))


def _on_postgresql(item: pytest.Item) -> bool:
    callspec = getattr(item, "callspec", None)
    return callspec is not None and "postgresql" in callspec.params.values()


def _needs(item: pytest.Item) -> set[str]:
    needs = {name for name in getattr(item, "fixturenames", ()) if name == "browser"}
    if "postgres" in getattr(item, "fixturenames", ()):
        needs.add("postgresql")
    return needs | ({"postgresql"} if _on_postgresql(item) else set())


# --- databases --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The run's own PostgreSQL, one for each xdist worker."""
    with Postgres() as server:
        yield server


class Copies:
    """Copies of one empty SQLite database, which is migrated only once."""

    def __init__(self, template: Path) -> None:
        self._template = template

    async def take(self, folder: Path) -> str:
        """The URL of a new copy in `folder`."""
        return f"sqlite:///{self.put(folder)}"

    def put(self, folder: Path) -> Path:
        """Make a new copy in `folder`, readable by its owner alone, as the product makes it."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        copy = folder / "backchannel.db"
        shutil.copy(self._template, copy)
        copy.chmod(0o600)
        return copy


class Turns:
    """One database that tests take in turns, because a new one takes a quarter of a second."""

    def __init__(self, server: Postgres) -> None:
        self._server = server
        self._name = self._schema = ""

    async def take(self, _folder: Path) -> str:
        """The URL of the emptied database. If the last test has changed its tables, a new one replaces it."""
        if self._name and await self._server.clean(self._name) != self._schema:
            await self._server.drop(self._name)
            self._name = ""
        if not self._name:
            self._name = await self._server.create()
            await _migrate(self._server.url(self._name))
            self._schema = await self._server.clean(self._name)
        return self._server.url(self._name)


async def _migrate(url: str) -> None:
    store = Store(url)
    try:
        await open_store(store)
    finally:
        await store.close()


@pytest.fixture(scope="session")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Copies:
    template = tmp_path_factory.mktemp("sqlite") / "template.db"
    asyncio.run(_migrate(f"sqlite:///{template}"))
    return Copies(template)


@pytest.fixture(scope="session")
def turns(postgres: Postgres) -> Turns:
    return Turns(postgres)


ON_BOTH = pytest.mark.parametrize("databases", ["sqlite", "postgresql"], indirect=True)
"""For a test that needs both databases, in a package whose other tests only use SQLite."""


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest) -> Copies | Turns:
    """The source of a test's database. PostgreSQL only starts when a test needs it."""
    found: Copies | Turns = request.getfixturevalue("copies" if request.param == "sqlite" else "turns")
    return found


@pytest.fixture
async def database_url(databases: Copies | Turns, tmp_path: Path) -> str:
    """The URL of an empty database with our tables, of both kinds, for `Store` or `BACKCHANNEL_DATABASE_URL`."""
    return await databases.take(tmp_path)


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """An open, empty store, on SQLite and on PostgreSQL."""
    store = Store(database_url)
    try:
        await open_store(store)
        yield store
    finally:
        await store.close()


@pytest.fixture
async def postgresql_store(turns: Turns, tmp_path: Path) -> AsyncIterator[Store]:
    """The same on PostgreSQL only, for concurrent writers, of which SQLite has one."""
    store = Store(await turns.take(tmp_path))
    yield store
    await store.close()


# --- a browser and a server -------------------------------------------------------------------------------------


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """Debian's Chromium, started once for each xdist worker: starting takes longer than most tests."""
    program = os.environ.get("BACKCHANNEL_TEST_BROWSER") or next(filter(None, map(shutil.which, BROWSERS)), None)
    assert program, "Chromium is not installed: install it, or leave its tests out with `make test WITHOUT=browser`."
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=BROWSER_FLAGS)
        try:
            yield browser
        finally:
            await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def browser(chromium: Browser) -> AsyncIterator[Browser]:
    """The headless browser. Each context is a new visitor, without state of other tests."""
    try:
        yield chromium
    finally:
        for context in chromium.contexts:
            await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser) -> Page:
    """A page in a window of 1280 by 800, in British English. For another, create a context."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB", timezone_id="UTC")
    return await context.new_page()


@pytest.fixture
def wall_server(tmp_path: Path, copies: Copies) -> Iterator[WallServer]:
    """A running `backchannel serve` with SQLite and no walls; `wall_server.run(…)` is the command line."""
    with running(tmp_path, copies) as server:
        yield server


@contextmanager
def running(folder: Path, copies: Copies) -> Iterator[WallServer]:
    """The same in a folder of the caller's, for as long as the caller needs it."""
    server = WallServer(folder)
    copies.put(server.data_dir)
    server.start()
    try:
        yield server
    finally:
        server.stop()
