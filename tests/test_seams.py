"""Tests and benchmarks go by what everybody may use: they read no private attribute and import no private name.

A test that does breaks with each change of the inside, and may pass while the outside is broken. Count what reaches a
seam instead (a store, a transport, a clock), or give the class a public property that somebody else needs, too.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted(file for folder in ("tests", "bench") for file in (ROOT / folder).rglob("*.py"))
PRIVATE = re.compile(r"_[^_]")
OF_NAMEDTUPLES = frozenset({"_asdict", "_fields", "_make", "_replace"})
OWN = frozenset({"self", "cls"})
BY_NAME = frozenset({"getattr", "setattr", "delattr", "hasattr"})
"""Functions and methods (of pytest's monkeypatch) that take the name of an attribute."""

FEEDS = "tests/connectors/networks/feeds/test_damage.py"
MASTODON = "tests/connectors/networks/mastodon/test_reading.py"
ALLOWED = {
    ("bench/_servers.py", "os._exit"): "it is public in spite of its name: it ends a process without its clean-up",
    ("tests/aggregator/store/test_engines.py", "raw._transport"): "asyncpg has no public name for its socket",
    (FEEDS, "rss_atom._parsed"): "no feed is known at which feedparser fails only as a whole",
    (FEEDS, "setattr: _parsed"): "no feed is known at which feedparser fails only as a whole",
    (MASTODON, "connectors.networks.mastodon.reading: _read"): "it tells why a status is left out; posts do not",
    ("tests/connectors/text/test_html.py", "connectors.text.html: _settled"): "no input is known that needs it",
}


def private(name: str) -> bool:
    return bool(PRIVATE.match(name)) and name not in OF_NAMEDTUPLES


def own_names(tree: ast.Module) -> set[str]:
    """The private names that the file itself defines, for its own classes."""
    names = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and ast.unparse(node.value) in OWN:
            names.add(node.attr)
        elif isinstance(node, ast.AnnAssign | ast.Assign):
            targets = [node.target] if isinstance(node, ast.AnnAssign) else node.targets
            names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return names


def looks(source: str) -> Iterator[tuple[int, str]]:
    """The looks at private names in a file, as (line, expression)."""
    tree = ast.parse(source)
    own = own_names(tree)
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value, name) if private(name) and not (name in own and ast.unparse(value) in OWN):
                yield node.lineno, ast.unparse(node)
            case ast.ImportFrom(module, names):
                parts = (module or "").split(".") if not (module or "").startswith("bench.") else []
                for name in (*parts, *(alias.name for alias in names)):
                    if private(name):
                        yield node.lineno, f"{module}: {name}"
            case ast.Import(names):
                yield from ((node.lineno, alias.name) for alias in names if any(map(private, alias.name.split("."))))
            case ast.Call(ast.Name(function) | ast.Attribute(_, function), arguments) if function in BY_NAME:
                words = [each.value for each in arguments if isinstance(each, ast.Constant)]
                for word in words[:2]:
                    if isinstance(word, str) and private(word.rpartition(".")[2]):
                        yield node.lineno, f"{function}: {word}"


def test_no_test_looks_at_a_private_name() -> None:
    found = [
        f"{file.relative_to(ROOT)}:{line}: {look}"
        for file in FILES
        for line, look in looks(file.read_text(encoding="utf-8"))
        if (str(file.relative_to(ROOT)), look) not in ALLOWED
    ]
    assert found == []


@pytest.mark.parametrize(("name", "allowed"), ALLOWED)
def test_what_is_allowed_is_needed(name: str, allowed: str) -> None:
    found = {look for _, look in looks((ROOT / name).read_text(encoding="utf-8"))}
    assert allowed in found, "Take it off the list."


@pytest.mark.parametrize(
    "source",
    [
        "store._writer",
        "store._writer.dispose()",
        "Rehearsal()._clock()",
        "rows[0]._row",
        "line._load = away",
        "class Fake(Store):\n    def read(self): return self._reader",
        "class Fake(Store):\n    def read(self): return super()._reader",
        "from web.cli.tail import _print",
        "from web.cli.tail import _print as show",
        "from web.cli._inside import show",
        "import web.cli._inside",
        "getattr(store, '_writer')",
        "monkeypatch.setattr(store, '_writer', None)",
        "monkeypatch.setattr('web.cli.tail._print', None)",
    ],
)
def test_look_is_found(source: str) -> None:
    assert len(list(looks(source))) == 1


@pytest.mark.parametrize(
    "source",
    [
        "store.url",
        "position._replace(number=2)",
        "store.__class__",
        "from __future__ import annotations",
        "from bench._load import Load",
        "setattr(store, 'patience', '_')",
        "class Fake:\n    def __init__(self): self._seen = []\n    def seen(self): return self._seen",
        "class Fake:\n    def _step(self): pass\n    def run(self): return self._step()",
        "class Fake:\n    _seen: int = 0\n    def seen(self): return self._seen",
    ],
)
def test_other_names_are_free(source: str) -> None:
    assert list(looks(source)) == []
