"""Log lines of Backchannel and of libraries: their format, their level and their context."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import re
from collections.abc import Iterator, Mapping

import pytest
import structlog

from aggregator.intake.context import PollContext
from aggregator.intake.poll import poll_source
from aggregator.intake.recheck import recheck_source
from aggregator.logs import configure
from aggregator.settings import LogFormat, LogLevel
from aggregator.store.errors import Outage
from aggregator.store.store import Store
from connectors.contract import Address, Page
from connectors.http.client import Http
from tests.aggregator.invented import NETWORK, Invented, a_source, a_wall, said
from tests.logs import kept_logging


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    with kept_logging():
        yield


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_our_lines_and_the_libraries_lines_have_one_shape() -> None:
    stream = io.StringIO()
    configure(LogFormat.JSON, LogLevel.INFO, stream)
    with structlog.contextvars.bound_contextvars(source=7):
        structlog.get_logger("ours").warning("polled", posts=3, said="Grüße")
        logging.getLogger("uvicorn").info("Started %s", "server", extra={"color_message": "…"})
    ours, theirs = (json.loads(line) for line in stream.getvalue().splitlines())
    assert ours.pop("timestamp").endswith("Z")
    assert theirs.pop("timestamp").endswith("Z")
    assert ours == {
        "message": "polled",
        "posts": 3,
        "said": "Grüße",
        "source": 7,
        "logger": "ours",
        "level": "warning",
    }
    assert theirs == {"message": "Started server", "source": 7, "logger": "uvicorn", "level": "info"}


def test_an_exception_is_part_of_its_line() -> None:
    stream = io.StringIO()
    configure(LogFormat.AUTO, LogLevel.INFO, stream)
    try:
        raise OSError("the disk is full")
    except OSError:
        structlog.get_logger().exception("not stored")
    [line] = stream.getvalue().splitlines()
    assert json.loads(line)["exception"].endswith("OSError: the disk is full")


def test_on_a_terminal_lines_are_for_people() -> None:
    stream = Terminal()
    configure(LogFormat.AUTO, LogLevel.INFO, stream)
    structlog.get_logger("ours").info("polled", posts=3)
    [line] = stream.getvalue().splitlines()
    assert "polled" in line
    assert "\x1b[" in line
    with pytest.raises(ValueError, match="Expecting value"):
        json.loads(line)


def test_pretty_lines_show_no_local_variables_with_an_exception() -> None:
    stream = io.StringIO()
    configure(LogFormat.PRETTY, LogLevel.INFO, stream)
    password = f"swordfish-{9}"
    try:
        raise OSError(len(password))
    except OSError:
        structlog.get_logger().exception("not stored")
    assert "OSError: 11" in stream.getvalue()
    assert password not in stream.getvalue()
    assert "\x1b[" not in stream.getvalue()


def test_pretty_lines_are_short_enough_to_be_read() -> None:
    stream = io.StringIO()
    configure(LogFormat.PRETTY, LogLevel.INFO, stream)
    logger = structlog.get_logger("aggregator.intake.poll")
    logger.info("polled", address="harbour", source=1, new=2, edited=0, gone=1, broken=0)
    logger.warning("poll failed", trouble="No response.")
    polled, failed = (line.split(maxsplit=1) for line in stream.getvalue().splitlines())
    assert re.fullmatch(r"\d\d:\d\d:\d\d", polled[0])
    assert polled[1].split("  ")[0].strip() == "harbour: 2 new, 1 gone"
    assert "warning" in failed[1]
    assert "No response." in failed[1]
    assert not {"aggregator", "info"} & set(re.findall(r"\w+", stream.getvalue()))


def test_what_is_below_the_level_is_not_written() -> None:
    stream = io.StringIO()
    configure(LogFormat.JSON, LogLevel.WARNING, stream)
    structlog.get_logger().info("quiet")
    logging.getLogger("uvicorn").info("quiet")
    assert stream.getvalue() == ""


def test_talkative_libraries_are_heard_from_warnings_up() -> None:
    stream = io.StringIO()
    configure(LogFormat.JSON, LogLevel.DEBUG, stream)
    logging.getLogger("httpx").info("HTTP Request: GET …")
    logging.getLogger("httpx").warning("odd")
    assert [json.loads(line)["message"] for line in stream.getvalue().splitlines()] == ["odd"]
    configure(LogFormat.JSON, LogLevel.ERROR, stream)
    logging.getLogger("httpx").warning("odd again")
    assert "odd again" not in stream.getvalue()


def test_a_database_that_is_away_is_told_in_its_own_words_whoever_missed_it() -> None:
    stream = io.StringIO()
    configure(LogFormat.JSON, LogLevel.INFO, stream)
    away = Outage("The database is locked.", "Try again in a moment.")
    try:
        raise away
    except Outage:
        structlog.get_logger().exception("not stored")
        structlog.get_logger().error("not stored", exc_info=away)
        logging.getLogger("uvicorn").exception("not stored")
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [(line["message"], line["reason"], "exception" in line) for line in lines] == [
        ("not stored", "The database is locked. Try again in a moment.", False)
    ] * 3


class Talkative(Invented):
    """A connector that uses a logging library, concurrently with others."""

    async def poll(self, http: Http, source: Address, cursor: str) -> Page:
        logging.getLogger("library").warning("asked for %s", source.value)
        await asyncio.sleep(0)
        return Page(posts=(said(source.value),), refs={source.value: source.value}, cursor="c")

    async def recheck(self, http: Http, source: Address, refs: Mapping[str, str]) -> Page:
        structlog.get_logger("ours").warning(f"asked again for {source.value}")
        return Page()


async def test_what_is_logged_deep_inside_a_poll_or_a_second_look_says_for_which_source(store: Store) -> None:
    stream = io.StringIO()
    configure(LogFormat.JSON, LogLevel.WARNING, stream)
    wall = await a_wall(store)
    first, second = [(await a_source(store, wall, value)).id or 0 for value in ("one", "two")]
    kit = PollContext(store=store, connectors={NETWORK: Talkative()}, http=Http())
    await asyncio.gather(poll_source(kit, first), poll_source(kit, second))
    await recheck_source(kit, second, ["two"])
    structlog.get_logger("ours").warning("about nobody")
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert sorted((line["message"], line.get("source")) for line in lines) == [
        ("about nobody", None),
        ("asked again for two", second),
        ("asked for one", first),
        ("asked for two", second),
    ]


@pytest.mark.parametrize("log_format", [LogFormat.PRETTY, LogFormat.JSON])
def test_logs_let_no_stranger_steer_a_terminal(log_format: LogFormat) -> None:
    stream = io.StringIO()
    configure(log_format, LogLevel.INFO, stream)
    hostile = "/w/\x1b]0;owned\x07\x9b2J\u202emoc\u2028x"
    structlog.get_logger().warning("request", path=hostile)
    logging.getLogger("anybody").warning("asked for %s", hostile)
    try:
        raise ValueError(hostile)
    except ValueError:
        structlog.get_logger().exception("failed", path=hostile)
    written = stream.getvalue()
    assert not set(written) & set("\x1b\x07\x9b\u202e\u2028")
    assert "owned" in written
