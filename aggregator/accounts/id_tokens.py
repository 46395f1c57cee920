"""ID tokens (OpenID Connect Core 1.0, section 3.1.3.7): whether one is of this provider, for us, and of this log-in."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jwt import JWTClaimsRegistry, decode

from aggregator.accounts.errors import InvalidIdentity
from aggregator.accounts.openid_provider import OpenIdProvider
from aggregator.accounts.organisation import Claims, Organisation

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519")
"""Signatures by a private key. `none`, and those by a secret that this server shares, are refused."""
CLOCK_SKEW: Final = 60
"""Seconds by which two clocks may differ."""
MAX_SUBJECT: Final = 255
"""Characters (section 2, “sub”)."""


async def verified_claims(provider: OpenIdProvider, id_token: str, nonce: str, at: datetime) -> Claims:
    """Return the claims of an ID token. A signature that no known key fits is tried again with new keys.

    Raises InvalidIdentity, ProviderUnavailable.
    """
    try:
        try:
            claims = _decoded(id_token, await provider.keys(at))
        except (InvalidKeyIdError, BadSignatureError):
            claims = _decoded(id_token, await provider.keys(at, anew=True))
        check(provider.organisation, claims, nonce, at)
    except (JoseError, ValueError, TypeError) as error:
        raise InvalidIdentity(f"invalid ID token: {error}") from error
    return claims


def check(organisation: Organisation, claims: Claims, nonce: str, at: datetime) -> None:
    """Raise JoseError or InvalidIdentity unless issuer, audience, times and nonce are as they should be."""
    registry = JWTClaimsRegistry(
        now=int(at.timestamp()),
        leeway=CLOCK_SKEW,
        iss={"essential": True, "value": organisation.issuer},
        aud={"essential": True, "value": organisation.client_id},
        nonce={"essential": True, "value": nonce},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    )
    registry.validate(dict(claims))
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", None if several else organisation.client_id) != organisation.client_id:
        raise InvalidIdentity("the ID token was issued to another party")
    if not 0 < len(claims["sub"]) <= MAX_SUBJECT:
        raise InvalidIdentity("the ID token has no usable subject")


def _decoded(id_token: str, keys: KeySet) -> dict[str, Any]:
    return dict(decode(id_token, keys, algorithms=ALGORITHMS).claims)
