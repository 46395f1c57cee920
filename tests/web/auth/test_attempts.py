"""The limits of attempts: what they stop, and whom they let through meanwhile."""

from __future__ import annotations

import pytest

from web.auth.attempts import (
    LINKS_PER_ADDRESS,
    PER_ACCOUNT,
    PER_ACCOUNT_AND_ADDRESS,
    PER_ADDRESS,
    PER_DEVICE,
    PER_SESSION,
    UNDER_ATTACK,
    Attempts,
)
from web.throttle import Throttled

HALL, HOME = "203.0.113.5", "198.51.100.7"
LONG = 1000


def taken(attempts: Attempts, address: str = HALL, login: str = "kim", device: str | None = None) -> int:
    """The number of attempts that are left."""
    for number in range(LONG):
        if not is_let_through(attempts, address, login, device):
            return number
    return LONG


def is_let_through(attempts: Attempts, address: str, login: str, device: str | None = None) -> bool:
    try:
        attempts.log_in(address, login, device)
    except Throttled:
        return False
    return True


def test_attempts_at_an_account_from_an_address_are_bounded_in_any_spelling() -> None:
    attempts = Attempts()
    assert taken(attempts) == PER_ACCOUNT_AND_ADDRESS.amount
    assert (taken(attempts, login=" KIM "), taken(attempts, login="lee")) == (0, PER_ACCOUNT_AND_ADDRESS.amount)


def test_attempts_from_an_address_are_bounded_over_all_accounts() -> None:
    attempts = Attempts()
    assert sum(is_let_through(attempts, HALL, f"kim{number}") for number in range(LONG)) == PER_ADDRESS.amount
    assert taken(attempts, HOME, "kim7") == PER_ACCOUNT_AND_ADDRESS.amount


def test_fresh_address_has_attempts_left_whatever_others_do() -> None:
    attempts = Attempts()
    left = [taken(attempts, f"198.51.100.{number}") for number in range(100)]
    calm = PER_ACCOUNT.amount // PER_ACCOUNT_AND_ADDRESS.amount
    assert left[: calm - 1] == [PER_ACCOUNT_AND_ADDRESS.amount] * (calm - 1)
    assert set(left[calm + 1 :]) == {UNDER_ATTACK.amount}
    assert taken(attempts, login="lee") == PER_ACCOUNT_AND_ADDRESS.amount


def test_known_device_is_counted_by_itself() -> None:
    attempts = Attempts()
    for number in range(LONG):
        taken(attempts, login=f"kim{number}")
    assert (taken(attempts), taken(attempts, device="mine")) == (0, PER_DEVICE.amount)
    assert taken(attempts, device="another") == PER_DEVICE.amount


def test_right_password_sets_the_count_back_by_which_it_was_counted() -> None:
    attempts = Attempts()
    assert (taken(attempts), taken(attempts, login="lee")) == (PER_ACCOUNT_AND_ADDRESS.amount,) * 2
    attempts.logged_in(HALL, "Kim", None)
    assert (taken(attempts), taken(attempts, login="lee")) == (PER_ACCOUNT_AND_ADDRESS.amount, 0)
    assert taken(attempts, device="mine") == PER_DEVICE.amount
    attempts.logged_in(HALL, "kim", "mine")
    assert (taken(attempts), taken(attempts, device="mine")) == (0, PER_DEVICE.amount)


def test_links_and_confirmations_are_bounded() -> None:
    attempts = Attempts()
    for limit, attempt in [(LINKS_PER_ADDRESS, attempts.link), (PER_SESSION, attempts.password)]:
        for _ in range(limit.amount):
            attempt(HALL)
        with pytest.raises(Throttled) as throttled:
            attempt(HALL)
        assert 1 <= throttled.value.wait <= 15 * 60
        attempt(HOME)
