"""A wrong folder is reported, and nothing is created in it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from aggregator.migrations import SchemaState, schema_state_of
from aggregator.store.store import Store
from tests.postgres import Postgres

READING = [
    ["walls"],
    ["wall", "show", "hall"],
    ["wall", "set", "hall", "--name", "Hall"],
    ["wall", "remove", "hall", "--yes"],
    ["sources"],
    ["posts"],
    ["held"],
    ["tail"],
    ["poll", "--once"],
    ["poll", "--source", "1"],
    ["unfollow", "1"],
    ["hide", "abc"],
    ["approve", "--author", "@ada"],
    ["withdraw", "abc", "--yes"],
    ["follow", "#socitm09", "--on", "mastodon.example", "--wall", "hall"],
]
pytestmark = pytest.mark.new_machine

MAKE_ONE = "`backchannel wall create` creates one."


@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_a_command_makes_no_store_where_there_is_none(
    cli: Any, command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(cli.folder)  # the checkout may have a store of its own
    data = cli.folder / "data"
    assert cli.refused(*command) == (
        f"There are no walls in {data}: is this the right folder? Name another in BACKCHANNEL_DATA_DIR. {MAKE_ONE}"
    )
    assert not data.exists()


def test_doctor_makes_no_store(cli: Any) -> None:
    assert f"No database yet: {cli.folder}/data/backchannel.db." in cli.run("doctor", code=None).stdout
    assert not (cli.folder / "data").exists()


def test_a_store_in_the_folder_at_hand_is_pointed_out(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (cli.folder / "var").mkdir()
    (cli.folder / "var" / "backchannel.db").touch()
    monkeypatch.chdir(cli.folder)
    near = f"There is a database in {cli.folder}/var: set BACKCHANNEL_DATA_DIR to use it."
    assert cli.refused("walls") == (
        f"There are no walls in {cli.folder}/data: is this the right folder? {near} {MAKE_ONE}"
    )


def test_a_file_that_is_not_there_is_not_made(cli: Any) -> None:
    file = cli.folder / "wall.db"
    cli.environment["BACKCHANNEL_DATABASE_URL"] = f"sqlite:///{file}"
    assert cli.refused("walls") == f"There are no walls in the database at {file}: is this the right one? {MAKE_ONE}"
    assert not file.exists()


def test_an_empty_database_stays_empty(cli: Any, postgres: Postgres) -> None:
    url = postgres.url(asyncio.run(postgres.create()))
    cli.environment["BACKCHANNEL_DATABASE_URL"] = url
    assert cli.refused("posts") == f"There are no walls in the database at 127.0.0.1: is this the right one? {MAKE_ONE}"
    assert asyncio.run(standing(url)) == SchemaState.EMPTY


async def standing(url: str) -> SchemaState:
    store = Store(url)
    try:
        return await schema_state_of(store)
    finally:
        await store.close()
