"""Random secrets: session tokens, links, invitations and API tokens. The store has their digests alone."""

from __future__ import annotations

from hashlib import sha256
from secrets import token_urlsafe
from typing import Final

SECRET_BYTES: Final = 32
"""Random bytes of a secret: too many to guess, so that a fast digest protects them."""
ID_BYTES: Final = 9
"""Random bytes of a public id, which is never given twice."""


def new_secret(prefix: str = "") -> str:
    """Return a new secret that fits into a URL, with a prefix by which scanners for leaked secrets know it."""
    return prefix + token_urlsafe(SECRET_BYTES)


def new_id() -> str:
    """Return a new public id."""
    return token_urlsafe(ID_BYTES)


def digest(secret: str) -> str:
    """Return the digest (SHA-256, in hexadecimal) by which the store knows a secret."""
    return sha256(secret.encode(errors="replace")).hexdigest()
