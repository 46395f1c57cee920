"""An organisation whose people sign in through its OpenID provider: who of them is welcome, and with which roles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from aggregator.accounts.roles import Role
from aggregator.settings import Settings

Claims = Mapping[str, Any]
"""What a provider says of a person, by the names of OpenID Connect Core 1.0, section 5.1."""
CALLBACK: Final = "/api/session/organisation/callback"
"""The path that a provider leads back to; it is registered there."""
ADMIN: Final = "admin"
EVERY_WALL: Final = "*"


class Grant(NamedTuple):
    """What people with `value` in the organisation's claim get: a role on a wall, or without one everything."""

    value: str
    role: Role | None
    wall: str = ""


@dataclass(frozen=True)
class Organisation:
    """The provider, and the operator's decisions about its people. `claim` is a path with dots."""

    issuer: str
    client_id: str
    client_secret: str
    name: str
    redirect_uri: str
    scopes: str = "openid profile email"
    email_domains: tuple[str, ...] = ()
    claim: str = ""
    grants: tuple[Grant, ...] = ()
    is_only_way: bool = False

    def granted(self, claims: Claims) -> list[Grant]:
        """Return what the claim gives to this person."""
        values = _values(claims, self.claim)
        return [grant for grant in self.grants if grant.value in values]

    def is_welcome(self, claims: Claims) -> bool:
        """Whether this person may sign in: by the domain of a verified e-mail address, or by the claim."""
        domain = verified_email(claims).rpartition("@")[2]
        return bool(domain and domain in self.email_domains) or bool(self.granted(claims))

    def lacks_verification(self, claims: Claims) -> bool:
        """Whether this person would be welcome if the provider had verified the e-mail address."""
        return not self.is_welcome(claims) and self.is_welcome({**claims, "email_verified": True})

    @property
    def decides_admins(self) -> bool:
        """Whether the claim says who is an administrator."""
        return any(grant.role is None for grant in self.grants)


def organisation_of(settings: Settings) -> Organisation | None:
    """Return the organisation of these settings, which have been checked; None if none is set."""
    if not settings.oidc_issuer:
        return None
    return Organisation(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_secret,
        name=settings.oidc_name or urlsplit(settings.oidc_issuer).hostname or "",
        redirect_uri=settings.public_url + CALLBACK,
        scopes=settings.oidc_scopes,
        email_domains=tuple(domain.lower() for domain in settings.oidc_email_domains),
        claim=settings.oidc_claim,
        grants=tuple(map(_grant, settings.oidc_roles)),
        is_only_way=settings.oidc_only,
    )


def verified_email(claims: Claims) -> str:
    """Return the e-mail address in lower case if the provider has verified it, else empty."""
    email = claims.get("email")
    return email.lower() if isinstance(email, str) and claims.get("email_verified") in (True, "true") else ""


def _grant(text: str) -> Grant:
    """Read `value=admin` or `value=role:wall`; a value may have `=` in it."""
    value, _, gives = text.rpartition("=")
    if gives == ADMIN:
        return Grant(value, None)
    role, _, wall = gives.partition(":")
    return Grant(value, Role(role), wall)


def _values(claims: Claims, path: str) -> frozenset[str]:
    """Return the claim's values: one text, or the texts of a list."""
    found: Any = claims
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    values = found if isinstance(found, list) else [found]
    return frozenset(each for each in values if isinstance(each, str))
