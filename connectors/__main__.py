"""`python -m connectors [PATH]` prints or writes `docs/connectors.md`; `--check PATH` fails when it is stale."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from connectors.reference import reference_page
from connectors.registry import built_in, gather


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 1 where the page is stale or a connector of ours is broken."""
    parser = argparse.ArgumentParser(prog="python -m connectors", description=__doc__)
    parser.add_argument("path", nargs="?", type=Path, help="the page; without it, it is printed")
    parser.add_argument("--check", action="store_true", help="write nothing, and fail when the page is stale")
    told = parser.parse_args(arguments)
    registry = gather(built_in())  # ours alone: the page must not depend on what else is installed here
    page = reference_page(registry.connectors)
    if registry.broken:
        return _fail("\n".join(registry.broken))
    if told.path is None:
        sys.stdout.write(page)
    elif not told.check:
        told.path.write_text(page, encoding="utf-8")
    elif not told.path.exists() or told.path.read_text(encoding="utf-8") != page:
        return _fail(f"{told.path} is stale: run `python -m connectors {told.path}`.")
    return 0


def _fail(sentence: str) -> int:
    sys.stderr.write(f"{sentence}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
