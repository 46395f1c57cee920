"""Credentials of sources: encrypted in the store by a secret key that lies in a file of its own, never shown.

What this helps against, and against whom not, says docs/decisions/credentials.md.
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
"""What a connector's `credentials` model takes, such as `{"token": "…"}`."""

MIN_HIDDEN: Final = 4
"""The shortest credential, in characters, that `redacted` takes out of a sentence: shorter ones are everywhere."""
AGAIN: Final = "give the token again with `backchannel follow … --token-file FILE`"


class CredentialsError(Exception):
    """Credentials cannot be encrypted or decrypted. `str()` is one plain sentence, without any of them."""


class Sealed(msgspec.Struct, frozen=True):
    """What is encrypted: the values, and where they may go. A row whose server was changed gives nothing away."""

    goes_to: str
    values: dict[str, Any]


class Vault:
    """Encrypts and decrypts the credentials of sources. The key's file is read, or made, when it is first needed.

    Each line of the file is a secret: the first encrypts, all decrypt, so that a new one can be put before the old.
    """

    def __init__(self, file: Path | None = None) -> None:
        self.file = file
        self._keys: MultiFernet | None = None
        self._newest: Fernet | None = None

    def encrypt(self, source: Source, values: Values) -> str:
        """The text for `source.credentials`; empty where there are none. Raises CredentialsError."""
        if not values:
            return ""
        self._load(make=True)
        return self._encrypted(msgspec.json.encode(Sealed(_goes_to(source), dict(values))))

    def decrypt(self, source: Source) -> dict[str, Any]:
        """The values that `source.credentials` holds. Raises CredentialsError."""
        if not source.credentials:
            return {}
        sealed = self._decrypted(source)
        if sealed.goes_to != _goes_to(source):
            raise CredentialsError(f"Credentials cannot be decrypted: they are another source's; {AGAIN}.")
        return sealed.values

    def renewed(self, source: Source) -> str:
        """The same credentials encrypted with the newest secret. Raises CredentialsError."""
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
            why = f"the secret key in {self.file} is not the one that they were encrypted with"
            raise CredentialsError(f"Credentials cannot be decrypted: {why}; {AGAIN}.") from None

    def _load(self, *, make: bool) -> MultiFernet:
        what = "encrypted" if make else "decrypted"
        if self.file is None:
            raise CredentialsError(f"Credentials cannot be {what}: no file is named for the secret key.")
        try:
            if make and not self.file.exists():
                make_secret(self.file)
            found = read_secrets(self.file)
        except FileNotFoundError:
            mend = "make its folder, or name another file" if make else f"put it back, or {AGAIN}"
            why = f"the secret key {self.file} is not there: {mend}"
        except OSError as error:
            reason = (error.strerror or type(error).__name__).lower()
            why = f"the secret key {self.file} cannot be used ({reason}): give this user the right to read it"
        except ValueError as error:
            why = f"the secret key {self.file} cannot be used: {error}"
        else:
            keys = [Fernet(derived(each)) for each in found]
            self._newest, self._keys = keys[0], MultiFernet(keys)
            return self._keys
        raise CredentialsError(f"Credentials cannot be {what}: {why}.")


# --- sources ----------------------------------------------------------------------------------------------------


def _goes_to(source: Source) -> str:
    return f"{source.network} {source.server or source.value}"


def left_in_options(source: Source, connector: Connector | None) -> dict[str, Any]:
    """Credentials among the options, where versions before this table's column kept them."""
    names: Collection[str] = connector.credentials.model_fields if connector else ()
    return {name: value for name, value in source.options.items() if name in names}


def has_credentials(source: Source, connector: Connector | None) -> bool:
    return bool(source.credentials or any(left_in_options(source, connector).values()))


def read_credentials(vault: Vault, source: Source, connector: Connector | None) -> dict[str, Any]:
    """What the source was given, wherever it is kept. Raises CredentialsError."""
    return vault.decrypt(source) if source.credentials else left_in_options(source, connector)


def options_of(source: Source, connector: Connector | None) -> dict[str, Any]:
    """The source's options without anything that is a credential."""
    left = left_in_options(source, connector)
    return {name: value for name, value in source.options.items() if name not in left}


def settle(vault: Vault, source: Source, connector: Connector | None) -> bool:
    """Move credentials out of the options, and encrypt all with the newest secret. False if nothing had to change.

    Raises CredentialsError, and leaves the source as it is.
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
    """`settle` for every source. Returns a sentence for each that could not be settled, without its credentials.

    Looks first, so that nobody waits for a writer where there is nothing to do.
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
    """The text without any of these credentials."""
    for value in sorted((str(each) for each in values.values()), key=len, reverse=True):
        if len(value) >= MIN_HIDDEN:
            text = text.replace(value, "***")
    return text
