"""Hashing passwords with argon2id (RFC 9106), in a few threads of its own beside the event loop."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial
from typing import Final, NamedTuple, TypeVar

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from aggregator.accounts.errors import HasherBusy
from aggregator.accounts.password_policy import check_password, prepare
from aggregator.accounts.secret_tokens import new_secret

TIME_COST: Final = 3
MEMORY_COST: Final = 64 * 1024
"""Kibibytes. With TIME_COST the second recommended option of RFC 9106, section 4."""
PARALLELISM: Final = 1
"""Threads for one hash: the wall's readers need the other processors."""
MAX_THREADS: Final = 4
MAX_WAITING: Final = 100
"""Passwords that may wait for a thread: some seconds of work."""

T = TypeVar("T")


class Verdict(NamedTuple):
    """Whether a password is right, and its new hash where the stored one has older parameters."""

    is_right: bool
    new_hash: str | None = None


class Hasher:
    """Hashes and verifies passwords. Tests pass an `argon2` of lower costs."""

    def __init__(self, argon2: Argon2Hasher | None = None, *, max_waiting: int = MAX_WAITING) -> None:
        self._hash = PasswordHash((argon2 or Argon2Hasher(TIME_COST, MEMORY_COST, PARALLELISM),))
        threads = max(1, min(MAX_THREADS, (os.cpu_count() or 1) // 2))
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="passwords")
        self._waiting, self._max_waiting = 0, max_waiting

    async def hash_new(self, password: str, words: Iterable[str]) -> str:
        """Return the hash of a password, if the policy takes it. `words` are about the person and the wall.

        Raises InvalidDetails, HasherBusy.
        """
        return await self._run(lambda: self._hash.hash(check_password(password, words)))

    async def verify(self, password: str, stored: str | None) -> Verdict:
        """Compare a password with a stored hash. Without one, compare with another hash: it takes as long.

        Raises HasherBusy.
        """
        return await self._run(partial(self._verify, prepare(password), stored))

    def _verify(self, password: str, stored: str | None) -> Verdict:
        dummy = self._dummy  # made before either comparison, so that the first one takes as long, too
        if stored is None:
            self._hash.verify(password, dummy)
            return Verdict(is_right=False)
        return Verdict(*self._hash.verify_and_update(password, stored))

    @cached_property
    def _dummy(self) -> str:
        """The hash of a password that is not known to anybody."""
        return self._hash.hash(new_secret())

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= self._max_waiting:
            raise HasherBusy
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1
