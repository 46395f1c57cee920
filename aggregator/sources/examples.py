"""Examples of what can be followed, for sentences that say what to type."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.contract import Connector


def examples(connectors: Mapping[str, Connector]) -> list[str]:
    """Return one example of each kind of source; of several networks, that of the one whose API most servers speak."""
    kinds: dict[str, str] = {}
    for each in sorted(connectors.values(), key=lambda connector: bool(connector.software)):
        for kind in each.kinds:
            kinds.setdefault(kind.name, kind.example)
    return sorted(kinds.values())
