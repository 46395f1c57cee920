"""What `doctor` finds: one line for each thing that it looks at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """`message` is what was seen; `hint` what to do about it, where there is something to do."""

    about: str
    verdict: Status
    message: str
    hint: str = ""
