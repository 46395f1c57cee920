"""The audit trail: who did what to which subject, when and why. It never holds a post's words."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Column, Index, Text, text
from sqlmodel import Field, SQLModel

from aggregator.audit.actor import Actor, ActorKind
from aggregator.timestamps import UtcDateTime, now

WITH_ADDRESS = text("address <> ''")


class Action(StrEnum):
    """What was done. `hide` and `approve` are about a post or an author; `end` is a source's own end.

    `hide` about a source is about all that it has brought.
    `revoke` ends an invitation, an API token or a session. `log_in` says by which way in `after`.
    `edit` is an author's edit: no entry has it, but whoever decides about a post hears of it (moderation/conflicts.py).
    """

    HIDE = "hide"
    APPROVE = "approve"
    WITHDRAW = "withdraw"
    HOLD = "hold"
    BRING_BACK = "bring_back"
    TRUST = "trust"
    DISTRUST = "distrust"
    CLEAR = "clear"
    FREEZE = "freeze"
    RELEASE = "release"
    PIN = "pin"
    UNPIN = "unpin"
    MARK_NUGGET = "mark_nugget"
    UNMARK_NUGGET = "unmark_nugget"
    COVER_MEDIA = "cover_media"
    UNCOVER_MEDIA = "uncover_media"
    NOTE = "note"
    UNDO = "undo"
    EDIT = "edit"
    CREATE = "create"
    CHANGE = "change"
    REMOVE = "remove"
    FOLLOW = "follow"
    UNFOLLOW = "unfollow"
    END = "end"
    PAUSE = "pause"
    RESUME = "resume"
    BACKUP = "backup"
    RESTORE = "restore"
    MAKE_LINK = "make_link"
    SET_PASSWORD = "set_password"  # noqa: S105  # an act, not a password
    DISABLE = "disable"
    ENABLE = "enable"
    INVITE = "invite"
    ACCEPT = "accept"
    REVOKE = "revoke"
    LOG_IN = "log_in"
    OPT_OUT = "opt_out"
    END_OPT_OUT = "end_opt_out"


class SubjectKind(StrEnum):
    """What an entry is about; the store is all walls together."""

    POST = "post"
    AUTHOR = "author"
    WALL = "wall"
    SOURCE = "source"
    STORE = "store"
    ACCOUNT = "account"
    MEMBER = "member"
    INVITATION = "invitation"
    API_TOKEN = "api_token"  # noqa: S105  # a kind, not a token
    SESSION = "session"
    PASSKEY = "passkey"
    OPT_OUT = "opt_out"


class AuditEntry(SQLModel, table=True):
    """One act.

    `subject` is a post's short id, an author's bare handle, a wall's slug, a source's number, the login of an account
    or a member, or the id of an invitation, an API token, a session, a passkey or an opt-out from all walls.

    `wall_id` is empty where the act is about all walls, or about a wall that is not there any more: a later wall may
    get the number of a removed one. `before` and `after` are states, or the settings that have changed, as JSON.

    An act about many posts is one entry, and each of its posts has another: `act_id` is the number of the act's.

    `address` is the network that a request came from, for as long as `ADDRESS_LIFETIME`; empty for all other acts.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("audit_entry_by_wall", "wall_id", "id"),
        Index("audit_entry_by_address", "at", sqlite_where=WITH_ADDRESS, postgresql_where=WITH_ADDRESS),
    )

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    actor_kind: ActorKind = Field(sa_type=Text)
    actor: str = ""
    action: Action = Field(sa_type=Text)
    wall_id: int | None = None
    subject_kind: SubjectKind = Field(sa_type=Text)
    subject: str = ""
    before: str = Field(default="", sa_type=Text)
    after: str = Field(default="", sa_type=Text)
    why: str = Field(default="", sa_type=Text)
    act_id: int | None = None
    address: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))

    @property
    def by(self) -> Actor:
        """Who acted."""
        return Actor(ActorKind(self.actor_kind), self.actor)
