"""Members: roles given and taken, by whom, and what ends with them."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from aggregator.accounts.access import By, Principal, permissions_on
from aggregator.accounts.administration import disable_account, set_admin
from aggregator.accounts.errors import LastOwner, PermissionDenied, UnknownSubject
from aggregator.accounts.invitations import invite, list_invitations
from aggregator.accounts.members import list_members, remove_member, set_role, walls_of
from aggregator.accounts.roles import EVERYTHING, PERMISSIONS, Permission, Role
from aggregator.accounts.tables import Account
from aggregator.store.sql import stored_id
from aggregator.store.store import Store
from aggregator.walls.tables import Wall
from tests.accounts import AT, OPERATOR, a_hall, a_member, an_account, reread, signed_in, told


async def give(store: Store, wall: Wall, account: Account, role: Role, by: By = OPERATOR) -> None:
    async with store.write() as db:
        await set_role(db, wall, stored_id(account), role, by=by, at=AT)


async def remove(store: Store, wall: Wall, account: Account, by: By = OPERATOR) -> None:
    async with store.write() as db:
        await remove_member(db, wall, stored_id(account), by=by, at=AT)


async def roles(store: Store, wall: Wall) -> dict[str, str]:
    async with store.read() as db:
        return {account.login: member.role for member, account in await list_members(db, wall)}


def test_each_role_may_do_more_than_the_one_before() -> None:
    sets = [PERMISSIONS[role] for role in Role]
    assert all(lower < higher for lower, higher in pairwise(sets))
    assert PERMISSIONS[Role.OWNER] == EVERYTHING


async def test_command_line_gives_any_account_a_role(store: Store, hall: Wall, kim: Account) -> None:
    await give(store, hall, kim, Role.OWNER)
    await give(store, hall, kim, Role.OWNER)
    assert await told(store, 2) == [
        ("person:kim", "create", "account", "", "none"),
        ("cli:ops", "change", "member", "", "owner"),
    ]
    assert await roles(store, hall) == {"kim": "owner"}
    with pytest.raises(UnknownSubject, match="There is no account 99"):
        async with store.write() as db:
            await set_role(db, hall, 99, Role.AUTHOR, by=OPERATOR, at=AT)


@pytest.mark.parametrize(
    ("acting", "changes"),
    [
        (Role.AUTHOR, set()),
        (Role.MODERATOR, set()),
        (Role.ORGANISER, {(a, b) for a in Role for b in Role if Role.OWNER not in {a, b}}),
        (Role.OWNER, {(a, b) for a in Role for b in Role}),
    ],
)
async def test_member_changes_roles_that_it_may_give(
    store: Store, hall: Wall, acting: Role, changes: set[tuple[Role, Role]]
) -> None:
    by = await a_member(store, hall, acting, "acting")
    await a_member(store, hall, Role.OWNER, "another")
    kim = (await a_member(store, hall, Role.AUTHOR, "kim")).account
    done = set()
    for before in Role:
        for after in Role:
            await give(store, hall, kim, before)
            try:
                await give(store, hall, kim, after, by)
                done.add((before, after))
            except PermissionDenied:
                assert (await roles(store, hall))["kim"] == before
    assert done == changes


async def test_account_that_is_not_a_member_joins_by_invitation_alone(store: Store, hall: Wall, kim: Account) -> None:
    owner = await a_member(store, hall, Role.OWNER)
    with pytest.raises(UnknownSubject, match=f"There is no member {kim.id} on “hall”"):
        await give(store, hall, kim, Role.AUTHOR, owner)


async def test_last_owner_stays(store: Store, hall: Wall) -> None:
    owner, second = [await a_member(store, hall, Role.OWNER, login) for login in ("owner", "second")]
    async with store.write() as db:
        await disable_account(db, second.account, OPERATOR, AT)
    for by in (owner, OPERATOR):
        with pytest.raises(LastOwner, match=r"^“owner” is the last owner of “hall”: make another member"):
            await give(store, hall, owner.account, Role.ORGANISER, by)
        with pytest.raises(LastOwner):
            await remove(store, hall, owner.account, by)
    await a_member(store, hall, Role.OWNER, "third")
    await remove(store, hall, owner.account, owner)
    assert await roles(store, hall) == {"second": "owner", "third": "owner"}


async def test_members_remove_those_whose_roles_they_may_give_and_themselves(store: Store, hall: Wall) -> None:
    owner, organiser, moderator, author = [await a_member(store, hall, role) for role in reversed(Role)]
    with pytest.raises(PermissionDenied):
        await remove(store, hall, owner.account, organiser)
    with pytest.raises(PermissionDenied):
        await remove(store, hall, author.account, moderator)
    with pytest.raises(PermissionDenied):  # an API token does not leave for its account
        await remove(store, hall, author.account, Principal(author.account, scopes=frozenset({Permission.VIEW})))
    await remove(store, hall, moderator.account, organiser)
    assert await told(store) == [("person:organiser", "remove", "member", "moderator", "")]
    await remove(store, hall, author.account, author)
    assert await roles(store, hall) == {"owner": "owner", "organiser": "organiser"}
    with pytest.raises(PermissionDenied):
        await remove(store, hall, organiser.account, author)
    with pytest.raises(UnknownSubject):
        await remove(store, hall, author.account, author)


async def test_who_loses_a_right_to_invite_loses_the_open_invitations(store: Store, hall: Wall) -> None:
    owner, second = [await a_member(store, hall, Role.OWNER, login) for login in ("owner", "second")]
    async with store.write() as db:
        for role in Role:
            await invite(db, hall, role, by=second, at=AT)
        await invite(db, hall, Role.OWNER, by=owner, at=AT)

    async def left() -> list[tuple[str, str | None]]:
        async with store.read() as db:
            return sorted((each.role, by) for each, by in await list_invitations(db, hall, AT))

    assert len(await left()) == 5
    await give(store, hall, second.account, Role.ORGANISER, owner)
    lesser = [(role, "second") for role in (Role.AUTHOR, Role.MODERATOR, Role.ORGANISER)]
    assert await left() == sorted([*lesser, (Role.OWNER, "owner")])
    await remove(store, hall, second.account, owner)
    assert await left() == [("owner", "owner")]


async def test_permissions_are_those_of_now_and_within_the_scopes(store: Store, hall: Wall) -> None:
    elsewhere, moderator = await a_hall(store, "quay"), await a_member(store, hall, Role.MODERATOR)
    limited = Principal(moderator.account, scopes=frozenset({Permission.VIEW, Permission.OWNERS}))

    async def permissions(principal: Principal, wall: Wall) -> frozenset[Permission]:
        async with store.read() as db:
            return await permissions_on(db, principal, wall)

    assert await permissions(moderator, hall) == {Permission.VIEW, Permission.MODERATE}
    assert await permissions(limited, hall) == {Permission.VIEW}
    assert await permissions(moderator, elsewhere) == frozenset()
    async with store.write() as db:
        await set_admin(db, moderator.account, OPERATOR, AT, is_admin=True)
    assert await permissions(moderator, elsewhere) == EVERYTHING
    assert await permissions(limited, elsewhere) == limited.scopes
    async with store.write() as db:
        await disable_account(db, moderator.account, OPERATOR, AT)
    assert await permissions(moderator, hall) == frozenset()


async def test_walls_of_a_member_are_its_own_and_of_an_administrator_all(store: Store, hall: Wall) -> None:
    await a_hall(store, "quay")
    member = await a_member(store, hall, Role.AUTHOR)
    admin = await signed_in(store, await an_account(store, "admin", is_admin=True))
    async with store.read() as db:
        assert [(wall.slug, role) for wall, role in await walls_of(db, member.account)] == [("hall", Role.AUTHOR)]
        assert [(wall.slug, role) for wall, role in await walls_of(db, admin.account)] == [
            ("hall", None),
            ("quay", None),
        ]


async def test_owners_who_remove_one_another_at_once_leave_one(postgresql_store: Store) -> None:
    store = postgresql_store
    hall = await a_hall(store)
    owners = [await a_member(store, hall, Role.OWNER, f"owner{number}") for number in range(4)]
    pairs = zip(owners, [*owners[1:], owners[0]], strict=True)
    done = await asyncio.gather(
        *(remove(store, hall, other.account, by) for by, other in pairs), return_exceptions=True
    )
    left = await roles(store, hall)
    assert set(left.values()) == {"owner"}
    assert {type(each) for each in done} <= {type(None), LastOwner, PermissionDenied}
    assert (await reread(store, "owner0")).disabled_at is None
