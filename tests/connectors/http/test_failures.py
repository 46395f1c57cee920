"""What people read when a connection fails: the words for real failures, and no word of a library."""

from __future__ import annotations

import errno
import socket
import ssl

import httpcore
import httpx
import pytest

from connectors.http.failures import describe


def untrusted(code: int) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed (_ssl.c:1006)")
    error.verify_code = code
    return error


def caused_by(cause: BaseException) -> httpx.ConnectError:
    """As httpx hands it on: inside httpcore's own, inside one of its own."""
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
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), "nothing listens there"),
        (ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"), "the connection broke"),
        (OSError(errno.EHOSTUNREACH, "No route"), "no way leads there from here (is this machine online?)"),
        (OSError(errno.EMFILE, "Too many open files"), "the connection broke"),
        (socket.gaierror(socket.EAI_NONAME, "Name unknown"), "there is no such name (is it spelt right?)"),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary"), "no way leads there from here (is this machine online?)"),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] (_ssl.c:1006)"), "it does not speak HTTPS there"),
        (untrusted(10), "its certificate has expired"),
        (untrusted(62), "its certificate is made out to another name"),
        (untrusted(99), "its certificate cannot be trusted"),
        (TimeoutError(), "it does not answer"),
        (ExceptionGroup("several", [ConnectionRefusedError(errno.ECONNREFUSED, "")]), "nothing listens there"),
    ],
)
def test_failure_is_told_by_what_lies_deepest(cause: Exception, words: str) -> None:
    assert (describe(cause), describe(caused_by(cause))) == (words, words)


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (httpx.RemoteProtocolError("Server disconnected"), "what answers there is no web server, or broke off"),
        (httpcore.ConnectTimeout(), "it does not answer"),
        (httpx.ReadError(""), "the connection broke"),
    ],
)
def test_failure_without_a_cause_is_told_by_its_kind(failure: Exception, words: str) -> None:
    assert describe(failure) == words


async def test_failure_of_a_real_connection_is_found_under_what_the_client_says() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        async with httpx.AsyncClient(trust_env=False) as client:
            with pytest.raises(httpx.ConnectError) as refused:
                await client.get(f"http://127.0.0.1:{nobody.getsockname()[1]}/")
    assert describe(refused.value) == "nothing listens there"
