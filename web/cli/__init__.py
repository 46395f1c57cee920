"""The command line: `backchannel …`. Commands act on the store; a running server takes notice by itself.

This module only starts it, so that a broken installation still gets a sentence instead of a traceback.
"""

from __future__ import annotations

import sys
from importlib import import_module


def main() -> None:
    """The entry point `backchannel`."""
    try:
        program = import_module("web.cli.program")
    except ModuleNotFoundError as missing:
        sys.stderr.write(
            f"The Python package of “{missing.name}” is missing: install Backchannel again (pip install .).\n"
        )
        sys.exit(1)
    program.app()
