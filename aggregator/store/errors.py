"""Outages of the database: the problem and a hint in two plain sentences. A bug of Backchannel is not an outage."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from socket import gaierror
from ssl import SSLError
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoneFree

from aggregator.store.url import Database

PRIMARY = 0xFF
"""The primary part of SQLite's extended error codes."""
CHECK_URL = "Check BACKCHANNEL_DATABASE_URL."
TRY_AGAIN = "Try again in a moment."
REPLACE_FILE = "Move the file away, or restore it from a backup."

Sentences = tuple[str, str]
DatabaseError = DBAPIError
"""Any database error, as SQLAlchemy raises it. An error that makes the database unusable is an Outage instead."""

OF_SQLITE: dict[int, Sentences] = {
    sqlite3.SQLITE_BUSY: (
        "Database is locked by another program: {location}.",
        "Stop that program, or try again when it has finished.",
    ),
    sqlite3.SQLITE_NOTADB: ("File is not a SQLite database, or is corrupt: {location}.", REPLACE_FILE),
    sqlite3.SQLITE_CORRUPT: ("Database is corrupt: {location}.", REPLACE_FILE),
    sqlite3.SQLITE_CANTOPEN: (
        "Unable to open the database file {location}.",
        "Make sure that its folder exists, and that this user may read and write in it.",
    ),
    sqlite3.SQLITE_READONLY: (
        "Database is read-only: {location}.",
        "Give this user write permission for the file and its folder.",
    ),
    sqlite3.SQLITE_FULL: ("Disk full: the database {location} cannot grow.", "Free some space on its disk."),
    sqlite3.SQLITE_IOERR: (
        "Disk I/O error in the database {location}.",
        "Check the disk, and that this user may read and write there.",
    ),
}
OF_SQLITE[sqlite3.SQLITE_LOCKED] = OF_SQLITE[sqlite3.SQLITE_BUSY]
OF_SQLITE[sqlite3.SQLITE_PERM] = OF_SQLITE[sqlite3.SQLITE_CANTOPEN]

NO_RESPONSE = ("No response from the database server at {location}.", f"Start it, or wait for it. {CHECK_URL}")
CONNECTION_LOST = ("Connection lost to the database server at {location}.", TRY_AGAIN)
TIMED_OUT = ("Timed out waiting for the database server at {location}.", TRY_AGAIN)
POOL_EXHAUSTED = ("Connection pool exhausted for the database {location}.", TRY_AGAIN)
AUTH_FAILED = (
    "Authentication failed on the database server at {location}.",
    "Check the user, the password and the sslmode in BACKCHANNEL_DATABASE_URL.",
)
DEADLOCK = ("Deadlock detected in the database at {location}.", TRY_AGAIN)
OF_POSTGRESQL: dict[str, Sentences] = {
    # https://www.postgresql.org/docs/current/errcodes-appendix.html
    "28000": AUTH_FAILED,
    "28P01": AUTH_FAILED,
    "3D000": (
        "Database does not exist on the server at {location}.",
        f"Create it, for example with createdb. {CHECK_URL}",
    ),
    "42501": (
        "Permission denied to create or use tables on the database server at {location}.",
        "Make this user the owner of the database.",
    ),
    "25006": (
        "Database is read-only: the server at {location}.",
        "Connect to the primary server: target_session_attrs=read-write in BACKCHANNEL_DATABASE_URL finds it.",
    ),
    "40P01": DEADLOCK,
    "40001": DEADLOCK,
    "53100": ("Disk full on the database server at {location}.", "Free some space there."),
    "53200": ("Out of memory on the database server at {location}.", TRY_AGAIN),
    "53300": (
        "Too many connections to the database server at {location}.",
        "Raise its max_connections, or run fewer programs against it.",
    ),
    "57P01": CONNECTION_LOST,
    "57P02": CONNECTION_LOST,
    "57P03": ("Starting up or shutting down: the database server at {location}.", TRY_AGAIN),
    "57P05": CONNECTION_LOST,
    "25P03": CONNECTION_LOST,
}
HOST_NOT_FOUND = ("Host not found: {location}.", CHECK_URL)
BAD_PARAMETERS = (
    "Connection parameters rejected by the database server at {location}.",
    "Check the parameters in BACKCHANNEL_DATABASE_URL.",
)
TLS_KEY = "dsn"
"""The key of the TLS parameters in `Database.driver`."""
TLS_FAILED = (
    "TLS connection failed to the database server at {location}.",
    "Check sslmode and the certificates in BACKCHANNEL_DATABASE_URL.",
)


class Outage(Exception):
    """The database is unavailable. `problem` says why, `hint` what to do; `str()` has both."""

    def __init__(self, problem: str, hint: str) -> None:
        super().__init__(f"{problem} {hint}")
        self.problem = problem
        self.hint = hint


@contextmanager
def outages(database: Database, *, connecting: bool = False) -> Iterator[None]:
    """Turn errors that mean an unavailable database into an Outage; other errors pass unchanged.

    System errors count only while `connecting`; later the drivers wrap their own.
    """
    try:
        yield
    except Exception as error:
        sentences = _sentences(error, database) or (_of_the_network(error, database) if connecting else None)
        if sentences is None:
            raise
        problem, hint = sentences
        raise Outage(problem.format(location=database.location), hint) from error


def _sentences(error: Exception, database: Database) -> Sentences | None:
    if isinstance(error, NoneFree):
        return POOL_EXHAUSTED
    cause: Any = error.orig if isinstance(error, DBAPIError) else error
    if database.dialect == "sqlite":
        return OF_SQLITE.get(_code(cause) & PRIMARY)
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return CONNECTION_LOST
    if isinstance(cause, TimeoutError):  # the command time-out, which is not wrapped
        return TIMED_OUT
    return OF_POSTGRESQL.get(_state(cause))


def _code(cause: Any) -> int:
    """Return SQLite's code of an error, from the innermost cause that has one."""
    while cause is not None:
        if code := getattr(cause, "sqlite_errorcode", 0):
            return int(code)
        cause = cause.__cause__
    return 0


def _state(cause: Any) -> str:
    """Return PostgreSQL's SQLSTATE of an error."""
    return str(getattr(cause, "sqlstate", None) or "")


def _of_the_network(error: Exception, database: Database) -> Sentences:
    """Return the sentences for an error while connecting: network, TLS or parameters."""
    match error.__cause__ or error:
        case cause if isinstance(cause, SSLError) or _is_of_asyncpg(cause, "ClientConfigurationError"):
            return TLS_FAILED
        case ConnectionError() as refused if "SSL" in str(refused):  # the driver's message for a server without TLS
            return TLS_FAILED
        case FileNotFoundError() if TLS_KEY in database.driver:
            return TLS_FAILED
        case gaierror():
            return HOST_NOT_FOUND
        case cause if isinstance(cause, OSError) or _is_of_asyncpg(cause, "PostgresConnectionError"):
            return NO_RESPONSE
    return BAD_PARAMETERS


def _is_of_asyncpg(error: BaseException, name: str) -> bool:
    """Whether asyncpg raised this kind of exception, by name, so that SQLite does not need to import asyncpg."""
    return any(kind.__name__ == name and kind.__module__.startswith("asyncpg.") for kind in type(error).__mro__)
