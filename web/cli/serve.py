"""`serve`: runs the server and prints its addresses."""

from __future__ import annotations

import errno
import os
import signal
import socket
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, NoReturn

import typer

from aggregator.accounts.lookup import has_accounts
from aggregator.accounts.setup_links import NewLink, make_first_link
from aggregator.logs import configure
from aggregator.role import Role
from aggregator.settings import Settings, read_settings
from aggregator.store.errors import Outage
from aggregator.store.store import Store
from aggregator.timestamps import now
from aggregator.walls.tables import Wall
from aggregator.walls.walls import list_walls
from web.addresses import address, base_address, is_local, network_hosts
from web.cli.account import setup_url
from web.cli.actor import command_line
from web.cli.doctor.installation import misspelt
from web.cli.output import ahead, print_error, print_line
from web.cli.run import fail, run, sentences
from web.server import make_server

BACKLOG = 2048
NOT_OURS = "“{}” isn't an address of this machine: try 127.0.0.1, or 0.0.0.0 for all interfaces."


def install(app: typer.Typer) -> None:
    app.command()(serve)


def serve(
    *,
    port: Annotated[int | None, typer.Option("--port", "-p", min=0, max=65535, help="0 picks a free port.")] = None,
    host: Annotated[str | None, typer.Option(help="0.0.0.0 accepts connections from other machines.")] = None,
    role: Annotated[Role | None, typer.Option(help="What it does: serve pages, poll networks, or both.")] = None,
) -> None:
    """Run the server: poll the sources and serve the walls.

    Stop it with Ctrl-C or SIGTERM: open pages are told and reconnect, and the exit code is 0.

    For example:

    `backchannel serve --port 9000`

    `backchannel serve --role web`

    `backchannel serve --role intake --port 8001`
    """
    with sentences():
        settings = read_settings()
    settings = settings.model_copy(update={"role": role or settings.role})
    where = settings.host if host is None else host
    for each in misspelt(os.environ):
        print_error(f"{each.message.rstrip('.')}: {each.about}. {each.hint}")
    walls = run(_walls, makes=True)
    listening = listen(where, settings.port if port is None else port)
    link = run(_first_link) if settings.role.serves else None
    configure(settings.log_format, settings.log_level)
    bound = listening.getsockname()[1]
    if settings.role.serves:
        _print_walls(base_address(settings, where, bound), walls)
        if not settings.public_url:
            _print_reach(where, bound)
        _print_first_link(base_address(settings, where, bound), link)
    _print_role(settings, where, bound)
    print_line("Press Ctrl-C to stop.")
    signal.signal(signal.SIGTERM, _exit)
    server = make_server(settings, where, bound)
    with listening, suppress(KeyboardInterrupt):  # uvicorn has shut down by then
        server.run(sockets=[listening])
    if not server.started:
        raise typer.Exit(1)


def _exit(*_: object) -> NoReturn:
    """Exit with 0 on SIGTERM: being stopped isn't a failure, and service managers look at the exit code.

    uvicorn shuts down first, then re-raises the signal to the handler that was installed before its own.
    """
    raise SystemExit(0)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; exits with a message if there can't be one."""
    try:
        return _listen(host, port)
    except socket.gaierror:
        fail(NOT_OURS.format(host))
    except PermissionError:
        fail(f"Permission denied on port {port}: choose one above 1023, such as --port 8000.")
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            fail(f"Port {port} is already in use, perhaps by Backchannel: choose another, such as --port {port + 1}.")
        if error.errno == errno.EADDRNOTAVAIL:
            fail(NOT_OURS.format(host))
        fail(f"Can't listen on {host}, port {port}: try another host or port.")


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


async def _first_link(store: Store) -> NewLink | None:
    """A link to the first account; None if there is one, or if nothing can be written, which stops no server."""
    async with store.read() as db:
        if await has_accounts(db):
            return None
    with suppress(Outage):
        async with store.write() as db:
            return await make_first_link(db, command_line(), now())
    return None


def _print_walls(base: str, walls: Sequence[Wall]) -> None:
    print_line("Backchannel is at ", (base, "bold"))
    for wall in walls:
        print_line(f"  {wall.name}: ", (f"{base}/w/{wall.slug}", "bold"))
    if not walls:
        print_line("There are no walls yet: ", ("backchannel rehearse", "bold"), " plays a demo conference, ")
        print_line(("backchannel wall create SLUG --name NAME", "bold"), " creates one of your own.")


def _print_first_link(base: str, link: NewLink | None) -> None:
    """Print the one-time link to the first account, if there is none yet."""
    if link is not None:
        print_line("There are no accounts yet. Set up the desk: ", (setup_url(base, link), "bold"))
        print_line(f"The link works once, and expires {ahead(link.expires_at)}.")


def _print_role(settings: Settings, host: str, port: int) -> None:
    """What this process leaves to another one, and where the health of one without pages is to be had."""
    if settings.role is Role.WEB:
        print_line("No polling here: run ", ("backchannel serve --role intake", "bold"), " beside it.")
    if settings.role is Role.INTAKE:
        print_line("Backchannel polls, without pages: run ", ("backchannel serve --role web", "bold"), " beside it.")
        own = base_address(settings.model_copy(update={"public_url": ""}), host, port)
        print_line("Health: ", (f"{own}/readyz", "bold"))


def _print_reach(host: str, port: int) -> None:
    """Print how other devices reach the server, or how to let them in."""
    if is_local(host):
        print_line(
            "Only this machine can reach it: ", ("backchannel serve --host 0.0.0.0", "bold"), " lets other devices in."
        )
    for own in network_hosts(host):
        print_line("On this network: ", (address(own, port), "bold"))
