"""Errors about accounts. `str()` of each is one plain sentence, which never says whether a login is known."""

from __future__ import annotations


class AccountError(Exception):
    """A request about an account that cannot be fulfilled."""


class InvalidDetails(AccountError):
    """A login, a name, a password or a role that cannot be taken."""


class LoginTaken(AccountError):
    """The login belongs to another account."""


class LoginFailed(AccountError):
    """Login and password do not belong together, or the account is disabled."""

    def __init__(self) -> None:
        super().__init__("Log-in failed: check the login and the password.")


class WrongPassword(AccountError):
    """The password of the signed-in account is another one."""

    def __init__(self) -> None:
        super().__init__("Wrong password: type the password of your account.")


class PermissionDenied(AccountError):
    """The acting account may not do this."""


class UnknownSubject(AccountError):
    """A session, a member, an invitation, a token or an account that is not there."""


class InvalidLink(AccountError):
    """A one-time link or an invitation that is unknown, expired, taken back or used."""

    def __init__(self) -> None:
        super().__init__("Invalid link: it is unknown, has expired or has been used. Ask for a new one.")


class AlreadyMember(AccountError):
    """The account has this role on the wall, or a higher one."""


class LastOwner(AccountError):
    """The wall would be left without an owner."""


class HasherBusy(AccountError):
    """Too many passwords wait to be checked."""

    def __init__(self) -> None:
        super().__init__("Too many log-ins at once: try again in a few seconds.")
