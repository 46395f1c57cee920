"""Recorded replies of real networks.

Our own recordings are in `fixtures/recorded`; other people's are not part of this project and are read beside the
checkout, by tests marked with `elsewhere`.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OURS = ROOT / "tests" / "fixtures" / "recorded"
ELSEWHERE = Path(os.environ.get("BACKCHANNEL_PAYLOADS") or ROOT.parent / "shared" / "payloads")

elsewhere = pytest.mark.elsewhere
"""Marks tests that read other people's recordings: skipped without them, but never in CI."""


def path(name: str) -> Path:
    ours = OURS / name
    return ours if ours.exists() else ELSEWHERE / name
