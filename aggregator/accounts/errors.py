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


class ProviderUnavailable(AccountError):
    """The organisation's OpenID provider does not answer, or not as it should. `reason` is for the operator."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name} cannot be reached to sign you in: try again in a minute, then tell your organiser.")
        self.reason = reason


class InvalidIdentity(AccountError):
    """What the organisation's provider has sent does not prove who somebody is. `reason` is for the operator."""

    def __init__(self, reason: str) -> None:
        super().__init__("Sign-in not accepted: what came back is not valid. Start again, or tell your organiser.")
        self.reason = reason


class AccountUnconnected(AccountError):
    """The person's login is that of an account which is not connected to their identity."""

    def __init__(self, login: str) -> None:
        super().__init__(f"An account “{login}” is here already: sign in to it another way, and connect it.")


class ConnectedElsewhere(AccountError):
    """The person's identity belongs to another account than the one to connect."""

    def __init__(self) -> None:
        super().__init__("You are connected to another account here already: sign out, then sign in by its button.")


class NotWelcome(AccountError):
    """The organisation knows the person, and this server does not let them in."""

    def __init__(self) -> None:
        super().__init__("Your organisation knows you, but you are not on the list of this server: ask an organiser.")


class EmailUnverified(AccountError):
    """The person would be welcome by an e-mail address that the organisation has not verified."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} has not verified your e-mail address: confirm it there, then sign in again.")


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
