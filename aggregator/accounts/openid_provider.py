"""An OpenID provider: its discovery document and keys, and the exchange of a code for tokens.

Sources: OpenID Connect Discovery 1.0, section 4; OpenID Connect Core 1.0, section 3.1; PKCE (RFC 7636).
"""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final, NamedTuple
from urllib.parse import quote_plus, urlencode

from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet

from aggregator.accounts.errors import InvalidIdentity, ProviderUnavailable
from aggregator.accounts.organisation import Organisation
from connectors.errors import ConnectorError, Rejected
from connectors.http.client import Http, Reply

WELL_KNOWN: Final = "/.well-known/openid-configuration"
METADATA_LIFETIME: Final = timedelta(hours=1)
MAX_REPLY: Final = 512 * 1024
"""Bytes: key sets with certificates are long."""
FORM: Final = "application/x-www-form-urlencoded"
JSON: Final = "application/json"


class Tokens(NamedTuple):
    """What a code was exchanged for."""

    id_token: str
    access_token: str


class OpenIdProvider:
    """The organisation's provider. What it publishes is kept for an hour; its keys are asked for again by `keys`.

    The guard of `http` holds: a private address must be in the operator's list of allowed hosts.
    """

    def __init__(self, organisation: Organisation, http: Http) -> None:
        self.organisation = organisation
        self._http = http
        self._metadata: dict[str, Any] = {}
        self._keys: KeySet | None = None
        self._read_at: datetime | None = None

    async def authorization_url(
        self, *, state: str, nonce: str, verifier: str, at: datetime, sign_in_again: bool = False
    ) -> str:
        """Return where a browser begins to sign in. `sign_in_again` asks for a password although one was given.

        Raises ProviderUnavailable.
        """
        endpoint = (await self._discovered(at))["authorization_endpoint"]
        challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code",
            "client_id": self.organisation.client_id,
            "redirect_uri": self.organisation.redirect_uri,
            "scope": self.organisation.scopes,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        } | ({"prompt": "login", "max_age": "0"} if sign_in_again else {})
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"

    async def exchange(self, code: str, verifier: str, at: datetime) -> Tokens:
        """Return the tokens for a code. Raises ProviderUnavailable, and InvalidIdentity where it is refused."""
        metadata = await self._discovered(at)
        organisation = self.organisation
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": organisation.redirect_uri,
            "code_verifier": verifier,
        }
        headers = {}
        if not organisation.client_secret:
            form["client_id"] = organisation.client_id
        elif "client_secret_basic" in metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"]):
            both = f"{quote_plus(organisation.client_id)}:{quote_plus(organisation.client_secret)}"  # RFC 6749, 2.3.1
            headers["Authorization"] = f"Basic {b64encode(both.encode()).decode()}"
        else:
            form |= {"client_id": organisation.client_id, "client_secret": organisation.client_secret}
        answer = await self._ask(metadata["token_endpoint"], headers, form)
        id_token, access_token = answer.get("id_token"), answer.get("access_token")
        if not isinstance(id_token, str) or not isinstance(access_token, str):
            raise InvalidIdentity("the token endpoint gave no ID token")
        return Tokens(id_token, access_token)

    async def keys(self, at: datetime, *, anew: bool = False) -> KeySet:
        """Return the keys that sign ID tokens; `anew` asks again, because keys are replaced at any time.

        Raises ProviderUnavailable.
        """
        metadata = await self._discovered(at)
        if self._keys is None or anew:
            published = (await self._ask(metadata["jwks_uri"], {})).get("keys")
            keys = [key for each in published for key in _usable(each)] if isinstance(published, list) else []
            if not keys:
                raise ProviderUnavailable(self.organisation.name, "its key set has no usable key")
            self._keys = KeySet(keys)
        return self._keys

    async def user_info(self, access_token: str, at: datetime) -> Mapping[str, Any]:
        """Return what the provider says of a person beside the ID token.

        Raises ProviderUnavailable, InvalidIdentity.
        """
        endpoint = (await self._discovered(at)).get("userinfo_endpoint")
        return await self._ask(endpoint, {"Authorization": f"Bearer {access_token}"}) if endpoint else {}

    async def _discovered(self, at: datetime) -> dict[str, Any]:
        if self._read_at is None or at - self._read_at >= METADATA_LIFETIME:
            issuer = self.organisation.issuer
            found = await self._ask(issuer.rstrip("/") + WELL_KNOWN, {})
            if found.get("issuer") != issuer:
                raise ProviderUnavailable(self.organisation.name, f"its issuer is {found.get('issuer')}, not {issuer}")
            wanted = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            if not all(isinstance(found.get(name), str) for name in wanted):
                raise ProviderUnavailable(self.organisation.name, f"its discovery document lacks one of {wanted}")
            self._metadata, self._keys, self._read_at = found, None, at
        return self._metadata

    async def _ask(self, url: str, headers: Mapping[str, str], form: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Return the JSON object at `url`, to which a `form` is sent."""
        try:
            with self._http.trusting(url):
                reply = await self._send(url, headers, form)
            found = json.loads(reply.body)
        except Rejected as refused:
            raise InvalidIdentity(f"{refused} {refused.body[:200]!r}") from refused
        except (ConnectorError, ValueError, RecursionError) as error:
            raise ProviderUnavailable(self.organisation.name, str(error)) from error
        if not isinstance(found, dict):
            raise ProviderUnavailable(self.organisation.name, f"{url} is not a JSON object")
        return found

    async def _send(self, url: str, headers: Mapping[str, str], form: Mapping[str, str] | None) -> Reply:
        if form is None:
            return await self._http.get(url, headers=headers, accept=JSON, limit=MAX_REPLY)
        body = urlencode(form).encode()
        return await self._http.post(url, body, headers=headers, content_type=FORM, accept=JSON, limit=MAX_REPLY)


def _usable(published: Any) -> list[Key]:
    """Return the key, unless it is of a kind that is not known here (RFC 7517, section 5)."""
    try:
        return KeySet.import_key_set({"keys": [published]}).keys
    except (JoseError, KeyError, TypeError, ValueError, AttributeError):
        return []
