"""Plain English in code and docs: phrases that make a reader stop are not used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("aggregator", "art", "bench", "connectors", "docs", "tests", "web")
SUFFIXES = frozenset({".py", ".md", ".ts", ".svelte"})
LEFT_OUT = frozenset({"cases", "node_modules", "static", "fixtures", "__pycache__"})
FINE = "longer|more|less|other|such|one\\b|matter|doubt|way|need|room|place|sooner"
PHRASES = {
    r"\brefuses? to know\b": "say what the module does: import-linter says what it may not import",
    rf"(?<!there )\b(?:is|are|was|were) no (?!{FINE})(?=[a-z])": "write “is not a”",
    r"\b(?:is|are|was|were) away\b": "write “unavailable”",
    r"\bfor good\b": "write “permanently”",
    r"\bfor ever\b": "write “forever”",
}
FILES = sorted(
    file
    for folder in FOLDERS
    for file in (ROOT / folder).rglob("*")
    if file.suffix in SUFFIXES and LEFT_OUT.isdisjoint(file.parts) and file != Path(__file__)
)


@pytest.mark.parametrize("phrase", PHRASES)
def test_phrase_is_not_used(phrase: str) -> None:
    pattern = re.compile(phrase, re.IGNORECASE)
    found = [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for file in FILES
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == [], PHRASES[phrase]


def test_there_is_something_to_read() -> None:
    assert len(FILES) > 300
