from __future__ import annotations

import socket
from typing import Any

import pytest
import typer

from aggregator.settings import Settings
from tests.wall_server import WallServer
from web.cli.server import base_address, listen


def test_serve_says_where_each_wall_is(wall_server: WallServer) -> None:
    wall_server.run("wall", "create", "hall", "--name", "The hall")
    wall_server.stop()
    begun = wall_server.log.stat().st_size
    wall_server.start()
    said = wall_server.log.read_text()[begun:].splitlines()
    base = f"http://localhost:{wall_server.port}"
    assert said[:2] == [f"Backchannel is at {base}", f"  The hall: {base}/w/hall"]


def test_serve_says_how_to_begin_where_there_is_no_wall(wall_server: WallServer) -> None:
    assert wall_server.log.read_text().splitlines()[1:3] == [
        "There are no walls yet: backchannel rehearse plays an invented conference, ",
        "backchannel wall create SLUG --name NAME makes one of your own.",
    ]


def test_serve_says_that_its_port_is_taken(cli: Any) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        refusal = cli.refused("serve", "--port", str(port))
    sentence = f"Port {port} is taken, perhaps by another Backchannel: choose another, such as --port {port + 1}."
    assert refusal == sentence


def test_serve_says_that_an_address_is_not_this_machine_s(cli: Any) -> None:
    assert cli.refused("serve", "--port", "0", "--host", "nowhere.invalid") == (
        "“nowhere.invalid” is no address of this machine: try 127.0.0.1, or 0.0.0.0 to let other machines in."
    )
    assert cli.refused("serve", "--port", "0", "--host", "192.0.2.1").startswith("Cannot listen on 192.0.2.1, port 0 (")


def test_serve_refuses_a_port_that_cannot_be(cli: Any) -> None:
    assert "'--port'" in cli.run("serve", "--port", "65536", code=2).stderr


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_listen_takes_a_free_port(host: str) -> None:
    with listen(host, 0) as listening:
        with socket.create_connection((host, listening.getsockname()[1]), timeout=5):
            pass
        with pytest.raises(typer.Exit):
            listen(host, listening.getsockname()[1])


@pytest.mark.parametrize(
    ("host", "public", "address"),
    [
        ("127.0.0.1", "", "http://localhost:80"),
        ("0.0.0.0", "", "http://localhost:80"),
        ("::", "", "http://localhost:80"),
        ("10.0.0.7", "", "http://10.0.0.7:80"),
        ("fd00::7", "", "http://[fd00::7]:80"),
        ("0.0.0.0", "https://wall.example", "https://wall.example"),
    ],
)
def test_base_address_is_what_to_type_into_a_browser(host: str, public: str, address: str) -> None:
    assert base_address(Settings(public_url=public), host, 80) == address
