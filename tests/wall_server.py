"""A real `backchannel serve` in its own process, with its own data folder and a free port.

It knows the command line alone: what a test does to it, an operator could do too, a kill -9 included.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMMAND = [sys.executable, "-c", "from web.cli import main; main()"]
READY_WITHIN = 60.0


class WallServer:
    """`start`, `stop`, `kill` and `start` again: the port and the data folder stay. `run` is the command line."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.data_dir = folder / "data"
        self.log = folder / "serve.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("BACKCHANNEL_")},
            "BACKCHANNEL_DATA_DIR": str(self.data_dir),
            "BACKCHANNEL_ALLOW_HOSTS": "127.0.0.1",
            **environment,
        }

    def run(self, *arguments: str) -> str:
        """One command, such as `run("wall", "create", "hall", "--name", "The hall")`; returns what it printed."""
        done = subprocess.run(
            [*COMMAND, *arguments],
            cwd=ROOT,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, f"backchannel {' '.join(arguments)}: {done.stdout}{done.stderr}"
        return done.stdout

    def start(self) -> None:
        """Returns when it answers."""
        assert self._process is None, "it is already running"
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*COMMAND, "serve", "--port", str(self.port)], cwd=ROOT, env=self._environment, stdout=log, stderr=log
            )
        give_up_at = time.monotonic() + READY_WITHIN
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > give_up_at:
                self.kill()
                raise AssertionError(
                    f"backchannel serve did not start:\n{self.log.read_text(errors='replace')[-4000:]}"
                )
            time.sleep(0.05)

    def stop(self) -> int:
        """Ask it to end, as an operator would; returns its exit code."""
        return self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it in the middle of whatever it does."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> int:
        if self._process is None:
            return 0
        self._process.send_signal(how)
        try:
            return self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()
        finally:
            self._process = None

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
