"""Logging is configured per process: a test's configuration is reset after it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog


@contextmanager
def kept_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    names = {name: logging.getLogger(name).level for name in list(logging.Logger.manager.loggerDict)}
    try:
        yield
    finally:
        structlog.reset_defaults()
        structlog.contextvars.clear_contextvars()
        root.handlers = handlers
        root.setLevel(level)
        for name in list(logging.Logger.manager.loggerDict):
            logging.getLogger(name).setLevel(names.get(name, logging.NOTSET))
