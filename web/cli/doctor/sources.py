"""`doctor`'s checks of the sources: failures, credentials, and whether the running server has the same database."""

from __future__ import annotations

import json
from datetime import timedelta
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import quote

from aggregator.role import Role
from aggregator.sources.credentials import CredentialsError, Vault
from aggregator.sources.lookup import list_sources
from aggregator.sources.report import source_row
from aggregator.sources.tables import Source
from aggregator.store.store import Store
from aggregator.timestamps import now
from aggregator.walls.walls import first_epochs
from connectors.registry import connectors
from web.cli.doctor.check import Check, Status
from web.cli.output import counted, duration
from web.cli.sources import title

SERVER_TIMEOUT = 2.0
"""Seconds."""
MAX_REPLY = 1024 * 1024
MAX_NAMED = 3
"""Failing sources that are named."""
OVERDUE = timedelta(minutes=2)
"""How long after its time a source may still wait for a slot."""


async def sources(store: Store, vault: Vault) -> list[Check]:
    """The number of failing sources, and whether the secret key fits. The database must be up to date."""
    async with store.read() as db:
        found = await list_sources(db)
    return [_health(list(found)), *_credentials(list(found), vault)]


async def polling(store: Store, role: str) -> list[Check]:
    """A warning if a source has been due for too long although a process of this role is running."""
    async with store.read() as db:
        due = [source.next_poll_at for source in await list_sources(db) if source.is_polled]
    if not due or now() - min(due) < OVERDUE:
        return []
    message = f"A source has been due for {duration((now() - min(due)).total_seconds())}, and no process polls it."
    start = "backchannel serve --role intake"
    hint = f"Start one beside this one: {start}" if role == Role.WEB else f"Restart the server, or start: {start}"
    return [Check("Polling", Status.WARN, message, hint)]


async def another_store(store: Store, port: int, role: str) -> list[Check]:
    """A warning if the Backchannel on this port serves another database than this command's.

    It is known by a wall's epoch, which is drawn once for each store. Without any wall there is nothing to compare, nor
    where it serves none, being another process's `role`.
    """
    if role == Role.INTAKE:
        return []
    async with store.read() as db:
        epochs = await first_epochs(db)
    if not epochs or any(_served_epoch(port, slug) == epoch for slug, epoch in epochs.items()):
        return []
    message = f"The Backchannel that serves on port {port} has another data folder or database than this command."
    hint = "Start both in the same folder, or set BACKCHANNEL_DATA_DIR (or BACKCHANNEL_DATABASE_URL) alike for both."
    return [Check("Server", Status.WARN, message, hint)]


def _health(found: list[Source]) -> Check:
    failing = [source for source in found if source.trouble]
    if failing:
        verb = "fails" if len(failing) == 1 else "fail"
        names = [title(source_row(source, "", connectors())) for source in failing]
        named = ", ".join(names[:MAX_NAMED]) + (", …" if len(names) > MAX_NAMED else "")
        message = f"{len(failing)} of {counted(len(found), 'source')} {verb}: {named}."
        return Check("Sources", Status.WARN, message, "See the reasons: backchannel sources")
    if not found:
        return Check("Sources", Status.WARN, "Nothing is followed yet.", "See: backchannel follow --help")
    return Check("Sources", Status.OK, f"{len(found)} followed, none fails")


def _credentials(found: list[Source], vault: Vault) -> list[Check]:
    """Check that the credentials can be decrypted. Empty if no source has any."""
    reasons = []
    encrypted = [source for source in found if source.credentials]
    for source in encrypted:
        try:
            vault.decrypt(source)
        except CredentialsError as error:
            reasons.append(str(error))
    if reasons:
        message = f"The tokens of {len(reasons)} of {counted(len(encrypted), 'source')} can't be decrypted."
        return [Check("Secret key", Status.FAIL, message, reasons[0])]
    return [Check("Secret key", Status.OK, f"{vault.file} decrypts {len(encrypted)}")] if encrypted else []


def served_role(port: int) -> str:
    """What the Backchannel on this port does; empty where it does not say."""
    found = _answer(port, "/readyz")
    return str(found.get("role", ""))


def _served_epoch(port: int, slug: str) -> str:
    """The epoch that the server on this port reports; empty if it has no such wall or doesn't answer."""
    return str(_answer(port, f"/api/walls/{quote(slug)}/records?since=0&limit=1").get("epoch", ""))


def _answer(port: int, path: str) -> dict[str, Any]:
    """The JSON object that a server on this machine replies with; empty where there is none."""
    connection = HTTPConnection("127.0.0.1", port, timeout=SERVER_TIMEOUT)
    try:
        connection.request("GET", path)
        found = json.loads(connection.getresponse().read(MAX_REPLY))
        return found if isinstance(found, dict) else {}
    except (OSError, HTTPException, ValueError):
        return {}
    finally:
        connection.close()
