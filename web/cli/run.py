"""Running a command: the open store, and errors as one sentence.

Exit codes: 0 done, 1 something to mend or not found, 2 wrong usage (typer's own), 130 ended by Ctrl-C.
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn, TypeVar

import typer

from aggregator.backup import BackupError
from aggregator.channel.publish import NoChannel
from aggregator.items.lookup import DecisionError
from aggregator.logs import configure
from aggregator.migrations import SchemaMismatch, SchemaState, open_store, schema_state_of
from aggregator.settings import LogLevel, Settings, SettingsError, read_settings, variable
from aggregator.sources.errors import SourceError
from aggregator.store.errors import DatabaseError, Outage
from aggregator.store.store import Store
from aggregator.store.url import read_database
from aggregator.walls.errors import WallError
from connectors.errors import ConnectorError
from web.cli.output import print_error

T = TypeVar("T")

OneWall = Annotated[str, typer.Option("--wall", "-w", metavar="SLUG", help="The wall's short name.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking, for scripts.")]
AnyWall = Annotated[str | None, typer.Option("--wall", "-w", metavar="SLUG", help="Only this wall.")]

SENTENCES = (
    WallError,
    SourceError,
    DecisionError,
    ConnectorError,
    SettingsError,
    SchemaMismatch,
    Outage,
    NoChannel,
    BackupError,
)
"""Errors whose text is a plain sentence for the person who typed the command."""
FULL = (errno.ENOSPC, errno.EDQUOT)
FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)
NAME_ANOTHER = f"Name another in {variable('data_dir')}. "
MAKE_ONE = "The first one is made by `backchannel wall create`."


def run(work: Callable[[Store], Awaitable[T]], *, makes: bool = False) -> T:
    """Open the store, do the work, close the store. What goes wrong becomes one sentence and exit code 1.

    Only a command that `makes` something makes the store where there is none.
    """
    with sentences():
        settings = read_settings()
        quiet_logs(settings)
        return asyncio.run(_perform(settings, work, makes=makes))


async def _perform(settings: Settings, work: Callable[[Store], Awaitable[T]], *, makes: bool) -> T:
    store = Store(settings.store_url)
    try:
        if makes:
            settings.make_data_dir()
        else:
            await expect_store(settings, store)
        await open_store(store)
        return await work(store)
    finally:
        await store.close()


async def expect_store(settings: Settings, store: Store) -> None:
    """Raises WallError where there is no store, or nothing in it, and makes none: people type in the wrong folder."""
    file = store.database.file
    if not settings.database_url:
        settings.check_data_dir()
    there = file is None or file.exists() or not (file.parent.is_dir() or not settings.database_url)
    if not there or await schema_state_of(store) == SchemaState.EMPTY:
        raise WallError(no_walls(settings))


def location(settings: Settings | None = None) -> str:
    """Where the walls are, for a sentence: the data folder, or the database that is named instead."""
    settings = settings or read_settings()
    return (
        f"the database at {read_database(settings.database_url).location}"
        if settings.database_url
        else str(settings.data_dir)
    )


def no_walls(settings: Settings) -> str:
    """Where we have looked, and what to do."""
    if settings.database_url:
        return f"There are no walls in {location(settings)}: is this the right one? {MAKE_ONE}"
    near = Path.cwd() / "var"
    hint = f"There is a database in {near}: set {variable('data_dir')} to use it. "
    other = hint if (near / "backchannel.db").exists() and near != settings.data_dir else ""
    asked = "is this the right folder?"
    return f"There are no walls in {settings.data_dir}: {asked} {other or NAME_ANOTHER}{MAKE_ONE}"


def quiet_logs(settings: Settings, least: LogLevel = LogLevel.WARNING) -> None:
    """A command that a person runs speaks for itself: from the log only what is at least a warning."""
    configure(settings.log_format, max(settings.log_level, least, key=list(LogLevel).index))


@contextmanager
def sentences() -> Iterator[None]:
    try:
        yield
    except SENTENCES as error:
        fail(str(error))
    except BrokenPipeError:  # `| head` has read enough: typer ends quietly
        raise
    except OSError as error:
        fail(_of_a_file(error))
    except DatabaseError as error:
        fail(f"The database cannot be used ({_reason(error)}): `backchannel doctor` looks closer.")
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def fail(sentence: str) -> NoReturn:
    print_error(sentence)
    raise typer.Exit(1)


def insist(question: str, nothing: str, *, aside: bool = False) -> None:
    """Go on only if a person agrees; else say that `nothing` was done. `aside` keeps the question out of the output."""
    try:
        if typer.confirm(question, err=aside):
            return
    except typer.Abort:
        fail(f"\n{nothing} Where nobody can answer, add --yes.")
    fail(nothing)


def _of_a_file(error: OSError) -> str:
    """The sentence for a file of ours: databases raise Outage, and networks ConnectorError."""
    file = f"“{error.filename}”" if error.filename else "A file"
    if error.errno in FULL:
        return f"{file} cannot be written: its disk is full. Make room on it."
    if error.errno in FORBIDDEN:
        return f"{file} cannot be used: give this user the right to read and write there."
    if error.errno == errno.ENOENT and error.filename:
        return f"There is no file {file}."
    if error.errno == errno.EISDIR:
        return f"{file} is a folder, not a file."
    why = f" ({error.strerror})" if error.strerror and not error.filename else ""
    return f"{file} cannot be used{why}: make sure that it is what it should be, and that its disk works."


def _reason(error: DatabaseError) -> str:
    cause = error.orig or error
    return (str(cause).splitlines() or [type(cause).__name__])[0].rstrip(".")
