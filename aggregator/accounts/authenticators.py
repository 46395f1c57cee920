"""WebAuthn's two ceremonies, registration and authentication (Web Authentication Level 2, section 7), by `webauthn`.

Each has options, which a browser passes to an authenticator, and an answer, which is verified here. Users must have
been verified, by a finger, a face or a PIN, and credentials must be discoverable: they sign in without a user name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from aggregator.accounts.relying_party import RelyingParty
from aggregator.accounts.secret_tokens import new_secret

Answer = Mapping[str, Any]
"""A credential as `PublicKeyCredential.toJSON()` gives it (WebAuthn Level 3, section 5.1)."""
TIMEOUT: Final = 240_000
"""Milliseconds for the person; the challenge lasts a little longer."""


class InvalidAnswer(Exception):
    """An answer that does not prove what it should."""


class NewPasskey(NamedTuple):
    """A credential that an authenticator has made. The ids are in base64url."""

    credential_id: str
    user_handle: str
    public_key: bytes
    sign_count: int
    transports: list[str]


def creation_options(
    party: RelyingParty, challenge: str, *, user_handle: str, login: str, name: str, existing: Iterable[str] = ()
) -> dict[str, Any]:
    """Return what a browser needs to make a passkey. Authenticators with one of the `existing` credentials decline."""
    from webauthn import generate_registration_options  # noqa: PLC0415  # slow to import, and seldom needed
    from webauthn.helpers import base64url_to_bytes, options_to_json_dict  # noqa: PLC0415
    from webauthn.helpers.structs import (  # noqa: PLC0415
        AuthenticatorSelectionCriteria,
        PublicKeyCredentialDescriptor,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    options = generate_registration_options(
        rp_id=party.id,
        rp_name=party.name,
        user_id=base64url_to_bytes(user_handle),
        user_name=login,
        user_display_name=name,
        challenge=challenge.encode(),
        timeout=TIMEOUT,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(each)) for each in existing],
    )
    return options_to_json_dict(options)


def request_options(party: RelyingParty, challenge: str) -> dict[str, Any]:
    """Return what a browser needs to use any passkey of this server."""
    from webauthn import generate_authentication_options  # noqa: PLC0415
    from webauthn.helpers import options_to_json_dict  # noqa: PLC0415
    from webauthn.helpers.structs import UserVerificationRequirement  # noqa: PLC0415

    options = generate_authentication_options(
        rp_id=party.id,
        challenge=challenge.encode(),
        timeout=TIMEOUT,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json_dict(options)


def challenge_of(answer: Answer) -> str:
    """Return the challenge that an answer says it answers. Raises InvalidAnswer."""
    from webauthn.helpers import base64url_to_bytes, parse_client_data_json  # noqa: PLC0415

    try:
        return parse_client_data_json(base64url_to_bytes(answer["response"]["clientDataJSON"])).challenge.decode()
    except Exception as error:  # strangers' bytes: the library lets errors of its parsers through
        raise InvalidAnswer(str(error)) from error


def verify_new(party: RelyingParty, answer: Answer, challenge: str, user_handle: str) -> NewPasskey:
    """Return the credential that was made for this challenge. Raises InvalidAnswer."""
    from webauthn import verify_registration_response  # noqa: PLC0415
    from webauthn.helpers import bytes_to_base64url  # noqa: PLC0415

    try:
        made = verify_registration_response(
            credential=dict(answer),
            expected_challenge=challenge.encode(),
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except Exception as error:  # as above
        raise InvalidAnswer(str(error)) from error
    transports = answer["response"].get("transports") or []
    credential_id = bytes_to_base64url(made.credential_id)
    return NewPasskey(credential_id, user_handle, made.credential_public_key, made.sign_count, transports)


def verify_use(party: RelyingParty, answer: Answer, challenge: str, public_key: bytes, sign_count: int) -> int:
    """Return the authenticator's new count of signatures. Raises InvalidAnswer, also where the count has not grown.

    A count that falls back is a sign of a copied authenticator; those that do not count always say 0.
    """
    from webauthn import verify_authentication_response  # noqa: PLC0415

    try:
        return verify_authentication_response(
            credential=dict(answer),
            expected_challenge=challenge.encode(),
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
            require_user_verification=True,
        ).new_sign_count
    except Exception as error:  # as above
        raise InvalidAnswer(str(error)) from error


def new_user_handle() -> str:
    """Return the name by which authenticators know an account: random, so that it tells nothing about the person."""
    return new_secret()
