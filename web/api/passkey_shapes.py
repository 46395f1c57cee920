"""What passkeys look like in requests and replies. Names are those of Web Authentication Level 3, section 5.1."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

MAX_ID = 1_400
"""Characters in base64url of a credential id, which has 1,023 bytes or fewer (section 4, “credential ID”)."""
MAX_PART = 20_000
"""Characters in base64url of another part: an attestation with its certificates has a few thousand."""
MAX_TRANSPORTS = 10

Part = Annotated[str, Field(max_length=MAX_PART)]
CredentialId = Annotated[str, Field(min_length=1, max_length=MAX_ID, examples=["AQIDBAUGBwgJCgsMDQ4PEA"])]


class _FromBrowser(BaseModel):
    """What a browser sends; parts that are not needed here are ignored."""

    model_config = ConfigDict(extra="ignore")


class CreatedResponse(_FromBrowser):
    """`AuthenticatorAttestationResponseJSON`."""

    clientDataJSON: Part  # noqa: N815  # the standard's names
    attestationObject: Part  # noqa: N815
    transports: list[Annotated[str, Field(max_length=20)]] = Field(default=[], max_length=MAX_TRANSPORTS)


class CreatedCredential(_FromBrowser):
    """`RegistrationResponseJSON`: what `credential.toJSON()` gives after `navigator.credentials.create()`."""

    id: CredentialId
    rawId: CredentialId  # noqa: N815
    type: str = Field(max_length=20, examples=["public-key"])
    response: CreatedResponse


class UsedResponse(_FromBrowser):
    """`AuthenticatorAssertionResponseJSON`."""

    clientDataJSON: Part  # noqa: N815
    authenticatorData: Part  # noqa: N815
    signature: Part
    userHandle: Annotated[str, Field(max_length=100)] | None = None  # noqa: N815


class UsedCredential(_FromBrowser):
    """`AuthenticationResponseJSON`: what `credential.toJSON()` gives after `navigator.credentials.get()`."""

    id: CredentialId
    rawId: CredentialId  # noqa: N815
    type: str = Field(max_length=20, examples=["public-key"])
    response: UsedResponse


class Options(BaseModel):
    """What a browser passes to an authenticator."""

    options: dict[str, Any] = Field(
        description="For `PublicKeyCredential.parseCreationOptionsFromJSON`, or `parseRequestOptionsFromJSON`. They can"
        " be answered once, within five minutes."
    )


class OwnPasskey(BaseModel):
    """A passkey of the account."""

    id: str
    name: str = Field(examples=["Kim's phone"])
    created_at: datetime
    used_at: datetime | None = Field(description="When somebody last signed in by it; null if nobody has.")


class OwnPasskeys(BaseModel):
    """The account's passkeys, the oldest first."""

    passkeys: list[OwnPasskey]
