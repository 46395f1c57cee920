"""A real `backchannel serve` in its own process, with its own data folder and a free port.

Tests use it as an operator would, by the command line and signals, kill -9 included. Each process is forked from one
that has already imported the product's modules, which takes longer than most commands.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import sys
import time
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from tempfile import TemporaryDirectory

from web.cli import main
from web.cli.commands import COMMANDS

ROOT = Path(__file__).resolve().parent.parent
READY_WITHIN = 60.0
TIMEOUT = 60.0
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.wall_server", "web.app", *{f"web.cli.{each.module}" for each in COMMANDS}])


class WallServer:
    """The server. Its port and data folder stay across `start`, `stop` and `kill`. `run` is the command line.

    `{url}` in the environment is its address.
    """

    def __init__(self, folder: Path, **environment: str) -> None:
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.data_dir = folder / "data"
        self.log = folder / "serve.log"
        self._process: ForkServerProcess | None = None
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("BACKCHANNEL_")},
            "BACKCHANNEL_DATA_DIR": str(self.data_dir),
            "BACKCHANNEL_ALLOW_HOSTS": "127.0.0.1",
            **{name: value.replace("{url}", self.url) for name, value in environment.items()},
        }

    def run(self, *arguments: str) -> str:
        """Run a command, such as `run("wall", "create", "hall", "--name", "The hall")`; returns its output."""
        with TemporaryDirectory() as folder:
            printed, complained = Path(folder) / "out", Path(folder) / "err"
            process = self._begin(*arguments, out=printed, err=complained)
            process.join(TIMEOUT)
            if process.exitcode != 0:
                process.kill()
                said = printed.read_text() + complained.read_text()
                raise AssertionError(f"backchannel {' '.join(arguments)} ({process.exitcode}): {said}")
            return printed.read_text()

    def start(self) -> None:
        """Start the server; returns when it answers."""
        assert self._process is None, "it is already running"
        self._process = self._begin("serve", "--port", str(self.port), out=self.log, err=self.log)
        give_up_at = time.monotonic() + READY_WITHIN
        while not self._is_ready():
            if self._process.exitcode is not None or time.monotonic() > give_up_at:
                self.kill()
                raise AssertionError(
                    f"backchannel serve did not start:\n{self.log.read_text(errors='replace')[-4000:]}"
                )
            time.sleep(0.02)

    def stop(self) -> int:
        """Stop the server by SIGTERM; returns its exit code."""
        return self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kill the server."""
        self._end(signal.SIGKILL)

    def _begin(self, *arguments: str, out: Path, err: Path) -> ForkServerProcess:
        process = PROCESSES.Process(target=_run, args=(arguments, self._environment, out, err), daemon=True)
        process.start()
        return process

    def _end(self, how: signal.Signals) -> int:
        process, self._process = self._process, None
        if process is None or process.pid is None:
            return 0
        if process.exitcode is None:
            os.kill(process.pid, how)
            process.join(20)
        if process.exitcode is None:
            process.kill()
            process.join()
        return process.exitcode or 0

    def _is_ready(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _run(arguments: tuple[str, ...], environment: Mapping[str, str], out: Path, err: Path) -> None:
    """The body of a process: run `backchannel` with these arguments."""
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)
    for stream, file in ((sys.stdout, out), (sys.stderr, err)):
        with file.open("ab") as opened:
            os.dup2(opened.fileno(), stream.fileno())
    sys.argv = ["backchannel", *arguments]
    main()
