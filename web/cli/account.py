"""`account link`, `account list`, `account disable`, `account enable`, `account role`: who may use the desk."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from aggregator.accounts.administration import disable_account, enable_account, set_admin
from aggregator.accounts.lookup import find_account, list_accounts
from aggregator.accounts.members import remove_member, set_role, walls_of
from aggregator.accounts.roles import Role
from aggregator.accounts.setup_links import NewLink, make_first_link, make_password_link
from aggregator.accounts.tables import Account
from aggregator.settings import read_settings
from aggregator.store.sql import stored_id
from aggregator.store.store import Session, Store
from aggregator.timestamps import now
from aggregator.walls.walls import find_wall
from web.addresses import base_address
from web.cli.actor import command_line
from web.cli.output import JsonFlag, ahead, print_line, print_remark, show_json, show_table
from web.cli.run import AnyWall, Yes, fail, insist, run

Row = dict[str, Any]
Login = Annotated[str, typer.Argument(metavar="LOGIN", help="The user name or e-mail address of the account.")]

SETUP = "/desk/setup#"
NOBODY = "There are no accounts yet: "
EXISTS = "There are accounts already: name one with --for LOGIN to let it set a new password."


class Given(StrEnum):
    """What `account role` gives: a role on a wall, or without a wall the rights of an administrator."""

    OWNER = "owner"
    ORGANISER = "organiser"
    MODERATOR = "moderator"
    AUTHOR = "author"
    ADMIN = "admin"
    NONE = "none"


account = typer.Typer(
    name="account",
    help="Let people use the desk: links, roles, disabled accounts.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)


def install(app: typer.Typer) -> None:
    app.add_typer(account)


@account.command()
def link(
    *,
    login: Annotated[
        str | None, typer.Option("--for", metavar="LOGIN", help="The account that sets a new password.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Print a one-time link: to the first account, or with --for to a new password.

    Give it to one person only. It works once, within 24 hours. The first account is the server's administrator.
    """

    async def work(store: Store) -> NewLink:
        async with store.write() as db:
            if login is not None:
                return await make_password_link(db, await find_account(db, login), command_line(), now())
            return await make_first_link(db, command_line(), now()) or fail(EXISTS)

    made = run(work, makes=True)
    settings = read_settings()
    url = setup_url(base_address(settings, settings.host, settings.port), made)
    if as_json:
        show_json({"url": url, "expires_at": made.expires_at})
        return
    print_line((url, "bold"))
    print_line(f"It works once, and expires {ahead(made.expires_at)}.")
    if not settings.public_url:
        print_remark("There is no public URL: where the server has another address, put that one before /desk.")


@account.command(name="list")
def list_all(*, as_json: JsonFlag = False) -> None:
    """List the accounts with their roles."""

    async def work(store: Store) -> list[Row]:
        async with store.read() as db:
            return [await _row(db, each) for each in await list_accounts(db)]

    rows = run(work)
    if as_json:
        show_json(rows)
    elif not rows:
        print_line(NOBODY, ("backchannel account link", "bold"), " makes a link to the first.")
    else:
        show_table(["login", "name", "state", "roles"], [_cells(row) for row in rows])


@account.command()
def disable(login: Login, *, yes: Yes = False, as_json: JsonFlag = False) -> None:
    """Disable an account. It is logged out everywhere, and its API tokens and open invitations end.

    Its roles stay for the day when it is enabled again.
    """

    async def work(store: Store) -> Row:
        async with store.write() as db:
            found = await find_account(db, login)
            await disable_account(db, found, command_line(), now())
            return await _row(db, found)

    if not yes:
        row = run(lambda store: _read(store, login))
        insist(f"Disable the account “{row['login']}” ({row['name']})?", "Nothing was changed.", aside=as_json)
    _print(run(work), as_json=as_json, sentence="The account “{login}” is disabled, and logged out everywhere.")


@account.command()
def enable(login: Login, *, as_json: JsonFlag = False) -> None:
    """Enable a disabled account. It logs in with its password, as before."""

    async def work(store: Store) -> Row:
        async with store.write() as db:
            found = await find_account(db, login)
            await enable_account(db, found, command_line())
            return await _row(db, found)

    _print(run(work), as_json=as_json, sentence="The account “{login}” is enabled.")


@account.command()
def role(
    login: Login,
    given: Annotated[
        Given, typer.Argument(metavar="ROLE", help="owner, organiser, moderator or author; admin; or none.")
    ],
    *,
    wall: AnyWall = None,
    as_json: JsonFlag = False,
) -> None:
    """Give an account a role on a wall, or make it an administrator, who may do everything.

    `none` takes the role away; without --wall, the rights of an administrator.

    For example:

    `backchannel account role kim owner --wall hall`

    `backchannel account role kim admin`
    """
    is_for_all = given == Given.ADMIN or (given == Given.NONE and wall is None)
    if is_for_all == (wall is not None):
        fail("Name the wall of a role with --wall SLUG; only admin is for all walls, and goes without it.")

    async def work(store: Store) -> Row:
        async with store.write() as db:
            found = await find_account(db, login)
            if wall is None:
                await set_admin(db, found, command_line(), now(), is_admin=given == Given.ADMIN)
            else:
                await _set_on_wall(db, wall, found, given)
            return await _row(db, found)

    row = run(work)
    what = f"on “{wall}”" if wall else "on this server"
    becomes = {Given.NONE: "has no role" if wall else "is not an administrator", Given.ADMIN: "is an administrator"}
    _print(row, as_json=as_json, sentence=f"“{{login}}” {becomes.get(given, f'is {_article(given)}')} {what} now.")


def setup_url(base: str, made: NewLink) -> str:
    """Return the address of a one-time link. Browsers keep what follows `#` to themselves: it is in no log."""
    return f"{base}{SETUP}{made.token}"


async def _set_on_wall(db: Session, slug: str, found: Account, given: Given) -> None:
    wall, number = await find_wall(db, slug), stored_id(found)
    if given == Given.NONE:
        await remove_member(db, wall, number, by=command_line(), at=now())
    else:
        await set_role(db, wall, number, Role(given), by=command_line(), at=now())


async def _read(store: Store, login: str) -> Row:
    async with store.read() as db:
        return await _row(db, await find_account(db, login))


async def _row(db: Session, found: Account) -> Row:
    roles = {wall.slug: role for wall, role in await walls_of(db, found) if role is not None}
    return {
        "login": found.login,
        "name": found.name,
        "is_admin": found.is_admin,
        "created_at": found.created_at,
        "disabled_at": found.disabled_at,
        "roles": roles,
    }


def _cells(row: Row) -> list[str | tuple[str, str]]:
    roles = [*(["admin"] if row["is_admin"] else []), *(f"{slug}: {each}" for slug, each in row["roles"].items())]
    return [row["login"], row["name"], "disabled" if row["disabled_at"] else "enabled", ", ".join(roles)]


def _print(row: Row, *, as_json: bool, sentence: str) -> None:
    if as_json:
        show_json(row)
    else:
        print_line(sentence.format(login=row["login"]))


def _article(given: Given) -> str:
    return f"{'an' if given[0] in 'aeiou' else 'a'} {given}"
