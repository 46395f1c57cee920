"""What `doctor` finds: one line for each thing that it looks at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    WELL = "well"
    NOTE = "note"
    MEND = "mend"


@dataclass(frozen=True, slots=True)
class Finding:
    """`says` is what was seen; `mend` what to do about it, where there is something to do."""

    about: str
    verdict: Verdict
    says: str
    mend: str = ""
