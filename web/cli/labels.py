"""The names of networks as people know them."""

from __future__ import annotations

from connectors.registry import connectors


def network_label(network: str) -> str:
    """The network's label, such as `Mastodon`; its own name if no connector of this machine knows it."""
    connector = connectors().get(network)
    return connector.label if connector else network
