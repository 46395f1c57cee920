"""Signing in through an organisation's OpenID provider: begun here, continued there, and finished here.

Who comes back is known by issuer and subject alone: an e-mail address may pass to somebody else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from aggregator.accounts.access import Principal
from aggregator.accounts.challenges import Purpose, answered, pose
from aggregator.accounts.errors import EmailUnverified, InvalidIdentity, NotWelcome
from aggregator.accounts.grants import give
from aggregator.accounts.id_tokens import CLOCK_SKEW, verified_claims
from aggregator.accounts.identities import account_for
from aggregator.accounts.log_ins import WayIn, record_log_in
from aggregator.accounts.lookup import lock_account
from aggregator.accounts.openid_provider import OpenIdProvider
from aggregator.accounts.organisation import Claims
from aggregator.accounts.secret_tokens import new_secret
from aggregator.accounts.sessions import CONFIRMATION_LIFETIME, NewSession, log_out, start_session
from aggregator.store.sql import stored_id
from aggregator.store.store import Store

SKEW: Final = timedelta(seconds=CLOCK_SKEW)


class Begun(NamedTuple):
    """Where the browser goes, and the state that it must bring back and keep in a cookie."""

    url: str
    state: str


class Finished(NamedTuple):
    """The session that has begun, and the path where the person wanted to go."""

    new: NewSession
    next: str


@dataclass(frozen=True)
class Wish:
    """What is wanted: `again` is to confirm that it is the same person, `link` the number of an account to connect."""

    next: str = ""
    again: bool = False
    link: int | None = None


async def begin(store: Store, provider: OpenIdProvider, wish: Wish, at: datetime) -> Begun:
    """Begin to sign in. Raises ProviderUnavailable."""
    nonce, verifier = new_secret(), new_secret()
    details = {"nonce": nonce, "verifier": verifier, "next": wish.next, "again": wish.again, "link": wish.link}
    async with store.write() as db:
        state = await pose(db, Purpose.ORGANISATION, at, details)
    url = await provider.authorization_url(state=state, nonce=nonce, verifier=verifier, at=at, sign_in_again=wish.again)
    return Begun(url, state)


async def finish(
    store: Store,
    provider: OpenIdProvider,
    principal: Principal | None,
    *,
    code: str,
    state: str,
    user_agent: str,
    earlier: str,
    at: datetime,
) -> Finished:
    """Begin the session of the person with whom the provider leads back. `principal` is who is signed in so far.

    Raises ChallengeEnded, InvalidIdentity, NotWelcome, EmailUnverified, AccountUnconnected,
    ConnectedElsewhere, ProviderUnavailable.
    """
    begun = await answered(store, state, Purpose.ORGANISATION, at)
    tokens = await provider.exchange(code, begun["verifier"], at)
    claims = await verified_claims(provider, tokens.id_token, begun["nonce"], at)
    claims = _together(claims, await provider.user_info(tokens.access_token, at))
    confirmed_at = _confirmed_at(claims, again=begun["again"], at=at)
    _must_be_welcome(provider, claims)
    link = principal.account if principal is not None and principal.account.id == begun["link"] else None
    if begun["link"] is not None and link is None:
        raise InvalidIdentity("another account is signed in than the one to connect")
    async with store.write() as db:
        account = await account_for(db, provider.organisation, claims, at, link=link)
    await give(store, provider.organisation, account, claims, at)
    async with store.write() as db:
        current = await lock_account(db, stored_id(account))
        if current.disabled_at is not None:
            raise NotWelcome
        await log_out(db, earlier)
        await record_log_in(db, current, WayIn.ORGANISATION)
        return Finished(await start_session(db, current, user_agent, at, confirmed_at=confirmed_at), begun["next"])


def _together(claims: Claims, more: Mapping[str, Any]) -> Claims:
    """Return the claims of the ID token with those beside it, which must be about the same person (section 5.3.2)."""
    if more and more.get("sub") != claims["sub"]:
        raise InvalidIdentity("the user info is about another person than the ID token")
    return {**more, **claims}


def _must_be_welcome(provider: OpenIdProvider, claims: Claims) -> None:
    organisation = provider.organisation
    if organisation.lacks_verification(claims):
        raise EmailUnverified(organisation.name)
    if not organisation.is_welcome(claims):
        raise NotWelcome


def _confirmed_at(claims: Claims, *, again: bool, at: datetime) -> datetime:
    """Return when the person last gave a password there: what the provider says, or a while ago if it says nothing.

    Raises InvalidIdentity where the person should have given it now.
    """
    given = claims.get("auth_time")
    if isinstance(given, int | float):
        confirmed_at = min(at, datetime.fromtimestamp(given, UTC))
        if again and at - confirmed_at > CONFIRMATION_LIFETIME + SKEW:
            raise InvalidIdentity("the provider did not ask for the password again")
        return confirmed_at
    return at if again else at - CONFIRMATION_LIFETIME
