"""The tables of ways to sign in besides a password, and of what was asked of a browser in their first step."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, Text
from sqlmodel import Field, SQLModel

from aggregator.accounts.secret_tokens import new_id
from aggregator.timestamps import UtcDateTime


class Passkey(SQLModel, table=True):
    """A WebAuthn credential of an account: its public key, by which a browser proves that it has the private one.

    `credential_id` and `user_handle` are in base64url, as browsers send them. `sign_count` is what the authenticator
    said last: 0 where it does not count.
    """

    __table_args__ = (Index("passkey_by_account", "account_id"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    account_id: int = Field(sa_column=Column(ForeignKey("account.id", ondelete="CASCADE"), nullable=False))
    name: str
    credential_id: str = Field(sa_type=Text, unique=True)
    user_handle: str
    public_key: bytes
    sign_count: int = Field(sa_type=BigInteger)
    transports: list[str] = Field(sa_type=JSON)
    created_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Identity(SQLModel, table=True):
    """Who an account is at an OpenID provider: `issuer` and `subject` together never belong to anybody else."""

    __table_args__ = (Index("identity_by_account", "account_id"),)

    issuer: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    account_id: int = Field(sa_column=Column(ForeignKey("account.id", ondelete="CASCADE"), nullable=False))
    created_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime = Field(sa_type=UtcDateTime)


class Challenge(SQLModel, table=True):
    """What was asked of a browser in the first step of a way to sign in. The second step deletes it.

    `details` are what the second step needs to know of the first; the secret itself is stored as a digest.
    """

    token_hash: str = Field(primary_key=True, repr=False)
    purpose: str = Field(sa_type=Text)
    details: dict[str, Any] = Field(sa_type=JSON, repr=False)
    expires_at: datetime = Field(sa_type=UtcDateTime)
