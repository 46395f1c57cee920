"""An authenticator in software: it makes one passkey and uses it, as a browser would hand it on.

The faults are attributes: what it reports about origin, relying party, user and counts can be set to something else.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

USER_PRESENT, USER_VERIFIED, HAS_CREDENTIAL = 0x01, 0x04, 0x40
AAGUID = bytes(16)

Options = dict[str, Any]
Credential = dict[str, Any]


def encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "===")


@dataclass
class Authenticator:
    """`counts` says whether it counts signatures; synchronised passkeys do not."""

    origin: str
    relying_party: str = ""
    verifies_user: bool = True
    counts: bool = True
    sign_count: int = 0
    credential_id: bytes = b"a passkey of the tests"
    user_handle: str | None = None
    key: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))

    def make(self, options: Options) -> Credential:
        """The answer to `navigator.credentials.create()`, with attestation “none” (section 8.7)."""
        self.user_handle = options["user"]["id"]
        self.relying_party = self.relying_party or options["rp"]["id"]
        point = self.key.public_key().public_numbers()
        public_key = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        attested = AAGUID + len(self.credential_id).to_bytes(2, "big") + self.credential_id + cbor2.dumps(public_key)
        data = self._data(HAS_CREDENTIAL) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client_data = self._client_data("webauthn.create", options["challenge"])
        parts = {"clientDataJSON": encoded(client_data), "attestationObject": encoded(attestation)}
        return self._credential({**parts, "transports": ["internal"]})

    def use(self, options: Options) -> Credential:
        """The answer to `navigator.credentials.get()`."""
        self.sign_count += self.counts
        data, client_data = self._data(0), self._client_data("webauthn.get", options["challenge"])
        signature = self.key.sign(data + sha256(client_data).digest(), ECDSA(SHA256()))
        parts = {"clientDataJSON": encoded(client_data), "authenticatorData": encoded(data)}
        return self._credential({**parts, "signature": encoded(signature), "userHandle": self.user_handle})

    def _data(self, flags: int) -> bytes:
        """The authenticator data (section 6.1)."""
        seen = flags | USER_PRESENT | (USER_VERIFIED if self.verifies_user else 0)
        return sha256(self.relying_party.encode()).digest() + bytes([seen]) + self.sign_count.to_bytes(4, "big")

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _credential(self, response: dict[str, Any]) -> Credential:
        own = encoded(self.credential_id)
        return {"id": own, "rawId": own, "type": "public-key", "clientExtensionResults": {}, "response": response}
