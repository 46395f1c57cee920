"""A check of `doctor` and its status."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report: `message` says what was found, `hint` how to fix it (empty if nothing is wrong)."""

    about: str
    status: Status
    message: str
    hint: str = ""
