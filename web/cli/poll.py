"""`poll`: polls the sources from a terminal, once or until Ctrl-C."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from typing import Annotated, Any

import typer

from aggregator.intake.poll import PollResult
from aggregator.logs import configure
from aggregator.runtime import Runtime
from aggregator.settings import LogLevel, read_settings
from aggregator.sources.lookup import find_source, list_sources
from aggregator.walls.errors import WallError
from web.cli.output import JsonFlag, print_error, print_line, show_json
from web.cli.run import expect_store, quiet_logs, sentences

Round = dict[int, PollResult | None]


def install(app: typer.Typer) -> None:
    app.command()(poll)


def poll(
    *,
    once: Annotated[bool, typer.Option("--once", help="Poll every source that is due, then stop.")] = False,
    source: Annotated[int | None, typer.Option(metavar="ID", help="Poll only this source, once, due or not.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Poll the sources without running the server.

    A running `serve` does this automatically.
    Without --once and --source it runs until Ctrl-C or SIGTERM.
    The exit code is 1 if every polled source failed, 0 if none was due.

    For example:

    `backchannel poll --once`

    `backchannel poll --source 3`
    """
    with sentences():
        settings = read_settings()
        asked = once or source is not None
        if asked:
            quiet_logs(settings, LogLevel.ERROR)  # failures are printed below, source by source
        else:
            configure(settings.log_format, settings.log_level)
        done = asyncio.run(_poll(Runtime(settings), once=once, source=source))
    if not asked:
        return
    if as_json:
        show_json([_row(source_id, polled) for source_id, polled in done.items()])
    else:
        _show(done)
    if done and all(polled is not None and polled.trouble for polled in done.values()):
        raise typer.Exit(1)


async def _poll(runtime: Runtime, *, once: bool, source: int | None) -> Round:
    try:
        if once or source is not None:
            await expect_store(runtime.settings, runtime.store)
        await runtime.open()
        if source is not None:
            return {source: await _poll_one(runtime, source)}
        if once:
            return await _in_order(runtime, await runtime.intake.poll_due())
        await _until_terminated(runtime.intake.run())
        return {}
    finally:
        await runtime.stop()


async def _in_order(runtime: Runtime, done: Round) -> Round:
    """The results by wall and by number, in the order of `sources`."""
    async with runtime.store.read() as db:
        listed = [source.id for source in await list_sources(db, unfollowed=True) if source.id is not None]
    return {source_id: done[source_id] for source_id in listed if source_id in done} | done


async def _until_terminated(work: Coroutine[None, None, None]) -> None:
    """Await `work` until it ends or SIGTERM, by which services are stopped, cancels it. That isn't a failure."""
    working = asyncio.ensure_future(work)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, working.cancel)
    try:
        await working
    except asyncio.CancelledError:
        ours = asyncio.current_task()
        if ours is not None and ours.cancelling():  # Ctrl-C
            raise


async def _poll_one(runtime: Runtime, source: int) -> PollResult | None:
    """Poll to the last page, with a recheck of older posts. Raises WallError."""
    async with runtime.store.read() as db:
        found = await find_source(db, source)
    if found.ended_at is not None:
        raise WallError(f"Source {source} has ended: follow it again to retry. {found.trouble}")
    if found.paused_at is not None:
        raise WallError(f"Source {source} is paused: `backchannel resume {source}` resumes it.")
    return await runtime.intake.poll_now(source)


def _row(source_id: int, polled: PollResult | None) -> dict[str, Any]:
    what = polled or PollResult()
    return {
        "source": source_id,
        "polled": polled is not None,
        "new": len(what.admitted.new),
        "edited": len(what.admitted.edited),
        "gone": len(what.admitted.gone),
        "broken": list(what.admitted.broken),
        "trouble": what.trouble,
    }


def _show(done: Round) -> None:
    for source_id, polled in done.items():
        if polled is not None and polled.trouble:
            print_error(f"source {source_id}: {polled.trouble}")
        else:
            print_line(f"source {source_id}: {_summary(polled)}")
    if not done:
        print_line("Nothing is due.")


def _summary(polled: PollResult | None) -> str:
    if polled is None:
        return "already being polled by another process."
    new, edited, gone, broken = (len(found) for found in polled.admitted[:4])
    return f"{new} new, {edited} edited, {gone} gone, {broken} unreadable."
