"""`account`: links, the list, disabled accounts and roles, by the command line."""

from __future__ import annotations

import asyncio
import getpass
import re
from typing import Any

import pytest

from aggregator.accounts.hasher import Hasher
from aggregator.accounts.setup_links import use_link
from aggregator.store.store import Store
from aggregator.timestamps import now
from tests.accounts import PASSWORD, an_account, cheap_argon2

LINK = r"http://localhost:8000/desk/setup#([\w-]{43})"


def use(cli: Any, token: str, login: str = "") -> None:
    """Use a link, as the page would."""

    async def work(store: Store) -> None:
        hasher = Hasher(cheap_argon2())
        await use_link(store, hasher, token, PASSWORD, login=login, name=login.title(), user_agent="", at=now())

    in_store(cli, work)


def in_store(cli: Any, work: Any) -> None:
    async def run() -> None:
        store = Store(f"sqlite:///{cli.folder}/data/backchannel.db")
        try:
            await work(store)
        finally:
            await store.close()

    asyncio.run(run())


@pytest.fixture
def kim(cli: Any) -> str:
    """A wall, and the first account."""
    cli("wall", "create", "hall", "--name", "The hall")
    use(cli, token_of(cli("account", "link")), "kim")
    return "kim"


def token_of(printed: str) -> str:
    [token] = re.findall(rf"^{LINK}$", printed, re.MULTILINE)
    return str(token)


def test_link_makes_the_first_account_and_then_new_passwords(cli: Any, kim: str) -> None:
    told = cli.refused("account", "link")
    assert told == "There are accounts already: name one with --for LOGIN to let it set a new password."
    result = cli.run("account", "link", "--for", "KIM")
    assert "It works once, and expires in 23 h." in result.stdout
    assert "There is no public URL" in result.stderr
    use(cli, token_of(result.stdout))
    assert cli.refused("account", "link", "--for", "lee") == (
        "There is no account “lee”: `backchannel account list` lists them."
    )


def test_link_leads_to_the_public_url(cli: Any) -> None:
    cli.environment["BACKCHANNEL_PUBLIC_URL"] = "https://wall.example"
    result = cli.run("account", "link", "--json")
    assert re.search(r'"url":"https://wall\.example/desk/setup#[\w-]{43}"', result.stdout)
    assert result.stderr == ""


def test_list_tells_of_roles_and_states(cli: Any, kim: str) -> None:
    in_store(cli, lambda store: an_account(store, "lee"))
    cli("account", "role", "lee", "moderator", "--wall", "hall")
    cli("account", "disable", "lee", "--yes")
    lines = cli("account", "list").splitlines()
    assert [line.split() for line in lines] == [
        ["login", "name", "state", "roles"],
        ["kim", "Kim", "enabled", "admin"],
        ["lee", "Lee", "disabled", "hall:", "moderator"],
    ]
    rows = cli.json("account", "list")
    assert [(row["login"], row["is_admin"], row["roles"]) for row in rows] == [
        ("kim", True, {}),
        ("lee", False, {"hall": "moderator"}),
    ]
    assert "password" not in str(rows)


def test_list_of_nobody_says_how_to_begin(cli: Any) -> None:
    cli("wall", "create", "hall", "--name", "The hall")
    assert cli("account", "list") == "There are no accounts yet: backchannel account link makes a link to the first.\n"


def test_disabled_account_is_enabled_again(cli: Any, kim: str) -> None:
    assert cli.run("account", "disable", kim, code=1, answer="n\n").stderr.endswith("Nothing was changed.\n")
    assert cli("account", "disable", kim, "--yes") == "The account “kim” is disabled, and logged out everywhere.\n"
    assert cli.refused("account", "link", "--for", kim) == "The account “kim” is disabled: enable it first."
    assert cli("account", "enable", kim) == "The account “kim” is enabled.\n"
    me = {"kind": "cli", "name": getpass.getuser()}
    rows = cli.json("audit", "--limit", "2")
    assert [(row["action"], row["subject"], row["actor"]) for row in rows] == [
        ("enable", {"kind": "account", "id": "kim"}, me),
        ("disable", {"kind": "account", "id": "kim"}, me),
    ]


def test_role_is_given_and_taken(cli: Any, kim: str) -> None:
    in_store(cli, lambda store: an_account(store, "lee"))
    for arguments, told in [
        (["lee", "owner", "--wall", "hall"], "“lee” is an owner on “hall” now."),
        (["kim", "author", "--wall", "hall"], "“kim” is an author on “hall” now."),
        (["kim", "none", "--wall", "hall"], "“kim” has no role on “hall” now."),
        (["lee", "admin"], "“lee” is an administrator on this server now."),
        (["lee", "none"], "“lee” is not an administrator on this server now."),
    ]:
        assert cli("account", "role", *arguments) == f"{told}\n"
    assert cli.json("account", "list")[1]["roles"] == {"hall": "owner"}
    for arguments, told in [
        (["lee", "none", "--wall", "hall"], "“lee” is the last owner of “hall”: make another member an owner first."),
        (["lee", "owner", "--wall", "none"], "There is no wall “none” (known: hall)."),
        (
            ["lee", "owner"],
            "Name the wall of a role with --wall SLUG; only admin is for all walls, and goes without it.",
        ),
        (["ada", "admin"], "There is no account “ada”: `backchannel account list` lists them."),
    ]:
        assert cli.refused("account", "role", *arguments) == told
