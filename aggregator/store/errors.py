"""When the database cannot be used: what is the matter, and what to do about it, in two plain sentences.

It knows what drivers raise; it refuses to know what was asked of the database. A fault of our own is no outage.
"""

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
"""Of SQLite's error codes, the part that says what is the matter; the rest says where it was noticed."""
CHECK_URL = "Check BACKCHANNEL_DATABASE_URL."
ASK_AGAIN = "Try again in a moment."
REPLACE_FILE = "Move the file away, or restore it from a backup."

Sentences = tuple[str, str]
DatabaseError = DBAPIError
"""Any error of a database, as SQLAlchemy passes it on. What makes it unusable is an Outage instead."""

OF_SQLITE: dict[int, Sentences] = {
    sqlite3.SQLITE_BUSY: (
        "Another program keeps the database {location} locked.",
        "End that program, or try again when it is done.",
    ),
    sqlite3.SQLITE_NOTADB: ("{location} is no SQLite database, or its beginning is damaged.", REPLACE_FILE),
    sqlite3.SQLITE_CORRUPT: ("The database {location} is damaged.", REPLACE_FILE),
    sqlite3.SQLITE_CANTOPEN: (
        "The database {location} cannot be opened.",
        "Make sure that its folder is there, and that this user may read and write in it.",
    ),
    sqlite3.SQLITE_READONLY: (
        "The database {location} cannot be written to.",
        "Give this user the right to write the file and in its folder.",
    ),
    sqlite3.SQLITE_FULL: ("The disk on which the database {location} lies is full.", "Make room on it."),
    sqlite3.SQLITE_IOERR: (
        "The disk on which the database {location} lies does not work as it should.",
        "Check the disk, and that this user may read and write there.",
    ),
}
OF_SQLITE[sqlite3.SQLITE_LOCKED] = OF_SQLITE[sqlite3.SQLITE_BUSY]
OF_SQLITE[sqlite3.SQLITE_PERM] = OF_SQLITE[sqlite3.SQLITE_CANTOPEN]

NO_RESPONSE = ("The database server at {location} does not answer.", f"Start it, or wait for it. {CHECK_URL}")
LOST = ("The connection to the database server at {location} was lost.", ASK_AGAIN)
SLOW = ("The database server at {location} took too long to answer.", ASK_AGAIN)
BUSY = ("All connections to the database {location} are in use.", ASK_AGAIN)
AUTH_FAILED = (
    "The database server at {location} does not let this user in.",
    "Check the user, the password and the sslmode in BACKCHANNEL_DATABASE_URL.",
)
DEADLOCK = ("Several writers of the database at {location} were in each other's way.", ASK_AGAIN)
OF_POSTGRESQL: dict[str, Sentences] = {
    # https://www.postgresql.org/docs/current/errcodes-appendix.html
    "28000": AUTH_FAILED,
    "28P01": AUTH_FAILED,
    "3D000": (
        "The database server at {location} has no database of that name.",
        f"Make it, with createdb for instance. {CHECK_URL}",
    ),
    "42501": (
        "The database server at {location} does not let this user make or use tables there.",
        "Make this user the owner of the database.",
    ),
    "25006": (
        "The database at {location} cannot be written to at the moment.",
        "Name the server that takes writes: target_session_attrs=read-write in BACKCHANNEL_DATABASE_URL finds it.",
    ),
    "40P01": DEADLOCK,
    "40001": DEADLOCK,
    "53100": ("The disk of the database server at {location} is full.", "Make room on it."),
    "53200": ("The database server at {location} has no memory left.", ASK_AGAIN),
    "53300": (
        "The database server at {location} takes no more connections.",
        "Raise its max_connections, or run fewer programs against it.",
    ),
    "57P01": LOST,
    "57P02": LOST,
    "57P03": ("The database server at {location} is starting or stopping.", ASK_AGAIN),
    "57P05": LOST,
    "25P03": LOST,
}
UNKNOWN = ("There is no host “{location}” to be found.", CHECK_URL)
BAD_PARAMETERS = (
    "The database server at {location} does not take the connection as it is asked for.",
    "Check the parameters in BACKCHANNEL_DATABASE_URL.",
)
TLS_WORDS = "dsn"
"""Where a Database keeps what its URL says about encryption."""
TLS_TROUBLE = (
    "The encryption that is asked for cannot be had from the database server at {location}.",
    "Check sslmode and the certificates in BACKCHANNEL_DATABASE_URL.",
)


class Outage(Exception):
    """The database cannot be used now. `problem` is what is the matter, `hint` what to do; `str()` has both."""

    def __init__(self, problem: str, hint: str) -> None:
        super().__init__(f"{problem} {hint}")
        self.problem = problem
        self.hint = hint


@contextmanager
def outages(database: Database, *, connecting: bool = False) -> Iterator[None]:
    """What is raised within because the database cannot be used becomes an Outage; all else stays what it is.

    Errors of the system are taken for the database's only while `connecting`: later the drivers wrap theirs.
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
        return BUSY
    cause: Any = error.orig if isinstance(error, DBAPIError) else error
    if database.dialect == "sqlite":
        return OF_SQLITE.get(_code(cause) & PRIMARY)
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return LOST
    if isinstance(cause, TimeoutError):  # raised as it is where a statement takes longer than we wait
        return SLOW
    return OF_POSTGRESQL.get(_state(cause))


def _code(cause: Any) -> int:
    """SQLite's number for an error, under whatever the drivers have wrapped around it."""
    while cause is not None:
        if code := getattr(cause, "sqlite_errorcode", 0):
            return int(code)
        cause = cause.__cause__
    return 0


def _state(cause: Any) -> str:
    """PostgreSQL's name for an error."""
    return str(getattr(cause, "sqlstate", None) or "")


def _of_the_network(error: Exception, database: Database) -> Sentences:
    """What comes before a server has said anything, or where it does not like how it is asked."""
    match error.__cause__ or error:
        case cause if isinstance(cause, SSLError) or _is_of_asyncpg(cause, "ClientConfigurationError"):
            return TLS_TROUBLE
        case ConnectionError() as refused if "SSL" in str(refused):  # the driver's word for a server that has none
            return TLS_TROUBLE
        case FileNotFoundError() if TLS_WORDS in database.driver:
            return TLS_TROUBLE
        case gaierror():
            return UNKNOWN
        case cause if isinstance(cause, OSError) or _is_of_asyncpg(cause, "PostgresConnectionError"):
            return NO_RESPONSE
    return BAD_PARAMETERS


def _is_of_asyncpg(error: BaseException, name: str) -> bool:
    """Whether the driver raised this kind of exception: by its name, so that nobody on SQLite waits for the driver."""
    return any(kind.__name__ == name and kind.__module__.startswith("asyncpg.") for kind in type(error).__mro__)
