"""The wish of an author to be left out, as authors of every network write it into their profiles. Pure."""

from __future__ import annotations

from typing import Final

from connectors.text.hashtags import carries
from connectors.text.html import plain

WISHES: Final = frozenset({"nobot", "noindex"})
"""Hashtags, in their normal form: agreed among people of the Fediverse, and not part of any specification."""


def wish_in(*texts: str) -> str:
    """The wish in these texts or HTML of a profile, as a sentence; empty if there is none."""
    for text in texts:
        if ("#" in text or "\uff03" in text) and (wish := carries(plain(text), WISHES)):
            return f"The author asks to be left out: #{wish} stands in their profile."
    return ""
