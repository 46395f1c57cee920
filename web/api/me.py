"""The account that is signed in, as the API tells of it after each log-in."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from aggregator.accounts.access import Principal, permissions_of
from aggregator.accounts.members import walls_of
from aggregator.accounts.roles import EVERYTHING, Permission, Role
from aggregator.accounts.sessions import CONFIRMATION_LIFETIME
from aggregator.accounts.tables import Account
from aggregator.accounts.ways_in import ways_of
from aggregator.store.sql import stored_id
from aggregator.store.store import Session
from aggregator.walls.walls import COLOURS
from web.api.bodies import LOGIN, NAME


class Person(BaseModel):
    """An account."""

    id: int
    login: str = Field(description="A user name or an e-mail address, folded.", examples=[LOGIN])
    name: str = Field(examples=[NAME])


class OwnAccount(Person):
    """The account that is signed in."""

    is_admin: bool = Field(description="Whether it may do everything on every wall.")


class OwnWays(BaseModel):
    """By what the account can sign in, and confirm that it is still the same person."""

    password: bool
    passkey: bool
    organisation: bool


class OwnWall(BaseModel):
    """A wall on whose desk the account may be."""

    slug: str = Field(examples=["harbour26"])
    name: str = Field(examples=["Harbour 26"])
    hashtag: str = Field(description="Without `#`; empty if the wall has none.", examples=["harbour26"])
    look: dict[str, str] = Field(description="Its two colours, `accent` and `highlight`, as far as it has its own.")
    role: Role | None = Field(description="Null for an administrator who is not a member.")
    permissions: list[Permission] = Field(description="What it may do there; for an API token, within its scopes.")


class CurrentSession(BaseModel):
    """The session of the cookie."""

    id: str
    expires_at: datetime = Field(description="When it ends at the latest.")
    confirmed_at: datetime = Field(description="When the password or a passkey was last given.")
    confirmed_until: datetime = Field(description="Until when dangerous acts are permitted.")
    confirmed_seconds: int = Field(description="The seconds since then.", examples=[42])


class Me(BaseModel):
    """Who is signed in, and where."""

    account: OwnAccount
    ways: OwnWays
    walls: list[OwnWall]
    session: CurrentSession | None = Field(description="Null for an API token.")


def person(account: Account) -> Person:
    """Return an account as other members see it."""
    return Person(id=stored_id(account), login=account.login, name=account.name)


async def read_me(db: Session, principal: Principal, at: datetime) -> Me:
    """Return who is signed in, with walls and roles."""
    account, session = principal.account, principal.session
    walls = []
    for wall, role in await walls_of(db, account):
        permitted = principal.scopes & (EVERYTHING if account.is_admin else permissions_of(role))
        ordered = [each for each in Permission if each in permitted]
        about = wall.model_dump(include={"slug", "name", "hashtag"})
        about["look"] = {name: wall.look[name] for name in COLOURS if name in wall.look}
        walls.append(OwnWall.model_validate(about | {"role": role, "permissions": ordered}))
    own = OwnAccount(id=stored_id(account), login=account.login, name=account.name, is_admin=account.is_admin)
    current = None
    if session is not None:
        current = CurrentSession(
            id=session.id,
            expires_at=session.expires_at,
            confirmed_at=session.confirmed_at,
            confirmed_until=session.confirmed_at + CONFIRMATION_LIFETIME,
            confirmed_seconds=max(0, int((at - session.confirmed_at).total_seconds())),
        )
    ways = OwnWays.model_validate((await ways_of(db, account))._asdict())
    return Me(account=own, ways=ways, walls=walls, session=current)
