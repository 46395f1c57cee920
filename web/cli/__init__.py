"""The command line: `backchannel …`. Commands write to the database; a running server picks changes up.

This module only starts it, so that a broken installation, or Ctrl-C while Python still imports its libraries, ends in
a sentence instead of a traceback.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module

INTERRUPTED = 130
"""The exit code of shells for a program ended by Ctrl-C."""


def main() -> None:
    """The entry point `backchannel`. Files are readable by their owner only: the database may hold credentials."""
    os.umask(0o077)
    try:
        import_module("web.cli.commands").app()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except ModuleNotFoundError as missing:
        sys.stderr.write(f"Module not found: “{missing.name}”. Install Backchannel again (pip install .).\n")
        sys.exit(1)
