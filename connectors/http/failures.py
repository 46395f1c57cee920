"""One sentence for people on a failed connection, without the vocabulary of libraries and operating systems."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator
from typing import Final

import httpcore
import httpx

OFFLINE: Final = "No route to host: {host} can't be reached. Is this machine online?"
NO_NAME: Final = "Host not found: check the spelling of {host}."
RESET: Final = "Connection reset by peer: {host} ended it too early."
FAILED: Final = "Connection failed: {host} can't be reached."

CERTIFICATES: Final = {
    9: "TLS certificate not yet valid on {host}: check this machine's clock.",
    10: "TLS certificate expired: renew it on {host}.",
    18: "Self-signed TLS certificate: {host} needs one of a recognised authority.",
    19: "Self-signed TLS certificate: {host} needs one of a recognised authority.",
    20: "Unknown issuer of the TLS certificate: check the certificate chain of {host}.",
    62: "TLS certificate host name mismatch: it is not valid for {host}.",
    64: "TLS certificate IP address mismatch: it is not valid for {host}.",
}
"""Sentences by OpenSSL's verification codes (X509_V_ERR_… in x509_vfy.h)."""
NUMBERS: Final = {
    errno.ECONNREFUSED: "Connection refused: no server listens at {host}.",
    errno.ECONNRESET: RESET,
    errno.EPIPE: RESET,
    errno.ETIMEDOUT: "Connection timed out: {host} does not answer.",
    errno.ENETUNREACH: OFFLINE,
    errno.EHOSTUNREACH: OFFLINE,
    errno.ENETDOWN: OFFLINE,
}


def describe(failure: BaseException, host: str) -> str:
    """A sentence on the failure: the deepest cause with a known name is the reason."""
    return next(filter(None, map(_named, reversed(list(_chain(failure))))), FAILED).format(host=host)


def _chain(failure: BaseException | None) -> Iterator[BaseException]:
    """The failure and its causes, outermost first; of a group of failures the first."""
    seen: set[int] = set()
    while failure is not None and id(failure) not in seen:
        seen.add(id(failure))
        yield failure
        several = failure.exceptions if isinstance(failure, BaseExceptionGroup) else ()
        failure = several[0] if several else failure.__cause__ or failure.__context__


def _named(failure: BaseException) -> str:
    if isinstance(failure, ssl.SSLCertVerificationError):
        return CERTIFICATES.get(
            failure.verify_code, "TLS certificate verification failed: check the certificate of {host}."
        )
    if isinstance(failure, ssl.SSLError):
        return "TLS handshake failed: {host} does not speak HTTPS at this port."
    if isinstance(failure, socket.gaierror):
        return OFFLINE if failure.errno == socket.EAI_AGAIN else NO_NAME
    if isinstance(failure, httpx.TimeoutException | httpcore.TimeoutException | TimeoutError):
        return NUMBERS[errno.ETIMEDOUT]
    if isinstance(failure, httpx.ProtocolError | httpcore.ProtocolError):
        return "Invalid HTTP response: {host} is not a web server, broke off, or sent too large headers."
    return NUMBERS.get(failure.errno or 0, "") if isinstance(failure, OSError) else ""
