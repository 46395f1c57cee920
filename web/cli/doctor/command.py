"""`doctor`: looks at the installation, explains its settings, and says what to mend."""

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
    everything: Annotated[
        bool, typer.Option("--all", help="Explain each setting, also those that have their default.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Look at the installation and its settings, and say what to mend. Exit code 1 if something must be."""
    configure(LogFormat.AUTO, LogLevel.ERROR)  # what is worth a warning is worth a finding
    findings = list(examine(everything=everything or as_json))
    if as_json:
        show_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            _show(finding)
        _sum_up(findings)
    if any(finding.verdict == Status.FAIL for finding in findings):
        raise typer.Exit(1)


def examine(*, everything: bool) -> Iterator[Check]:
    """All findings, in the order in which to mend them. Bad settings end it early: the rest depends on them."""
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
    if settings.database_url or all(finding.verdict != Status.FAIL for finding in writable):
        yield from asyncio.run(machine.database(settings))
    yield from privacy(settings)
    yield from machine.port(settings.host, settings.port)
    yield from machine.open_files()


def _show(finding: Check) -> None:
    print_line(MARKS[finding.verdict], " ", (finding.about, "bold"), f"  {finding.message}")
    if finding.hint:
        print_line("    → ", finding.hint)


def _sum_up(findings: list[Check]) -> None:
    number = sum(finding.verdict == Status.FAIL for finding in findings)
    notes = sum(finding.verdict == Status.WARN for finding in findings)
    if number == 0 and notes == 0:
        print_line(("All is well.", "bold green"))
    elif number == 0:
        print_line((f"Nothing must be mended; {counted(notes, 'remark')} above.", "bold yellow"))
    else:
        print_line((f"{number} {'thing' if number == 1 else 'things'} to mend.", "bold red"))
