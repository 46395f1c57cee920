"""Runs a command: opens the database, and turns errors into one sentence.

Exit codes: 0 done, 1 failed or not found, 2 usage error (typer's own), 130 ended by Ctrl-C.
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn, TypeVar

import typer

from aggregator.accounts.errors import AccountError
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

OneWall = Annotated[str, typer.Option("--wall", "-w", metavar="SLUG", help="The wall's slug: the part after /w/.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Don't ask, for scripts.")]
AnyWall = Annotated[str | None, typer.Option("--wall", "-w", metavar="SLUG", help="Only this wall.")]

SENTENCES = (
    WallError,
    AccountError,
    SourceError,
    DecisionError,
    ConnectorError,
    SettingsError,
    SchemaMismatch,
    Outage,
    NoChannel,
    BackupError,
)
"""Errors whose text is a sentence for the user."""
FULL = (errno.ENOSPC, errno.EDQUOT)
FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)
NAME_ANOTHER = f"Name another in {variable('data_dir')}. "
MAKE_ONE = "`backchannel wall create` creates one."


def run(work: Callable[[Store], Awaitable[T]], *, makes: bool = False) -> T:
    """Open the store, do the work, close the store. Errors become one sentence and exit code 1.

    Only with `makes` is a missing store created.
    """
    with sentences():
        settings = read_settings()
        quiet_logs(settings)
        return asyncio.run(_run(settings, work, makes=makes))


async def _run(settings: Settings, work: Callable[[Store], Awaitable[T]], *, makes: bool) -> T:
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
    """Raise WallError if the store is missing or empty, without creating it: the folder may be the wrong one."""
    file = store.database.file
    if not settings.database_url:
        settings.check_data_dir()
    there = file is None or file.exists() or not (file.parent.is_dir() or not settings.database_url)
    if not there or await schema_state_of(store) == SchemaState.EMPTY:
        raise WallError(no_walls(settings))


def location(settings: Settings | None = None) -> str:
    """The location of the walls, for messages: the data folder, or the database if one is set."""
    settings = settings or read_settings()
    return (
        f"the database at {read_database(settings.database_url).location}"
        if settings.database_url
        else str(settings.data_dir)
    )


def no_walls(settings: Settings) -> str:
    """The message for a missing or empty store."""
    if settings.database_url:
        return f"There are no walls in {location(settings)}: is this the right one? {MAKE_ONE}"
    near = Path.cwd() / "var"
    hint = f"There is a database in {near}: set {variable('data_dir')} to use it. "
    other = hint if (near / "backchannel.db").exists() and near != settings.data_dir else ""
    asked = "is this the right folder?"
    return f"There are no walls in {settings.data_dir}: {asked} {other or NAME_ANOTHER}{MAKE_ONE}"


def quiet_logs(settings: Settings, least: LogLevel = LogLevel.WARNING) -> None:
    """Log only warnings and errors: commands print their own results."""
    configure(settings.log_format, max(settings.log_level, least, key=list(LogLevel).index))


@contextmanager
def sentences() -> Iterator[None]:
    try:
        yield
    except SENTENCES as error:
        fail(str(error))
    except BrokenPipeError:  # `| head` has closed the pipe: typer ends quietly
        raise
    except OSError as error:
        fail(_of_a_file(error))
    except DatabaseError as error:
        fail(f"Database error: {_reason(error)}. Run `backchannel doctor` for details.")
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def fail(sentence: str) -> NoReturn:
    print_error(sentence)
    raise typer.Exit(1)


def insist(question: str, nothing: str, *, aside: bool = False) -> None:
    """Ask, and exit with the message `nothing` unless the answer is yes. `aside` asks on standard error."""
    try:
        if typer.confirm(question, err=aside):
            return
    except typer.Abort:
        fail(f"\n{nothing} In scripts, add --yes.")
    fail(nothing)


def _of_a_file(error: OSError) -> str:
    """The message for a file error. Databases raise Outage, and networks ConnectorError."""
    file = f"“{error.filename}”" if error.filename else "A file"
    if error.errno in FULL:
        return f"{file} can't be written: disk full. Free some space."
    if error.errno in FORBIDDEN:
        return f"{file} can't be used: permission denied. Give this user the right to read and write there."
    if error.errno == errno.ENOENT and error.filename:
        return f"No such file: {file}."
    if error.errno == errno.EISDIR:
        return f"{file} is a folder, not a file."
    why = f" ({error.strerror})" if error.strerror and not error.filename else ""
    return f"{file} can't be used{why}: check the file and its disk."


def _reason(error: DatabaseError) -> str:
    cause = error.orig or error
    return (str(cause).splitlines() or [type(cause).__name__])[0].rstrip(".")
