"""Where this server is found: what to type into a browser. It refuses to know the server itself."""

from __future__ import annotations

from aggregator.settings import Settings

LOCAL = frozenset({"127.0.0.1", "::1", "localhost"})
EVERYWHERE = frozenset({"0.0.0.0", "::", ""})  # noqa: S104  # recognised, not bound


def base_address(settings: Settings, host: str, port: int) -> str:
    """The public address where one is set, else that of a server which listens at this host and port."""
    if settings.public_url:
        return settings.public_url
    shown = "localhost" if host in LOCAL | EVERYWHERE else f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}"
