"""`python -m connectors [PATH]` prints or writes `docs/connectors.md`; `--check PATH` fails if the page is stale."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from connectors.reference import reference_page
from connectors.registry import built_in, gather


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit code: 1 if the page is stale or a built-in connector is broken."""
    parser = argparse.ArgumentParser(prog="python -m connectors", description=__doc__)
    parser.add_argument("path", nargs="?", type=Path, help="the page to write; printed if left out")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if the page is stale")
    options = parser.parse_args(arguments)
    registry = gather(built_in())  # built-in connectors only: the page must not depend on installed packages
    page = reference_page(registry.connectors)
    if registry.broken:
        return _fail("\n".join(registry.broken))
    if options.path is None:
        sys.stdout.write(page)
    elif not options.check:
        options.path.write_text(page, encoding="utf-8")
    elif not options.path.exists() or options.path.read_text(encoding="utf-8") != page:
        return _fail(f"{options.path} is stale: run `python -m connectors {options.path}`.")
    return 0


def _fail(sentence: str) -> int:
    sys.stderr.write(f"{sentence}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
