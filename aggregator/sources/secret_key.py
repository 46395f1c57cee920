"""The file with the secret key: created once, and readable by its owner alone."""

from __future__ import annotations

import base64
import errno
import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MIN_SECRET: Final = 32
"""Characters of a secret at least. Each secret has a line of its own."""
MAX_FILE: Final = 64 * 1024
"""Bytes of a file of secrets at most."""
PURPOSE: Final = b"backchannel: credentials of sources"
OWNER_ONLY: Final = 0o600
NO_LINKS: Final = frozenset({errno.EPERM, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP})


def make_secret(file: Path) -> None:
    """Write a new secret to a file that its owner alone can read. Raises OSError.

    Of several processes one wins. The file is complete before it gets its name, so that no process reads half of it.
    """
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    content = f"{secrets.token_urlsafe(32)}\n".encode()
    try:
        _write(draft, content)
        with suppress(FileExistsError):
            _link(draft, file, content)
    finally:
        draft.unlink(missing_ok=True)


def _link(draft: Path, file: Path, content: bytes) -> None:
    """Give the draft its name with a hard link, which fails if the name is taken; without links, write the file."""
    try:
        os.link(draft, file)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        _write(file, content)


def _write(file: Path, content: bytes) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(descriptor)


def read_secrets(file: Path) -> list[str]:
    """Return the secrets of a file, newest first. Raises OSError, and ValueError with a reason to follow a colon."""
    with file.open("rb") as opened:
        content = opened.read(MAX_FILE + 1)
    lines = [line.strip() for line in content.decode("utf-8", "replace").splitlines()]
    found = [line for line in lines if line and not line.startswith("#")]
    if len(content) > MAX_FILE or not found:
        raise ValueError("it must have a secret on a line of its own")
    if any(len(line) < MIN_SECRET for line in found):
        raise ValueError(f"a secret must have {MIN_SECRET} characters or more")
    return found


def add_secrets(file: Path, secrets_: Sequence[str]) -> None:
    """Append secrets to the file, or to a new one, so that they decrypt, too. Raises OSError, ValueError."""
    known = read_secrets(file) if file.exists() else []
    content = "".join(f"{each}\n" for each in dict.fromkeys([*known, *secrets_])).encode()
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    try:
        _write(draft, content)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


def derived(secret: str) -> bytes:
    """Return a key for Fernet, derived (RFC 5869) so that the secret may be any random text."""
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(secret.encode())
    return base64.urlsafe_b64encode(key)
