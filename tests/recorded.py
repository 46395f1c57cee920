"""Replies of real networks. Those that we recorded ourselves are in `fixtures/recorded`; other people's are no part of
this project and are read in place, beside the checkout, where a test that needs them says so with `elsewhere`.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OURS = ROOT / "tests" / "fixtures" / "recorded"
ELSEWHERE = Path(os.environ.get("BACKCHANNEL_PAYLOADS") or ROOT.parent / "shared" / "payloads")

elsewhere = pytest.mark.elsewhere
"""For tests that read other people's replies: left out where those are not at hand, but never in CI."""


def path(name: str) -> Path:
    ours = OURS / name
    return ours if ours.exists() else ELSEWHERE / name
