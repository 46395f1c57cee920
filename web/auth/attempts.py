"""Limits of attempts to guess a password or a link, by address, by account and by device, in this process's memory.

Somebody else's attempts lock nobody out:

- **No account is ever locked.** The limit for an account counts its attempts from each address apart, so that a person
  at a fresh address always has attempts left. Where very many addresses try one account, a fresh address has fewer, but
  never none: a correct password is accepted at once.
- **A known device is counted by itself.** A browser that sends the cookie of a session of this very account, idle or
  not, is past all limits of addresses and accounts: an attacker in the same hall, whose address is the same, does not
  matter to it. It has a limit of its own, in case that cookie was stolen.
- A correct password sets the count that it was counted by back.

All limits count attempts before the password is checked, so that many at once gain nothing. Memory is bounded by the
hasher: each key takes a hash to be made, and is forgotten after its window.
"""

from __future__ import annotations

import math
import time
from typing import Final

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from aggregator.accounts.logins import fold
from aggregator.accounts.secret_tokens import digest
from web.throttle import Throttled

PER_ADDRESS: Final = RateLimitItemPerMinute(100, 15, namespace="address")
"""Log-ins from one address, right or wrong: a whole hall may share it."""
PER_ACCOUNT_AND_ADDRESS: Final = RateLimitItemPerMinute(10, 15, namespace="account and address")
PER_ACCOUNT: Final = RateLimitItemPerHour(60, namespace="account")
"""Attempts at one account from all addresses, after which each address has fewer."""
UNDER_ATTACK: Final = RateLimitItemPerMinute(2, 15, namespace="account under attack")
PER_DEVICE: Final = RateLimitItemPerMinute(20, 15, namespace="device")
PER_SESSION: Final = RateLimitItemPerMinute(10, 15, namespace="session")
LINKS_PER_ADDRESS: Final = RateLimitItemPerMinute(30, 15, namespace="links")


class Attempts:
    """The counts of one server process."""

    def __init__(self) -> None:
        self._windows = MovingWindowRateLimiter(MemoryStorage())

    def log_in(self, address: str, login: str, device: str | None) -> None:
        """Count an attempt to log in. `device` is the id of an earlier session of this account. Raises Throttled."""
        if device is not None:
            self._take(PER_DEVICE, device)
            return
        self._take(PER_ADDRESS, address)
        account = digest(fold(login))
        is_calm = self._windows.hit(PER_ACCOUNT, account)
        self._take(PER_ACCOUNT_AND_ADDRESS if is_calm else UNDER_ATTACK, account, address)

    def logged_in(self, address: str, login: str, device: str | None) -> None:
        """Set the count of this device, or of this account and address, back: the password was right."""
        if device is not None:  # and not the count of the address, at which somebody else may be guessing
            self._windows.clear(PER_DEVICE, device)
            return
        for limit in (PER_ACCOUNT_AND_ADDRESS, UNDER_ATTACK):
            self._windows.clear(limit, digest(fold(login)), address)

    def step(self, address: str, device: str | None) -> None:
        """Count a step of signing in that names no account before it is right: by a passkey, or elsewhere.

        Raises Throttled.
        """
        if device is not None:
            self._take(PER_DEVICE, device)
        else:
            self._take(PER_ADDRESS, address)

    def step_taken(self, device: str | None) -> None:
        """Set the count of this device back: the person has signed in."""
        if device is not None:
            self._windows.clear(PER_DEVICE, device)

    def link(self, address: str) -> None:
        """Count an attempt to use a link or an invitation. Raises Throttled."""
        self._take(LINKS_PER_ADDRESS, address)

    def password(self, session_id: str) -> None:
        """Count an attempt to give the password again in a session. Raises Throttled."""
        self._take(PER_SESSION, session_id)

    def _take(self, limit: RateLimitItem, *key: str) -> None:
        if not self._windows.hit(limit, *key):
            free_at = self._windows.get_window_stats(limit, *key).reset_time
            raise Throttled(max(1, math.ceil(free_at - time.time())))
