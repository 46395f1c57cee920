"""Hashing: argon2id, the same work with and without an account, and a bounded queue."""

from __future__ import annotations

import asyncio

import pytest
from pwdlib.hashers.argon2 import Argon2Hasher

from aggregator.accounts.errors import HasherBusy, InvalidDetails
from aggregator.accounts.hasher import Hasher, Verdict
from tests.accounts import OTHER_PASSWORD, PASSWORD, cheap_argon2


class Counting(Argon2Hasher):
    """Argon2 of the lowest costs that counts its work."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.verified = 0

    def verify(self, password: str | bytes, hash: str | bytes) -> bool:  # noqa: A002  # the library's name
        self.verified += 1
        return super().verify(password, hash)


async def test_password_is_hashed_with_argon2id_at_the_recommended_cost() -> None:
    stored = await Hasher().hash_new(PASSWORD, ())
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=1$")


async def test_verdict_tells_right_from_wrong(hasher: Hasher) -> None:
    stored = await hasher.hash_new(PASSWORD, ())
    assert stored != await hasher.hash_new(PASSWORD, ())
    assert await hasher.verify(PASSWORD.replace(" ", "\u00a0"), stored) == Verdict(is_right=True)
    assert await hasher.verify(OTHER_PASSWORD, stored) == Verdict(is_right=False)
    assert await hasher.verify("", stored) == Verdict(is_right=False)


async def test_unknown_account_costs_the_same_work() -> None:
    argon2 = Counting()
    hasher = Hasher(argon2)
    stored = await hasher.hash_new(PASSWORD, ())
    for number, known in enumerate([None, stored, None], 1):
        assert await hasher.verify(OTHER_PASSWORD, known) == Verdict(is_right=False)
        assert argon2.verified == number


async def test_hash_of_other_costs_is_replaced_once_the_password_is_right(hasher: Hasher) -> None:
    older = Argon2Hasher(time_cost=2, memory_cost=8, parallelism=1).hash(PASSWORD)
    assert (await hasher.verify(OTHER_PASSWORD, older)).new_hash is None
    verdict = await hasher.verify(PASSWORD, older)
    assert verdict.is_right
    assert "t=1" in (verdict.new_hash or "")


async def test_policy_is_asked_before_hashing(hasher: Hasher) -> None:
    with pytest.raises(InvalidDetails, match="too easy"):
        await hasher.hash_new("harbour26harbour", ["harbour26"])


async def test_no_more_than_a_bound_may_wait() -> None:
    hasher = Hasher(cheap_argon2(), max_waiting=3)
    verdicts = await asyncio.gather(*(hasher.verify(PASSWORD, None) for _ in range(5)), return_exceptions=True)
    assert [type(each) for each in verdicts] == [Verdict, Verdict, Verdict, HasherBusy, HasherBusy]
    assert await hasher.verify(PASSWORD, None) == Verdict(is_right=False)
