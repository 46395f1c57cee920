"""Why a connection failed, in a few words for people. It refuses to pass on what libraries and systems say of it: they
speak of their own parts and numbers, to those who program them.
"""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator
from typing import Final

import httpcore
import httpx

OFFLINE: Final = "no way leads there from here (is this machine online?)"
NO_NAME: Final = "there is no such name (is it spelt right?)"
BROKEN: Final = "the connection broke"

CERTIFICATES: Final = {
    9: "its certificate is not valid yet (is this machine's clock right?)",
    10: "its certificate has expired",
    18: "nobody vouches for its certificate",
    19: "nobody vouches for its certificate",
    20: "nobody whom we know vouches for its certificate",
    62: "its certificate is made out to another name",
    64: "its certificate is made out to another address",
}
"""By OpenSSL's verification codes (X509_V_ERR_… in x509_vfy.h)."""
NUMBERS: Final = {
    errno.ECONNREFUSED: "nothing listens there",
    errno.ECONNRESET: BROKEN,
    errno.EPIPE: BROKEN,
    errno.ETIMEDOUT: "it does not answer",
    errno.ENETUNREACH: OFFLINE,
    errno.EHOSTUNREACH: OFFLINE,
    errno.ENETDOWN: OFFLINE,
}


def describe(failure: BaseException) -> str:
    """Words to go on with after “… can't be reached: ”. What lies deepest, and can be named, is the reason."""
    return next(filter(None, map(_named, reversed(list(_chain(failure))))), BROKEN)


def _chain(failure: BaseException | None) -> Iterator[BaseException]:
    """A failure, and that which led to it, and so on; of several at once the first."""
    seen: set[int] = set()
    while failure is not None and id(failure) not in seen:
        seen.add(id(failure))
        yield failure
        several = failure.exceptions if isinstance(failure, BaseExceptionGroup) else ()
        failure = several[0] if several else failure.__cause__ or failure.__context__


def _named(failure: BaseException) -> str:
    if isinstance(failure, ssl.SSLCertVerificationError):
        return CERTIFICATES.get(failure.verify_code, "its certificate cannot be trusted")
    if isinstance(failure, ssl.SSLError):
        return "it does not speak HTTPS there"
    if isinstance(failure, socket.gaierror):
        return OFFLINE if failure.errno == socket.EAI_AGAIN else NO_NAME
    if isinstance(failure, httpx.TimeoutException | httpcore.TimeoutException | TimeoutError):
        return NUMBERS[errno.ETIMEDOUT]
    if isinstance(failure, httpx.ProtocolError | httpcore.ProtocolError):
        return "what answers there is no web server, or broke off"
    return NUMBERS.get(failure.errno or 0, "") if isinstance(failure, OSError) else ""
