"""`serve`: its output at the start, its exit, and errors when it can't listen."""

from __future__ import annotations

import re
import socket
from typing import Any

import httpx
import pytest
import typer

from tests.accounts import PASSWORD
from tests.wall_server import WallServer
from web.cli.serve import listen


def test_serve_says_where_each_wall_is(wall_server: WallServer) -> None:
    wall_server.run("wall", "create", "hall", "--name", "The hall")
    wall_server.stop()
    begun = wall_server.log.stat().st_size
    wall_server.start()
    said = wall_server.log.read_text()[begun:].splitlines()
    base = f"http://localhost:{wall_server.port}"
    assert said[:3] == [
        f"Backchannel is at {base}",
        f"  The hall: {base}/w/hall",
        "Only this machine can reach it: backchannel serve --host 0.0.0.0 lets other devices in.",
    ]


async def test_serve_prints_a_link_to_the_first_account_until_there_is_one(wall_server: WallServer) -> None:
    base = f"http://localhost:{wall_server.port}"
    said = wall_server.log.read_text()
    [token] = re.findall(
        rf"^There are no accounts yet\. Set up the desk: {base}/desk/setup#([\w-]{{43}})$", said, re.MULTILINE
    )
    assert "The link works once, and expires in 23 h." in said
    body = {"token": token, "login": "kim", "name": "Kim", "password": PASSWORD}
    async with httpx.AsyncClient(base_url=wall_server.url, timeout=30) as client:
        assert (await client.post("/api/setup", json=body)).json()["account"]["is_admin"] is True
    begun = wall_server.log.stat().st_size
    wall_server.stop()
    wall_server.start()
    assert "/desk/setup" not in wall_server.log.read_text()[begun:]
    assert token not in wall_server.log.read_text()[begun:]


def test_serve_that_is_stopped_closes_everything_and_has_not_failed(wall_server: WallServer) -> None:
    begun = wall_server.log.stat().st_size
    assert wall_server.stop() == 0
    assert "Traceback" not in wall_server.log.read_text()[begun:]


def test_serve_says_how_to_begin_where_there_is_no_wall(wall_server: WallServer) -> None:
    assert wall_server.log.read_text().splitlines()[1:3] == [
        "There are no walls yet: backchannel rehearse plays a demo conference, ",
        "backchannel wall create SLUG --name NAME creates one of your own.",
    ]


def test_serve_names_a_setting_that_does_not_exist(cli: Any) -> None:
    cli.environment["BACKCHANNEL_PROT"] = "9000"
    said = cli.refused("serve", "--port", "0", "--host", "192.0.2.1")
    assert said.splitlines()[0] == "Unknown setting: BACKCHANNEL_PROT. Correct its spelling, or unset it."


def test_serve_says_that_its_port_is_taken(cli: Any) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        refusal = cli.refused("serve", "--port", str(port))
    sentence = f"Port {port} is already in use, perhaps by Backchannel: choose another, such as --port {port + 1}."
    assert refusal == sentence


def test_serve_says_that_an_address_is_not_this_machine_s(cli: Any) -> None:
    for host in ("nowhere.invalid", "192.0.2.1"):
        assert cli.refused("serve", "--port", "0", "--host", host) == (
            f"“{host}” isn't an address of this machine: try 127.0.0.1, or 0.0.0.0 for all interfaces."
        )


def test_serve_refuses_a_port_that_cannot_be(cli: Any) -> None:
    assert "'--port'" in cli.run("serve", "--port", "65536", code=2).stderr


def test_serve_says_in_one_sentence_that_there_is_no_such_role(cli: Any) -> None:
    cli.environment["BACKCHANNEL_ROLE"] = "both"
    assert cli.refused("serve", "--port", "0") == "BACKCHANNEL_ROLE: it must be all, web or intake."
    del cli.environment["BACKCHANNEL_ROLE"]
    said = cli.run("serve", "--role", "both", code=2).stderr
    assert "'--role': 'both' is not one of 'all', 'web', 'intake'." in " ".join(said.replace("│", " ").split())


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_listen_takes_a_free_port(host: str) -> None:
    with listen(host, 0) as listening:
        with socket.create_connection((host, listening.getsockname()[1]), timeout=5):
            pass
        with pytest.raises(typer.Exit):
            listen(host, listening.getsockname()[1])
