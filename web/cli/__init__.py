"""The command line: `backchannel …`. Commands act on the store; a running server takes notice by itself.

This module only starts it, so that a broken installation still gets a sentence instead of a traceback, and so does
whoever presses Ctrl-C while Python is still reading its libraries.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module

INTERRUPTED = 130
"""The exit code that shells give to what Ctrl-C has ended."""


def main() -> None:
    """The entry point `backchannel`. Whatever it writes is its owner's alone: the database may hold credentials."""
    os.umask(0o077)
    try:
        import_module("web.cli.commands").app()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except ModuleNotFoundError as missing:
        sys.stderr.write(
            f"The Python package of “{missing.name}” is missing: install Backchannel again (pip install .).\n"
        )
        sys.exit(1)
