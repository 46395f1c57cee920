"""`serve`: run the wall's server, and say where it is."""

from __future__ import annotations

import errno
import signal
import socket
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, NoReturn

import typer

from aggregator.logs import configure
from aggregator.role import Role
from aggregator.settings import Settings, read_settings
from aggregator.store.store import Store
from aggregator.walls.tables import Wall
from aggregator.walls.walls import list_walls
from web.addresses import address, base_address, is_local, network_hosts
from web.cli.output import print_line
from web.cli.run import fail, run, sentences
from web.server import make_server

BACKLOG = 2048
NOT_OURS = "“{}” is no address of this machine: try 127.0.0.1, or 0.0.0.0 to let other machines in."


def install(app: typer.Typer) -> None:
    app.command()(serve)


def serve(
    *,
    port: Annotated[int | None, typer.Option("--port", "-p", min=0, max=65535, help="0 takes a free one.")] = None,
    host: Annotated[str | None, typer.Option(help="0.0.0.0 lets other machines in.")] = None,
    role: Annotated[
        Role | None, typer.Option(help="What it does: both, or one of them where two processes run.")
    ] = None,
) -> None:
    """Run the server: it follows what the walls follow, and shows them.

    Stop it with Ctrl-C, or by the signal TERM: readers are sent away with a word, and the exit code is 0.

    Examples:

    - `backchannel serve --port 9000`

    - `backchannel serve --role web`, and beside it `backchannel serve --role intake --port 8001`
    """
    with sentences():
        settings = read_settings()
    settings = settings.model_copy(update={"role": role or settings.role})
    where = settings.host if host is None else host
    walls = run(_walls, makes=True)
    listening = listen(where, settings.port if port is None else port)
    configure(settings.log_format, settings.log_level)
    bound = listening.getsockname()[1]
    if settings.role.serves:
        _tell(base_address(settings, where, bound), walls)
        if not settings.public_url:
            _tell_reach(where, bound)
    _tell_role(settings, where, bound)
    print_line("Ctrl-C stops it.")
    signal.signal(signal.SIGTERM, _end_well)
    server = make_server(settings, where, bound)
    with listening, suppress(KeyboardInterrupt):  # Ctrl-C is how it ends; uvicorn has said goodbye by then
        server.run(sockets=[listening])
    if not server.started:
        raise typer.Exit(1)


def _end_well(*_: object) -> NoReturn:
    """uvicorn closes everything, then gives the signal back to whoever had it before, which would end us by it.

    Being stopped is no failure, and those who stop services (systemd, Docker, Kubernetes) look at the exit code.
    """
    raise SystemExit(0)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, or a sentence that says why there is none."""
    try:
        return _listen(host, port)
    except socket.gaierror:
        fail(NOT_OURS.format(host))
    except PermissionError:
        fail(f"This user may not listen on port {port}: choose one above 1023, such as --port 8000.")
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            fail(f"Port {port} is taken, perhaps by another Backchannel: choose another, such as --port {port + 1}.")
        if error.errno == errno.EADDRNOTAVAIL:
            fail(NOT_OURS.format(host))
        fail(f"This machine does not let us listen on {host}, port {port}: try another host, or another port.")


def _listen(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM)[0]
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(BACKLOG)
    except OSError:
        listening.close()
        raise
    return listening


async def _walls(store: Store) -> Sequence[Wall]:
    async with store.read() as db:
        return await list_walls(db)


def _tell(base: str, walls: Sequence[Wall]) -> None:
    print_line("Backchannel is at ", (base, "bold"))
    for wall in walls:
        print_line(f"  {wall.name}: ", (f"{base}/w/{wall.slug}", "bold"))
    if not walls:
        print_line("There are no walls yet: ", ("backchannel rehearse", "bold"), " plays an invented conference, ")
        print_line(("backchannel wall create SLUG --name NAME", "bold"), " makes one of your own.")


def _tell_role(settings: Settings, host: str, port: int) -> None:
    """What this process leaves to another, and where one without pages is asked how it does."""
    if settings.role is Role.WEB:
        print_line("It polls nothing: ", ("backchannel serve --role intake", "bold"), " does, in a process beside it.")
    if settings.role is Role.INTAKE:
        print_line("Backchannel polls, and serves no pages: ", ("backchannel serve --role web", "bold"), " does.")
        own = base_address(settings.model_copy(update={"public_url": ""}), host, port)
        print_line("How it does: ", (f"{own}/readyz", "bold"))


def _tell_reach(host: str, port: int) -> None:
    """How other devices come here, and how they may be let in."""
    if is_local(host):
        print_line(
            "Only this machine reaches it: ", ("backchannel serve --host 0.0.0.0", "bold"), " lets other devices in."
        )
    for own in network_hosts(host):
        print_line("On this network: ", (address(own, port), "bold"))
