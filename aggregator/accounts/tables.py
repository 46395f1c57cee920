"""The tables of accounts. Passwords and secrets are stored as digests alone, which no log shows.

An account may be without a password: other ways to sign in will have tables of their own that refer to it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, Column, ForeignKey, Index, Text
from sqlmodel import Field, SQLModel

from aggregator.accounts.roles import Role
from aggregator.accounts.secret_tokens import new_id
from aggregator.audit.actor import Actor, ActorKind
from aggregator.timestamps import UtcDateTime, now


class Account(SQLModel, table=True):
    """A person who may sign in. `login` is folded (`aggregator.accounts.logins`); accounts are never deleted."""

    id: int | None = Field(default=None, primary_key=True)
    login: str = Field(unique=True)
    name: str
    password_hash: str | None = Field(default=None, sa_type=Text, repr=False)
    is_admin: bool = False
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    disabled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    @property
    def actor(self) -> Actor:
        """The person as the audit trail names them."""
        return Actor(ActorKind.PERSON, self.login)


class FormerLogin(SQLModel, table=True):
    """A login that an account had before. No other account can have it: the audit trail names people by it."""

    __tablename__ = "former_login"

    login: str = Field(primary_key=True)
    account_id: int = Field(sa_column=Column(ForeignKey("account.id", ondelete="CASCADE"), nullable=False))


class Membership(SQLModel, table=True):
    """The role of an account on a wall."""

    __table_args__ = (Index("membership_by_account", "account_id"),)

    wall_id: int = Field(sa_column=Column(ForeignKey("wall.id", ondelete="CASCADE"), primary_key=True))
    account_id: int = Field(sa_column=Column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True))
    role: Role = Field(sa_type=Text)
    joined_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class LoginSession(SQLModel, table=True):
    """A signed-in browser. It ends at `idle_until`, which each use moves, and at `expires_at`, which stays.

    `confirmed_at` is when the password was last given. `id` is public, the token behind `token_hash` is a secret.
    """

    __tablename__ = "login_session"
    __table_args__ = (Index("login_session_by_account", "account_id"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    token_hash: str = Field(unique=True, repr=False)
    account_id: int = Field(sa_column=Column(ForeignKey("account.id", ondelete="CASCADE"), nullable=False))
    user_agent: str = Field(default="", sa_type=Text)
    created_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime = Field(sa_type=UtcDateTime)
    confirmed_at: datetime = Field(sa_type=UtcDateTime)
    idle_until: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)


class Invitation(SQLModel, table=True):
    """An invitation to a role on a wall, for whoever has its secret. It is open until it is used or taken back.

    `made_by` is empty for the command line.
    """

    __table_args__ = (Index("invitation_by_wall", "wall_id"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    token_hash: str = Field(unique=True, repr=False)
    wall_id: int = Field(sa_column=Column(ForeignKey("wall.id", ondelete="CASCADE"), nullable=False))
    role: Role = Field(sa_type=Text)
    made_by: int | None = Field(default=None, foreign_key="account.id")
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    taken_back_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    used_by: int | None = Field(default=None, foreign_key="account.id")
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class OneTimeLink(SQLModel, table=True):
    """A link to the first account, or to a new password of `account_id`. Using it deletes it."""

    __tablename__ = "one_time_link"

    token_hash: str = Field(primary_key=True, repr=False)
    account_id: int | None = Field(
        default=None, sa_column=Column(ForeignKey("account.id", ondelete="CASCADE"), nullable=True)
    )
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)


class ApiToken(SQLModel, table=True):
    """A secret by which a program acts for an account, as far as `scopes` (permissions) allow."""

    __tablename__ = "api_token"
    __table_args__ = (Index("api_token_by_account", "account_id"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    account_id: int = Field(sa_column=Column(ForeignKey("account.id", ondelete="CASCADE"), nullable=False))
    name: str
    token_hash: str = Field(unique=True, repr=False)
    scopes: list[str] = Field(sa_type=JSON)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
