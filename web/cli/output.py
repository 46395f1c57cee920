"""Output of commands: sentences and tables for people, JSON for scripts, without control characters."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Annotated, Any

import msgspec
import typer
from rich.cells import cell_len
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from aggregator.timestamps import now
from connectors.text.characters import is_control

JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]

WIDE = 10_000
"""Columns of output to a file or a pipe, where lines aren't wrapped."""
GAP = 2
"""Columns between those of a table."""
MAX_WORD = 24
"""Columns of a word; longer ones, such as addresses, may be broken."""
DURATIONS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def console(*, stderr: bool = False) -> Console:
    """A console, new for each use: tests and pipes exchange the streams."""
    stream = sys.stderr if stderr else sys.stdout
    return Console(file=stream, width=None if stream.isatty() else WIDE, highlight=False, soft_wrap=True)


def print_line(*parts: str | tuple[str, str]) -> None:
    """Print one line; a part may be (text, style)."""
    safe = [strip_control(part) if isinstance(part, str) else (strip_control(part[0]), part[1]) for part in parts]
    console().print(Text.assemble(*safe))


def print_error(sentence: str) -> None:
    console(stderr=True).print(Text(strip_control(sentence), style="red"))


def print_remark(sentence: str) -> None:
    """Print a remark to standard error."""
    console(stderr=True).print(Text(strip_control(sentence), style="yellow"))


def show_json(value: Any) -> None:
    """Print one JSON document on a line of its own."""
    typer.echo(msgspec.json.encode(value).decode())


def show_table(columns: list[str], rows: list[list[str | tuple[str, str]]]) -> None:
    """Print a table; a cell may be (text, style). Headings are left out if all are empty."""
    print_table(console(), columns, rows)


def print_table(screen: Console, columns: list[str], rows: list[list[str | tuple[str, str]]]) -> None:
    """Print a table. Where it is wider than the screen, each row is a list of its cells instead: words stay whole."""
    whole = table(columns, rows)
    least = sum(column.min_width or 0 for column in whole.columns) + GAP * (len(columns) - 1)
    if least <= screen.width or not any(columns):
        screen.print(whole)
        return
    for row in rows:
        screen.print(table(["", ""], [[heading, cell] for heading, cell in zip(columns, row, strict=True)]))
        screen.print()


def table(columns: list[str], rows: list[list[str | tuple[str, str]]]) -> Table:
    cells = [columns, *([cell if isinstance(cell, str) else cell[0] for cell in row] for row in rows)]
    widths = [max(map(_longest_word, column)) for column in zip(*cells, strict=True)]
    foldable = [  # half a URL is useless
        Column(heading, overflow="fold", min_width=width) for heading, width in zip(columns, widths, strict=True)
    ]
    drawn = Table(*foldable, box=None, pad_edge=False, header_style="bold", show_header=any(columns))
    for row in rows:
        drawn.add_row(
            *(Text(strip_control(c)) if isinstance(c, str) else Text(strip_control(c[0]), style=c[1]) for c in row)
        )
    return drawn


def _longest_word(text: str) -> int:
    """The columns that its longest word takes; of longer ones such as addresses, as many as a column keeps."""
    return min(MAX_WORD, max(map(cell_len, text.split()), default=0))


def strip_control(text: str) -> str:
    """The text without control and direction characters: posts and names are untrusted."""
    return "".join(c for c in text if c in "\n\t" or not (is_control(c) or c in BIDI_CONTROLS))


BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Bidirectional embeddings, overrides and isolates, which right-to-left text doesn't need."""


def counted(number: int, one: str, many: str = "") -> str:
    """`1 post`, `2 posts`."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def duration(seconds: float) -> str:
    """`4 min`: the largest unit that fits, rounded down."""
    for length, unit in DURATIONS:
        if seconds >= length:
            return f"{int(seconds // length)} {unit}"
    return "0 s"


def ago(moment: datetime | None) -> str:
    return "never" if moment is None else f"{duration((now() - moment).total_seconds())} ago"


def ahead(moment: datetime) -> str:
    seconds = (moment - now()).total_seconds()
    return f"in {duration(seconds)}" if seconds >= 1 else "now"
