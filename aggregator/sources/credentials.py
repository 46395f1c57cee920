"""Credentials of sources, encrypted in the store with a secret key in a separate file, and never displayed.

docs/decisions/credentials.md describes the threats that this covers.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import msgspec
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlmodel import col, select

from aggregator.sources.secret_key import derived, make_secret, read_secrets
from aggregator.sources.tables import Source
from aggregator.store.store import Store
from connectors.contract import Connector

Values = Mapping[str, Any]
"""The fields of a connector's `credentials` model, such as `{"token": "…"}`."""

MIN_HIDDEN: Final = 4
"""The shortest credential, in characters, that `redacted` removes: a shorter one would match anywhere."""
AGAIN: Final = "give the token again"


class CredentialsError(Exception):
    """Credentials cannot be encrypted or decrypted. `str()` is one plain sentence without their values."""


class Sealed(msgspec.Struct, frozen=True):
    """The encrypted content: the values, and the server that they are for, so that they are never sent to another."""

    goes_to: str
    values: dict[str, Any]


class Vault:
    """Encrypts and decrypts the credentials of sources. The key file is read, or created, when first needed.

    Each line of the file is a secret: the first encrypts, all decrypt. To rotate, add a new one before the old.
    """

    def __init__(self, file: Path | None = None) -> None:
        self.file = file
        self._keys: MultiFernet | None = None
        self._newest: Fernet | None = None

    def encrypt(self, source: Source, values: Values) -> str:
        """Return the text for `source.credentials`; empty if there are no values. Raises CredentialsError."""
        if not values:
            return ""
        self._load(make=True)
        return self._encrypted(msgspec.json.encode(Sealed(_goes_to(source), dict(values))))

    def decrypt(self, source: Source) -> dict[str, Any]:
        """Return the values in `source.credentials`. Raises CredentialsError."""
        if not source.credentials:
            return {}
        sealed = self._decrypted(source)
        if sealed.goes_to != _goes_to(source):
            raise CredentialsError(f"Credentials cannot be decrypted: they belong to another source; {AGAIN}.")
        return sealed.values

    def renewed(self, source: Source) -> str:
        """Return the same credentials, encrypted with the newest secret. Raises CredentialsError."""
        sealed = self._decrypted(source)
        if self._newest is not None:
            with suppress(InvalidToken):
                self._newest.decrypt(source.credentials)
                return source.credentials
        return self._encrypted(msgspec.json.encode(sealed))

    def _encrypted(self, content: bytes) -> str:
        if self._newest is None:
            raise CredentialsError("Credentials cannot be encrypted: there is no secret key.")
        return self._newest.encrypt(content).decode()

    def _decrypted(self, source: Source) -> Sealed:
        known = self._keys is not None
        try:
            return self._opened(source.credentials)
        except CredentialsError:
            if not known:
                raise
        self._keys = None  # the file may have a new secret since it was read
        return self._opened(source.credentials)

    def _opened(self, text: str) -> Sealed:
        keys = self._keys or self._load(make=False)
        try:
            return msgspec.json.decode(keys.decrypt(text), type=Sealed)
        except (InvalidToken, msgspec.DecodeError):
            why = f"they were encrypted with another secret key than the one in {self.file}"
            raise CredentialsError(f"Credentials cannot be decrypted: {why}; {AGAIN}.") from None

    def _load(self, *, make: bool) -> MultiFernet:
        what = "encrypted" if make else "decrypted"
        if self.file is None:
            raise CredentialsError(f"Credentials cannot be {what}: no file is set for the secret key.")
        try:
            if make and not self.file.exists():
                make_secret(self.file)
            found = read_secrets(self.file)
        except FileNotFoundError:
            hint = "create its folder, or name another file" if make else f"restore it, or {AGAIN}"
            why = f"secret key not found at {self.file}: {hint}"
        except OSError as error:
            reason = (error.strerror or type(error).__name__).lower()
            why = f"secret key {self.file} not readable ({reason}): give this user permission to read it"
        except ValueError as error:
            why = f"invalid secret key {self.file}: {error}"
        else:
            keys = [Fernet(derived(each)) for each in found]
            self._newest, self._keys = keys[0], MultiFernet(keys)
            return self._keys
        raise CredentialsError(f"Credentials cannot be {what}: {why}.")


# --- sources ----------------------------------------------------------------------------------------------------


def _goes_to(source: Source) -> str:
    return f"{source.network} {source.server or source.value}"


def left_in_options(source: Source, connector: Connector | None) -> dict[str, Any]:
    """Return credentials among the options, where older versions stored them."""
    names: Collection[str] = connector.credentials.model_fields if connector else ()
    return {name: value for name, value in source.options.items() if name in names}


def has_credentials(source: Source, connector: Connector | None) -> bool:
    return bool(source.credentials or any(left_in_options(source, connector).values()))


def read_credentials(vault: Vault, source: Source, connector: Connector | None) -> dict[str, Any]:
    """Return the source's credentials, wherever they are stored. Raises CredentialsError."""
    return vault.decrypt(source) if source.credentials else left_in_options(source, connector)


def options_of(source: Source, connector: Connector | None) -> dict[str, Any]:
    """Return the source's options without credentials."""
    left = left_in_options(source, connector)
    return {name: value for name, value in source.options.items() if name not in left}


def settle(vault: Vault, source: Source, connector: Connector | None) -> bool:
    """Move credentials out of the options, and encrypt them with the newest secret; returns whether anything changed.

    On CredentialsError the source is unchanged.
    """
    left = left_in_options(source, connector)
    if not left and not source.credentials:
        return False
    given = {name: value for name, value in left.items() if value}
    sealed = vault.renewed(source) if source.credentials else vault.encrypt(source, given)
    changed = bool(left) or sealed != source.credentials
    source.credentials, source.options = sealed, options_of(source, connector)
    return changed


async def settle_all(store: Store, vault: Vault, connectors: Mapping[str, Connector]) -> list[str]:
    """Call `settle` for every source; returns a sentence for each failure, without credentials.

    It reads first, and waits for the writer only if there is something to change.
    """
    async with store.read() as db:
        sources = list(await db.exec(select(Source)))
    wanted, refused = set[int | None](), list[str]()
    for source in sources:
        try:
            if settle(vault, source, connectors.get(source.network)):
                wanted.add(source.id)
        except CredentialsError as error:
            refused.append(f"Source {source.id}: {error}")
    if wanted:
        async with store.write() as db:
            rows = await db.exec(select(Source).where(col(Source.id).in_(wanted)).with_for_update())
            for source in rows:
                with suppress(CredentialsError):
                    settle(vault, source, connectors.get(source.network))
                db.add(source)
        await store.forget()
    return refused


def redacted(text: str, values: Values) -> str:
    """Return the text with these credentials replaced by asterisks."""
    for value in sorted((str(each) for each in values.values()), key=len, reverse=True):
        if len(value) >= MIN_HIDDEN:
            text = text.replace(value, "***")
    return text
