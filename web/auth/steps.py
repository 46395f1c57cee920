"""Counting the steps of a way to sign in that names no account before it is right."""

from __future__ import annotations

from fastapi import Request

from aggregator.accounts.sessions import earlier_session
from web.auth.context import address_of, auth_of
from web.auth.limited import limited


async def count_step(request: Request) -> str | None:
    """Count a step, and return the earlier session of this device, which is counted by itself. Raises Refusal."""
    auth = auth_of(request)
    earlier, device = auth.cookie.read(request), None
    if earlier:
        async with auth.store.read() as db:
            device = await earlier_session(db, earlier, auth.clock())
    with limited():
        auth.attempts.step(address_of(request), device)
    return device
