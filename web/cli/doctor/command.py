"""`doctor`: checks the installation, explains its settings, and says what to fix."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated

import typer

from aggregator.logs import configure
from aggregator.settings import LogFormat, LogLevel, Settings, SettingsError, read_settings
from connectors.registry import registry
from web.cli.doctor import installation, machine
from web.cli.doctor.check import Check, Status
from web.cli.doctor.privacy import privacy
from web.cli.output import JsonFlag, counted, print_line, show_json

MARKS = {Status.OK: ("✓", "green"), Status.WARN: ("•", "yellow"), Status.FAIL: ("✗", "bold red")}


def install(app: typer.Typer) -> None:
    app.command()(doctor)


def doctor(
    *,
    everything: Annotated[bool, typer.Option("--all", help="Explain every setting, defaults included.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Check the installation and settings. Exits with 1 if something needs fixing."""
    configure(LogFormat.AUTO, LogLevel.ERROR)  # a warning is a check of its own
    checks = list(examine(everything=everything or as_json))
    if as_json:
        show_json([asdict(check) for check in checks])
    else:
        for check in checks:
            _show(check)
        _sum_up(checks)
    if any(check.status == Status.FAIL for check in checks):
        raise typer.Exit(1)


def examine(*, everything: bool) -> Iterator[Check]:
    """All checks, in the order in which to fix them. Invalid settings end them early: the rest depends on them."""
    yield from installation.python()
    yield from installation.libraries()
    yield from installation.pictures()
    yield from installation.browser_side()
    yield from installation.networks(registry())
    yield from installation.misspelt(os.environ)
    try:
        settings = read_settings()
    except SettingsError as error:
        for sentence in error.sentences:
            name, _, reason = sentence.partition(": ")
            yield Check(name, Status.FAIL, reason, "Correct it, or unset it.")
        return
    yield from _under(settings, everything=everything)


def _under(settings: Settings, *, everything: bool) -> Iterator[Check]:
    if everything:
        yield from installation.settings_explained(settings, os.environ)
    else:
        yield from installation.settings_changed(settings, os.environ)
    yield from installation.allowed(settings)
    yield from installation.reachable(settings)
    writable = list(machine.data_folder(settings.data_dir))
    yield from writable
    if settings.database_url or all(check.status != Status.FAIL for check in writable):
        yield from asyncio.run(machine.database(settings))
    yield from privacy(settings)
    yield from machine.port(settings.host, settings.port)
    yield from machine.open_files()


def _show(check: Check) -> None:
    print_line(MARKS[check.status], " ", (check.about, "bold"), f"  {check.message}")
    if check.hint:
        print_line("    → ", check.hint)


def _sum_up(checks: list[Check]) -> None:
    failed = sum(check.status == Status.FAIL for check in checks)
    warnings = [check.about for check in checks if check.status == Status.WARN]
    if failed:
        print_line((f"{counted(failed, 'problem')} found.", "bold red"))
    elif warnings:
        print_line((f"{counted(len(warnings), 'warning')} above: {', '.join(dict.fromkeys(warnings))}.", "bold yellow"))
    else:
        print_line(("All checks passed.", "bold green"))
