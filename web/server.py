"""uvicorn with our protocol classes, and a shutdown that tells readers to reconnect (close code 1012)."""

from __future__ import annotations

import socket
from functools import partial
from typing import Any

import uvicorn

from aggregator.runtime import Runtime
from aggregator.settings import Settings
from web.app import create_app
from web.connections import Connections, below, raise_file_limit
from web.http import HttpProtocol
from web.limits import LIMITS, Limits
from web.websocket import LiveProtocol

GRACE = 5
"""Seconds for open requests to finish when the server stops."""


class Server(uvicorn.Server):
    """A uvicorn server that ends server-sent events before it waits for open responses."""

    def __init__(self, config: uvicorn.Config, runtime: Runtime) -> None:
        super().__init__(config)
        self._runtime = runtime

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._runtime.hub.release()
        await super().shutdown(sockets)


def make_server(settings: Settings, host: str, port: int, limits: Limits = LIMITS) -> Server:
    """A server for these settings; call `run(sockets=[…])`. Raises this process's limit of open files."""
    runtime = Runtime(settings.model_copy(update={"host": host, "port": port}))
    connections = Connections(below(raise_file_limit(), settings.max_connections), settings.max_connections_per_address)
    config = uvicorn.Config(
        create_app(runtime, connections),
        host=host,
        port=port,
        loop="uvloop",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
        timeout_graceful_shutdown=GRACE,
        **protocols(limits, connections),
    )
    connections.exempt(config.forwarded_allow_ips)
    return Server(config, runtime)


def protocols(limits: Limits, connections: Connections | None = None) -> dict[str, Any]:
    """Arguments for uvicorn.Config: both our protocol classes, with these limits."""
    return {
        "http": partial(HttpProtocol, limits=limits, connections=connections),
        "ws": partial(LiveProtocol, limits=limits),
        "ws_max_size": limits.message_bytes,
        "ws_ping_interval": limits.ping_seconds,
        "ws_ping_timeout": limits.ping_seconds,
        "ws_per_message_deflate": False,
        "timeout_keep_alive": limits.keep_alive_seconds,
    }
