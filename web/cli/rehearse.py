"""`rehearse`: plays a conference archive on a wall, as if it were a network."""

from __future__ import annotations

from typing import Annotated

import typer

from aggregator.moderation.origin import restart_source
from aggregator.settings import read_settings
from aggregator.sources.addresses import recognise, with_options
from aggregator.store.store import Store
from aggregator.timestamps import now
from aggregator.walls.following import follow as follow_address
from aggregator.walls.walls import create_wall, find_wall, list_walls
from connectors.networks.rehearsal.reading import open_archive
from connectors.registry import connectors
from web.cli.actor import command_line
from web.cli.output import JsonFlag, print_line, show_json
from web.cli.run import run

NETWORK = "rehearsal"


def install(app: typer.Typer) -> None:
    app.command()(rehearse)


def rehearse(
    archive: Annotated[
        str, typer.Argument(metavar="ARCHIVE", help="A .jsonl file, or a built-in archive.")
    ] = "harbour",
    *,
    wall: Annotated[
        str, typer.Option("--wall", "-w", metavar="SLUG", help="Created if it doesn't exist.")
    ] = "rehearsal",
    rate: Annotated[
        float | None, typer.Option(help="Posts per second, instead of the archive's own times, for load tests.")
    ] = None,
    speed: Annotated[float | None, typer.Option(help="How many times faster than real time.")] = None,
    loop: Annotated[bool, typer.Option("--loop/--no-loop", help="Start again at the end.")] = True,
    if_empty: Annotated[bool, typer.Option("--if-empty", help="Do nothing if any wall exists.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Play a demo conference, or an archive of your own, on a wall.

    Run it again to start from the beginning.

    For example:

    `backchannel rehearse --speed 10`

    `backchannel rehearse --rate 50 --wall load my/archive.jsonl`
    """
    if rate is not None and speed is not None:
        raise typer.BadParameter("--rate and --speed can't be combined.", param_hint="--rate")
    given = {"rate": rate, "speed": speed, "loop": loop, "started_at": now().isoformat()}
    options = {name: value for name, value in given.items() if value is not None}

    async def work(store: Store) -> tuple[str, bool, int | None] | None:
        if if_empty and await _has_walls(store):
            return None
        known = connectors()
        text = archive if archive.endswith(".jsonl") else f"{NETWORK}:{archive}"
        address = with_options(recognise(text, known, network=NETWORK), known[NETWORK], options)
        header = open_archive(address.value).header
        async with store.write() as db:
            made = all(each.slug != wall for each in await list_walls(db))
            if made:
                await create_wall(
                    db, wall, header.name, hashtag=header.hashtag, time_zone=header.time_zone, by=command_line()
                )
            source = await follow_address(db, await find_wall(db, wall), address, command_line())
            await restart_source(db, source, command_line(), "the rehearsal was restarted")
        return header.name, made, source.id

    played = run(work, makes=True)
    if played is None:
        if as_json:
            show_json(None)
        else:
            print_line("A wall exists already: nothing to play.")
        return
    name, made, source = played
    if as_json:
        show_json({"wall": wall, "made": made, "archive": archive, "source": source})
        return
    print_line(f"“{name}” plays on the wall “{wall}”", " (just created)" if made else "", ", from the beginning.")
    if public := read_settings().public_url:
        print_line("See it: ", ("backchannel serve", "bold"), f", then {public}/w/{wall}")
    else:  # the address of a running server isn't known here
        print_line(
            "See it: ", (f"/w/{wall}", "bold"), " at the address that ", ("backchannel serve", "bold"), " prints"
        )
    print_line("End it: ", (f"backchannel unfollow {source}", "bold"))


async def _has_walls(store: Store) -> bool:
    async with store.read() as db:
        return bool(await list_walls(db))
