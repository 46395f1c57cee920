"""Invitations: who may make them, and that each is used once, by the one who has its link."""

from __future__ import annotations

import asyncio
from datetime import datetime

import pytest

from aggregator.accounts.access import By, role_on
from aggregator.accounts.administration import disable_account
from aggregator.accounts.errors import (
    AccountError,
    AlreadyMember,
    InvalidDetails,
    InvalidLink,
    LoginTaken,
    PermissionDenied,
    UnknownSubject,
)
from aggregator.accounts.hasher import Hasher
from aggregator.accounts.invitations import (
    INVITATION_LIFETIME,
    MAX_OPEN,
    NewInvitation,
    find_invitation,
    invite,
    list_invitations,
    take_back,
)
from aggregator.accounts.joining import join, join_as_new
from aggregator.accounts.roles import Role
from aggregator.accounts.sessions import NewSession
from aggregator.accounts.tables import Account
from aggregator.retention.walls import remove_wall
from aggregator.store.store import Store
from aggregator.walls.tables import Wall
from tests.accounts import AT, OPERATOR, PASSWORD, a_hall, a_member, an_account, reread, signed_in, told


async def invited(store: Store, wall: Wall, role: Role = Role.MODERATOR, by: By = OPERATOR) -> NewInvitation:
    async with store.write() as db:
        return await invite(db, wall, role, by=by, at=AT)


async def come(store: Store, hasher: Hasher, token: str, login: str = "kim", at: datetime = AT) -> NewSession:
    return await join_as_new(store, hasher, token, PASSWORD, login=login, name=login, user_agent="Firefox", at=at)


async def open_ids(store: Store, wall: Wall) -> list[str]:
    async with store.read() as db:
        return [each.id for each, _ in await list_invitations(db, wall, AT)]


async def role_of(store: Store, login: str, wall: Wall) -> Role | None:
    account = await reread(store, login)
    async with store.read() as db:
        return await role_on(db, account, wall)


async def test_invitation_makes_an_account_and_a_member_once(store: Store, hasher: Hasher, hall: Wall) -> None:
    made = await invited(store, hall)
    assert await told(store) == [("cli:ops", "invite", "invitation", "", "moderator")]
    begun = await come(store, hasher, made.token, "Kim")
    assert (begun.account.login, begun.account.is_admin) == ("kim", False)
    assert await role_of(store, "kim", hall) == Role.MODERATOR
    assert await told(store, 2) == [
        ("person:kim", "create", "account", "", "none"),
        ("person:kim", "accept", "member", "", "moderator"),
    ]
    assert await open_ids(store, hall) == []
    with pytest.raises(InvalidLink):
        await come(store, hasher, made.token, "lee")


async def test_signed_in_account_joins_with_its_own_name(store: Store, hall: Wall, kim: Account) -> None:
    principal, made = await signed_in(store, kim), await invited(store, hall, Role.AUTHOR)
    async with store.write() as db:
        assert (await join(db, made.token, principal, AT)).slug == "hall"
    for role, expected in [(Role.AUTHOR, Role.AUTHOR), (Role.ORGANISER, Role.ORGANISER), (Role.MODERATOR, None)]:
        again = await invited(store, hall, role)
        if expected == Role.ORGANISER:
            async with store.write() as db:
                await join(db, again.token, principal, AT)
            continue
        with pytest.raises(AlreadyMember, match="You are a member of “hall” already"):
            async with store.write() as db:
                await join(db, again.token, principal, AT)
        assert again.invitation.id in await open_ids(store, hall)
    assert await role_of(store, "kim", hall) == Role.ORGANISER
    last = await invited(store, hall, Role.OWNER)
    async with store.write() as db:
        await disable_account(db, kim, OPERATOR, AT)
    with pytest.raises(InvalidLink):
        async with store.write() as db:
            await join(db, last.token, principal, AT)


async def test_invitation_is_not_used_up_by_a_mistake(store: Store, hasher: Hasher, hall: Wall, kim: Account) -> None:
    made = await invited(store, hall)
    with pytest.raises(LoginTaken, match=r"^The login “kim” is taken: choose another, or log in with it and open"):
        await come(store, hasher, made.token, "KIM")
    with pytest.raises(InvalidDetails):
        await come(store, hasher, made.token, "two words")
    assert (await reread(store, "kim")).id == kim.id
    await come(store, hasher, made.token, "lee")


async def test_invitation_expires_or_is_taken_back(store: Store, hasher: Hasher, hall: Wall) -> None:
    late, back, other = await invited(store, hall), await invited(store, hall), await invited(store, hall)
    elsewhere = await a_hall(store, "quay")
    async with store.write() as db:
        await take_back(db, hall, back.invitation.id, by=OPERATOR, at=AT)
        with pytest.raises(UnknownSubject):
            await take_back(db, hall, back.invitation.id, by=OPERATOR, at=AT)
        with pytest.raises(UnknownSubject):
            await take_back(db, elsewhere, other.invitation.id, by=OPERATOR, at=AT)
    assert await told(store) == [("cli:ops", "revoke", "invitation", "moderator", "")]
    for token, at in [(late.token, AT + INVITATION_LIFETIME), (back.token, AT), ("unknown", AT)]:
        with pytest.raises(InvalidLink):
            await come(store, hasher, token, at=at)
    async with store.read() as db:
        invitation, wall = await find_invitation(db, late.token, AT)
        assert (invitation.role, wall.slug) == (Role.MODERATOR, "hall")


@pytest.mark.parametrize(
    ("role", "may_give"),
    [
        (Role.AUTHOR, []),
        (Role.MODERATOR, []),
        (Role.ORGANISER, [Role.AUTHOR, Role.MODERATOR, Role.ORGANISER]),
        (Role.OWNER, list(Role)),
    ],
)
async def test_members_invite_to_roles_that_they_may_give(
    store: Store, hall: Wall, role: Role, may_give: list[Role]
) -> None:
    member, elsewhere = await a_member(store, hall, role), await a_hall(store, "quay")
    given = []
    for each in Role:
        owner_s = await invited(store, hall, each)
        try:
            await invited(store, hall, each, by=member)
            async with store.write() as db:
                await take_back(db, hall, owner_s.invitation.id, by=member, at=AT)
            given.append(each)
        except PermissionDenied:
            assert owner_s.invitation.id in await open_ids(store, hall)
        with pytest.raises(PermissionDenied):
            await invited(store, elsewhere, each, by=member)
    assert given == may_give


async def test_open_invitations_tell_who_made_them_and_are_bounded(store: Store, hall: Wall) -> None:
    owner = await a_member(store, hall, Role.OWNER)
    await invited(store, hall, by=owner)
    async with store.read() as db:
        assert [by for _, by in await list_invitations(db, hall, AT)] == ["owner"]
    async with store.write() as db:
        for _ in range(MAX_OPEN - 1):
            await invite(db, hall, Role.AUTHOR, by=OPERATOR, at=AT)
        with pytest.raises(InvalidDetails, match=r"^100 invitations to “hall” are open"):
            await invite(db, hall, Role.AUTHOR, by=OPERATOR, at=AT)


async def test_removed_wall_takes_its_invitations_and_members_along(
    store: Store, hasher: Hasher, hall: Wall, kim: Account
) -> None:
    made = await invited(store, hall)
    await a_member(store, hall, Role.OWNER)
    async with store.write() as db:
        await remove_wall(db, hall, OPERATOR)
    with pytest.raises(InvalidLink):
        await come(store, hasher, made.token)
    again = await a_hall(store)
    assert await role_of(store, "owner", again) is None
    assert await open_ids(store, again) == []


async def test_of_several_who_use_an_invitation_at_once_one_joins(postgresql_store: Store, hasher: Hasher) -> None:
    store = postgresql_store
    hall = await a_hall(store)
    made = await invited(store, hall)
    lee = await signed_in(store, await an_account(store, "lee"))

    async def lee_joins() -> Wall:
        async with store.write() as db:
            return await join(db, made.token, lee, AT)

    coming = [come(store, hasher, made.token, f"kim{number}") for number in range(4)]
    done = await asyncio.gather(*coming, lee_joins(), return_exceptions=True)
    assert sum(isinstance(each, NewSession | Wall) for each in done) == 1
    assert {type(each) for each in done if isinstance(each, AccountError)} == {InvalidLink}
