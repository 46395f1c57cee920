"""The SQL statements of a test, on whichever connection: what they ask, how many there are, and an end between two."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import Engine, event


class Statement(NamedTuple):
    text: str
    parameters: Any


@contextmanager
def before_each_statement(call: Callable[[Statement], object]) -> Iterator[None]:
    """Within this context, call `call` before each statement of every engine. What it raises ends the statement."""

    def note(_connection: object, _cursor: object, text: str, parameters: Any, *_: object) -> None:
        call(Statement(text, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", note)


@contextmanager
def statements() -> Iterator[list[Statement]]:
    """The statements within this context, as they come."""
    asked: list[Statement] = []
    with before_each_statement(asked.append):
        yield asked
