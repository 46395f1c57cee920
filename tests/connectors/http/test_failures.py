"""The sentence on a failed connection: in plain words for real failures, without a library's vocabulary."""

from __future__ import annotations

import errno
import socket
import ssl

import httpcore
import httpx
import pytest

from connectors.http.failures import describe

HOST = "a.example"
OFFLINE = "No route to host: a.example can't be reached. Is this machine online?"
RESET = "Connection reset by peer: a.example ended it too early."
FAILED = "Connection failed: a.example can't be reached."
NO_HTTP = "Invalid HTTP response: a.example is not a web server, broke off, or sent too large headers."
NO_HTTPS = "TLS handshake failed: a.example does not speak HTTPS at this port."
OTHER_NAME = "TLS certificate host name mismatch: it is not valid for a.example."
UNTRUSTED = "TLS certificate verification failed: check the certificate of a.example."


def untrusted(code: int) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed (_ssl.c:1006)")
    error.verify_code = code
    return error


def caused_by(cause: BaseException) -> httpx.ConnectError:
    """The failure as httpx wraps it: inside httpcore's own, inside one of its own."""
    try:
        try:
            raise httpcore.ConnectError(str(cause)) from cause
        except httpcore.ConnectError as error:
            raise httpx.ConnectError(str(error)) from error
    except httpx.ConnectError as error:
        return error


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (
            ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"),
            "Connection refused: no server listens at a.example.",
        ),
        (ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"), RESET),
        (OSError(errno.EHOSTUNREACH, "No route"), OFFLINE),
        (OSError(errno.EMFILE, "Too many open files"), FAILED),
        (socket.gaierror(socket.EAI_NONAME, "Name unknown"), "Host not found: check the spelling of a.example."),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary"), OFFLINE),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] (_ssl.c:1006)"), NO_HTTPS),
        (untrusted(10), "TLS certificate expired: renew it on a.example."),
        (untrusted(62), OTHER_NAME),
        (untrusted(99), UNTRUSTED),
        (TimeoutError(), "Connection timed out: a.example does not answer."),
        (
            ExceptionGroup("several", [ConnectionRefusedError(errno.ECONNREFUSED, "")]),
            "Connection refused: no server listens at a.example.",
        ),
    ],
)
def test_failure_is_told_by_what_lies_deepest(cause: Exception, words: str) -> None:
    assert (describe(cause, HOST), describe(caused_by(cause), HOST)) == (words, words)


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (httpx.RemoteProtocolError("Server disconnected"), NO_HTTP),
        (httpcore.ConnectTimeout(), "Connection timed out: a.example does not answer."),
        (httpx.ReadError(""), FAILED),
    ],
)
def test_failure_without_a_cause_is_told_by_its_kind(failure: Exception, words: str) -> None:
    assert describe(failure, HOST) == words


async def test_failure_of_a_real_connection_is_found_under_what_the_client_says() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        async with httpx.AsyncClient(trust_env=False) as client:
            with pytest.raises(httpx.ConnectError) as refused:
                await client.get(f"http://127.0.0.1:{nobody.getsockname()[1]}/")
    assert describe(refused.value, HOST) == "Connection refused: no server listens at a.example."
