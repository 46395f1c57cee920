"""Roles on a wall and what each may do: the one table of permissions."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """The role of a member on one wall. Each role may do what the one before it may do, and more."""

    AUTHOR = "author"
    MODERATOR = "moderator"
    ORGANISER = "organiser"
    OWNER = "owner"


class Permission(StrEnum):
    """A thing that a member may do on a wall. The scopes of an API token are permissions, too."""

    VIEW = "view"
    """See the desk."""
    MODERATE = "moderate"
    """Decide about posts and authors."""
    CONFIGURE = "configure"
    """Change the wall's settings and its sources."""
    MEMBERS = "members"
    """Invite, change and remove organisers, moderators and authors."""
    OWNERS = "owners"
    """Make and remove owners, and remove the wall."""


EVERYTHING: Final = frozenset(Permission)
"""The permissions of an administrator, on every wall."""
PERMISSIONS: Final[Mapping[Role, frozenset[Permission]]] = {
    Role.AUTHOR: frozenset({Permission.VIEW}),
    Role.MODERATOR: frozenset({Permission.VIEW, Permission.MODERATE}),
    Role.ORGANISER: frozenset({Permission.VIEW, Permission.MODERATE, Permission.CONFIGURE, Permission.MEMBERS}),
    Role.OWNER: EVERYTHING,
}


def needed_to_give(role: Role) -> Permission:
    """Return the permission that giving or taking this role needs."""
    return Permission.OWNERS if role == Role.OWNER else Permission.MEMBERS


def rank(role: Role) -> int:
    """Return the place of a role in the order of the roles, 0 for the lowest."""
    return list(Role).index(role)
