"""Logging for Backchannel and its libraries, to standard error: JSON for machines, colours for people.

The subject of a line is bound with structlog's contextvars where the work begins, and is then on every line:
`request_id` while a request is handled, `source` while a source is polled or rechecked.
"""

from __future__ import annotations

import logging
import sys
import unicodedata
from collections.abc import Callable, Coroutine
from datetime import datetime
from functools import wraps
from io import StringIO
from typing import Any, Concatenate, ParamSpec, TextIO, TypeVar

import structlog
from structlog.typing import EventDict, Processor

from aggregator.settings import LogFormat, LogLevel
from aggregator.store.errors import Outage

Context = TypeVar("Context")
P = ParamSpec("P")
T = TypeVar("T")
Work = Callable[Concatenate[Context, int, P], Coroutine[Any, Any, T]]
"""Work on the source with that id, in some context."""

NOISY_LIBRARIES = ("httpx", "httpcore", "aiosqlite", "alembic", "asyncio", "PIL", "websockets", "uvicorn.error")
"""Libraries whose `info` and `debug` lines are dropped."""
HANDLED_LIBRARIES = ("uvicorn", "uvicorn.access", "uvicorn.error")
"""Libraries that may have handlers already, whose lines would not reach ours."""


def about_source(work: Work[Context, P, T]) -> Work[Context, P, T]:
    """Bind the source's id to each line that is logged during this work."""

    @wraps(work)
    async def bound(context: Context, source_id: int, /, *args: P.args, **options: P.kwargs) -> T:
        with structlog.contextvars.bound_contextvars(source=source_id):
            return await work(context, source_id, *args, **options)

    return bound


def shorten_outage(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Replace the traceback of an Outage by its sentence, which says everything."""
    given = event.get("exc_info")
    error = given[1] if isinstance(given, tuple) else sys.exc_info()[1] if given is True else given
    if isinstance(error, Outage):
        del event["exc_info"]
        event["reason"] = str(error)
    return event


BIDIRECTIONAL = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
UNSAFE = frozenset({"Cc", "Cs", "Zl", "Zp"})


def escaped(text: str) -> str:
    """Return the text with control, line-separator and bidirectional characters escaped.

    Newlines and tabs stay, because tracebacks have them.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(char) for char in text)


def _escaped(char: str) -> str:
    if char in "\n\t" or not (unicodedata.category(char) in UNSAFE or char in BIDIRECTIONAL):
        return char
    return f"\\x{ord(char):02x}" if ord(char) <= 0xFF else f"\\u{ord(char):04x}"  # noqa: PLR2004  two digits


def escape_values(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Escape all values of a line, because text from strangers must not control the terminal."""
    return {name: escaped(value) if isinstance(value, str) else value for name, value in event.items()}


STAMPED: tuple[Processor, ...] = (
    shorten_outage,
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
)


def configure(log_format: LogFormat, level: LogLevel, stream: TextIO | None = None) -> None:
    """Send every log line of this process to `stream` (standard error), from whichever library."""
    stream = stream or sys.stderr
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.PositionalArgumentsFormatter(), *STAMPED],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_rendering(log_format, stream)],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in HANDLED_LIBRARIES:
        library = logging.getLogger(name)
        library.handlers, library.propagate = [], True
        library.setLevel(logging.NOTSET)
    for name in NOISY_LIBRARIES:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *STAMPED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,  # tests, and `serve` after its first lines, configure again
    )


def _traceback(stream: TextIO, exc_info: Any) -> None:
    """Write a plain, escaped traceback: the message of an exception may come from a stranger."""
    written = StringIO()
    structlog.dev.plain_traceback(written, exc_info)
    stream.write(escaped(written.getvalue()))


QUIET_LEVELS = frozenset({"info", "debug"})
COUNTED = {"new": "new", "edited": "edited", "gone": "gone", "broken": "unreadable"}
"""The words for the counts of a poll."""


def for_people(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Return a line for people: local time, no logger, levels only from warning on, no zeros."""
    event.pop("logger", None)
    if event.get("level") in QUIET_LEVELS:
        del event["level"]
    if written := event.get("timestamp"):
        event["timestamp"] = f"{datetime.fromisoformat(written).astimezone():%H:%M:%S}"
    if event["event"] == "polled" and "address" in event:
        counts = [f"{number} {word}" for name, word in COUNTED.items() if (number := event.pop(name, 0))]
        event["event"] = f"{event.pop('address')}: {', '.join(counts) or 'nothing new'}"
    return event


def _rendering(log_format: LogFormat, stream: TextIO) -> list[Processor]:
    if log_format == LogFormat.AUTO:
        log_format = LogFormat.PRETTY if stream.isatty() else LogFormat.JSON
    if log_format == LogFormat.PRETTY:
        # The plain traceback: the rich one prints local variables, and those may hold passwords.
        return [
            for_people,
            escape_values,
            structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=_traceback),
        ]
    return [
        structlog.processors.format_exc_info,
        escape_values,
        structlog.processors.EventRenamer("message"),
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]
