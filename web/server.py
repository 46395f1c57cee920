"""uvicorn as we run it: our WebSocket class, and a shutdown that sends readers away with a word (close code 1012)."""

from __future__ import annotations

import socket

import uvicorn

from aggregator.house import House
from aggregator.settings import Settings
from web.app import create_app
from web.connections import Connections, Limits, raise_file_limit
from web.http import bounded
from web.socket import LiveProtocol

GRACE = 5
"""Seconds for open requests to finish when the server stops."""


class Server(uvicorn.Server):
    """Lets followers of server-sent events go before it waits for the open responses."""

    def __init__(self, config: uvicorn.Config, house: House) -> None:
        super().__init__(config)
        self._house = house

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._house.hub.release()
        await super().shutdown(sockets)


def make_server(settings: Settings, host: str, port: int) -> Server:
    """A server for this house, which listens there; `run(sockets=[…])` it. It may open all files that it can get."""
    house = House(settings.model_copy(update={"host": host, "port": port}))
    crowd = Connections(Limits(per_address=settings.connections_per_address, total=raise_file_limit()))
    config = uvicorn.Config(
        create_app(house, crowd),
        host=host,
        port=port,
        loop="uvloop",
        http=bounded(crowd),
        ws=LiveProtocol,
        ws_max_size=16 * 1024,
        ws_ping_interval=20,
        ws_ping_timeout=20,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=GRACE,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
    )
    return Server(config, house)
