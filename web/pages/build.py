"""The web assets that a page links to, read once from Vite's manifest. hatch_build.py writes their folder."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

STATIC = Path(__file__).resolve().parent.parent / "static"
MANIFEST = "manifest.json"
DESK_MANIFEST = "desk.manifest.json"
PROGRAM = "ssr/pages.js"
ARRANGE = "ssr/arrange.js"
FIRST_FONT = "-latin-wght-normal"
"""The font file that most pages need at once; browsers fetch the others when a text needs them."""


class Chunk(msgspec.Struct):
    """One row of the manifest (https://vite.dev/guide/backend-integration)."""

    file: str
    name: str = ""
    isEntry: bool = False  # noqa: N815  # Vite's own spelling
    imports: list[str] = []
    dynamicImports: list[str] = []  # noqa: N815  # Vite's own spelling
    assets: list[str] = []


@dataclass(frozen=True, slots=True)
class Build:
    """The files of one page, as paths under `/`. `later` are scripts that the page may load afterwards.

    The wall also has `arrange`, the script that runs before the first paint, and `program`, the one that renders the
    page on the server. Both are read into memory: a new build takes effect when the server restarts.
    """

    script: str
    imports: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    fonts: tuple[str, ...] = ()
    arrange: str = ""
    program: str = ""


def read_build(static: Path = STATIC) -> Build | None:
    """Read the build of the wall; None if the web assets are not built."""
    build = _read(static / MANIFEST)
    return build and replace(build, arrange=_text(static / ARRANGE).strip(), program=_text(static / PROGRAM))


def read_desk_build(static: Path = STATIC) -> Build | None:
    """Read the build of the desk; None if the web assets are not built."""
    return _read(static / DESK_MANIFEST)


def _read(manifest: Path) -> Build | None:
    if not manifest.is_file():
        return None
    chunks = msgspec.json.decode(manifest.read_bytes(), type=dict[str, Chunk])
    entry = next(chunk for chunk in chunks.values() if chunk.isEntry)
    needed = [entry, *_imported(entry, chunks)]
    lazily = [chunks[name] for chunk in needed for name in chunk.dynamicImports]
    files = [path for chunk in chunks.values() for path in (chunk.file, *chunk.assets)]
    return Build(
        script=f"/{entry.file}",
        imports=tuple(f"/{chunk.file}" for chunk in needed[1:]),
        later=_paths(chunk.file for chunk in lazily),
        styles=_paths(path for path in files if path.endswith(".css")),
        fonts=_paths(path for path in files if path.endswith(".woff2") and FIRST_FONT in path),
    )


def _imported(chunk: Chunk, chunks: dict[str, Chunk]) -> list[Chunk]:
    """All chunks that `chunk` imports, directly or not, each once."""
    found: dict[str, Chunk] = {}
    waiting = list(chunk.imports)
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found[name] = chunks[name]
            waiting += chunks[name].imports
    return list(found.values())


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _paths(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"/{name}" for name in names))
