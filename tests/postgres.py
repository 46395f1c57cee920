"""A private PostgreSQL for one test run, with its own folder and a free loopback port, removed when the run ends.

For root, the server runs as the user `postgres`, because PostgreSQL can't run as root.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

import asyncpg

USER = "postgres"
FASTER = {
    # A test's database need not outlive the machine.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "autovacuum": "off",
}

CLEAN = """
DO $$
DECLARE name text;
BEGIN
  PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid();
  SET LOCAL session_replication_role = replica;  -- no foreign keys, so that any order will do
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
    EXECUTE format('DELETE FROM %I', name);
  END LOOP;
  PERFORM setval(oid, 1, false) FROM pg_class WHERE relkind = 'S';
END $$
"""

SCHEMA = """
SELECT md5(string_agg(line, ';' ORDER BY line)) FROM (
  SELECT format('%s.%s %s %s', relname, attname, atttypid, attnotnull) AS line
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    WHERE relnamespace = 'public'::regnamespace AND attnum > 0
  UNION ALL SELECT format('%s %s %s', indexrelid::regclass, indkey, indisvalid) FROM pg_index JOIN pg_class
    ON pg_class.oid = indrelid WHERE relnamespace = 'public'::regnamespace
  UNION ALL SELECT version_num FROM alembic_version
) AS lines
"""


class Unavailable(Exception):
    """PostgreSQL can't be started here; the message says what to do."""


def find_programs() -> Path:
    """The newest installed folder that holds initdb and postgres. Raises Unavailable."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name), reverse=True)
    on_path = shutil.which("initdb")
    for folder in [*debian, *([Path(on_path).resolve().parent] if on_path else [])]:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise Unavailable(
        "PostgreSQL is not installed: install it (Debian: apt-get install postgresql),"
        " or leave its tests out with `make test WITHOUT=postgresql`."
    )


class Postgres:
    """A server, as a context manager. `url(name)` names a database; `create` and `drop` make and remove one.

    Its socket is in its `folder`, too.
    """

    def __init__(self, settings: Mapping[str, str] = FASTER) -> None:
        self.port = 0
        self._settings = settings
        self._programs = find_programs()
        self.folder = Path(tempfile.mkdtemp(prefix="backchannel-postgres-"))
        self._password = secrets.token_hex(16)
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = count()

    def __enter__(self) -> Self:
        try:
            self._initialise()
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.stop()

    def url(self, database: str) -> str:
        return f"postgresql://{USER}:{self._password}@127.0.0.1:{self.port}/{database}"

    async def create(self) -> str:
        """A new, empty database; returns its name. It takes a quarter of a second: see `clean`."""
        name = f"backchannel_{next(self._numbers)}"
        await self.execute(USER, f'CREATE DATABASE "{name}"')
        return name

    async def drop(self, name: str) -> None:
        await self.execute(USER, f'DROP DATABASE "{name}" WITH (FORCE)')

    async def clean(self, name: str) -> str:
        """Delete all rows, reset all sequences and end all connections, in a few milliseconds.

        Returns a fingerprint of the database's tables, indexes and schema version, to detect changes.
        """
        connection = await asyncpg.connect(self.url(name))
        try:
            await connection.execute(CLEAN)
            return str(await connection.fetchval(SCHEMA))
        except asyncpg.UndefinedTableError:
            return "without alembic_version"
        finally:
            await connection.close()

    def stop(self) -> None:
        """Stop the server and delete its folder."""
        self.halt()
        shutil.rmtree(self.folder, ignore_errors=True)

    def halt(self) -> None:
        """Stop the server by SIGINT, PostgreSQL's fast shutdown, which ends all connections. See `resume`."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def resume(self) -> None:
        """Start the server again after `halt`, with its data and on the same port. Raises Unavailable."""
        self._launch()
        if not self._answers():
            raise Unavailable(f"PostgreSQL did not start again: {self._last_words()}")

    async def execute(self, database: str, statement: str) -> None:
        """Execute statements as the superuser."""
        connection = await asyncpg.connect(self.url(database))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    def _initialise(self) -> None:
        password_file = self.folder / "password"
        password_file.write_text(self._password)
        if os.geteuid() == 0:
            for path in (self.folder, password_file):
                shutil.chown(path, USER, USER)
        subprocess.run(
            self._command(
                *("initdb", "--pgdata", str(self._data), "--username", USER, "--pwfile", str(password_file)),
                *("--auth", "password", "--encoding", "UTF8", "--locale", "C", "--no-sync", "--no-instructions"),
            ),
            cwd=self.folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def _start(self) -> None:
        for _attempt in range(5):  # another program may take the port before PostgreSQL does
            self.port = _free_port()
            self._launch()
            if self._answers():
                return
        raise Unavailable(f"PostgreSQL did not start: {self._last_words()}")

    def _launch(self) -> None:
        options = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        command = self._command(
            *("postgres", "-D", str(self._data), "-k", str(self.folder), "-h", "127.0.0.1", "-p", str(self.port)),
            *options,
        )
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log)

    def _last_words(self) -> str:
        return (self.folder / "log").read_text(errors="replace")[-2000:]

    def _answers(self) -> bool:
        """Wait until the server accepts connections; False if it has exited."""
        asking = [str(self._programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        give_up_at = time.monotonic() + 60
        while self._process is not None and self._process.poll() is None and time.monotonic() < give_up_at:
            if subprocess.run(asking, check=False).returncode == 0:
                return True
            time.sleep(0.02)
        return False

    def _command(self, program: str, *arguments: str) -> list[str]:
        """The command, run as `postgres` if we are root, and ended with us even if we are killed (by util-linux)."""
        command = [str(self._programs / program), *arguments]
        setpriv = shutil.which("setpriv")
        as_user = ["--reuid", USER, "--regid", USER, "--init-groups"] if os.geteuid() == 0 else []
        return [setpriv, *as_user, "--pdeathsig", "INT", "--", *command] if setpriv else command

    @property
    def _data(self) -> Path:
        return self.folder / "data"


def _free_port() -> int:
    with suppress(OSError), socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
    raise Unavailable("This machine has no free port on its loopback address.")
