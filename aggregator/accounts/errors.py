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


class PasskeyRefused(AccountError):
    """A passkey that is unknown, was removed, is of a disabled account, or whose answer is wrong."""

    def __init__(self) -> None:
        super().__init__("Passkey not accepted: it does not belong to an account here. Sign in another way.")


class WrongPasskey(AccountError):
    """The passkey does not belong to the signed-in account, or its answer is wrong."""

    def __init__(self) -> None:
        super().__init__("Wrong passkey: use one of your account.")


class PasskeysUnavailable(AccountError):
    """Browsers make no passkeys for the address of this server."""


class ChallengeEnded(AccountError):
    """The second step of a way to sign in came too late, twice, or without the first."""

    def __init__(self) -> None:
        super().__init__("Too late: this took longer than five minutes, or was sent twice. Start again.")


class LastWayIn(AccountError):
    """The account would be left without a way to sign in."""

    def __init__(self) -> None:
        super().__init__("This is the only way into your account: set a password or add another passkey first.")


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
