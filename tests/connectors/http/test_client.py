"""The polite client: its requests, the responses that it accepts, and one sentence for each failure."""

from __future__ import annotations

import gzip
import zlib

import httpx
import pytest

from connectors.errors import ConnectorError, Forbidden, InvalidResponse, NotFound, RateLimited, Rejected, Unavailable
from connectors.http.client import Http, TooLarge, user_agent
from tests.connectors.http.asking import Drip, always, client, get, trouble

BROKEN = "Invalid HTTP response: a.example is not a web server, broke off, or sent too large headers."


async def test_http_says_who_we_are_and_what_we_accept() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, headers={"Set-Cookie": "track=1; Path=/"})

    async with client(answer) as http:
        await http.get("http://a.example/x?a=1#part", params={"b[]": ["2", "3"]}, accept="application/json")
        await http.get("http://a.example/y")
    assert [str(request.url) for request in seen] == [
        "http://a.example/x?a=1&b%5B%5D=2&b%5B%5D=3",
        "http://a.example/y",
    ]
    assert {name: seen[0].headers.get(name) for name in ("user-agent", "accept", "accept-encoding")} == {
        "user-agent": user_agent("https://wall.example/about"),
        "accept": "application/json",
        "accept-encoding": "gzip",
    }
    assert "cookie" not in seen[1].headers


@pytest.mark.parametrize(
    ("contact", "ending"),
    [("ops@wall.example", " (+ops@wall.example)"), ("", ""), ("evil\r\nX: 1", ""), ("büro", "")],
)
def test_user_agent_names_a_contact_that_fits_a_header(contact: str, ending: str) -> None:
    name, _, rest = user_agent(contact).partition("/")
    assert name == "Backchannel"
    assert rest.partition(" ")[1:] == (ending[:1], ending[1:])


async def test_http_returns_the_reply_with_its_final_address() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/x":
            return httpx.Response(301, headers={"Location": "/y"})
        return httpx.Response(200, json={"a": 1}, headers={"ETag": "w"})

    reply = await get(answer)
    assert (reply.status, reply.url, reply.headers["etag"], reply.json()) == (200, "http://a.example/y", "w", {"a": 1})


async def test_http_returns_not_modified_to_a_conditional_request() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(304 if request.headers.get("if-none-match") == '"v1"' else 200, content=b"")

    reply = await get(answer, headers={"If-None-Match": '"v1"'})
    assert (reply.status, reply.body) == (304, b"")


@pytest.mark.parametrize(
    ("status", "kind", "sentence"),
    [
        (401, Rejected, "Access denied (401): a.example doesn't show /x. It may want an access token."),
        (403, Rejected, "Access denied (403): a.example doesn't show /x. It may want an access token."),
        (422, Rejected, "Request rejected (422): a.example refuses the request for /x."),
        (404, NotFound, "Not found (404): a.example has nothing at /x. Check the address."),
        (410, NotFound, "Gone (410): a.example has removed /x permanently."),
        (408, Unavailable, "Unexpected status (408) from a.example: it may pass."),
        (500, Unavailable, "Server error (500) from a.example: it may pass."),
        (503, Unavailable, "Server error (503) from a.example: it may pass."),
        (301, Unavailable, "Unexpected status (301) from a.example: it may pass."),
        (429, RateLimited, "Rate limited (429) by a.example: next request at 12:01 UTC."),
    ],
)
async def test_http_has_one_sentence_for_each_refusal(status: int, kind: type[ConnectorError], sentence: str) -> None:
    found = await trouble(always(status))
    assert (type(found), str(found)) == (kind, sentence)


async def test_http_tells_gone_from_missing_and_keeps_the_status_of_a_refusal() -> None:
    gone, missing, denied = [await trouble(always(status)) for status in (410, 404, 403)]
    assert isinstance(gone, NotFound)
    assert isinstance(missing, NotFound)
    assert isinstance(denied, Rejected)
    assert (gone.gone, missing.gone, denied.status) == (True, False, 403)


async def test_http_asks_a_host_no_more_until_its_pause_is_over() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        return httpx.Response(503, headers={"Retry-After": "Mon, 12 Oct 2009 12:10:00 GMT"})

    async with client(answer) as http:
        for _ in range(2):
            with pytest.raises(RateLimited) as caught:
                await http.get("http://a.example/x")
    assert (asked, round(caught.value.wait)) == (["a.example"], 600)


async def test_http_heeds_a_budget_that_a_success_announces() -> None:
    spent = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "2009-10-12T12:05:00.000000Z"}
    async with client(always(200, headers=spent)) as http:
        assert (await http.get("http://a.example/x")).status == 200
        with pytest.raises(RateLimited):
            await http.get("http://a.example/x")


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a.example/x",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "//a.example/x",
        "http://",
        "a.example",
        "http://a.example:99999/",
        "http://a.example:0/",
        "http://[::1/",
        "http://a\x00b/",
    ],
)
async def test_http_asks_only_web_addresses(url: str) -> None:
    found = await trouble(always(200), url)
    assert (type(found), "is not a web address" in str(found)) == (Forbidden, True)


async def test_http_sends_no_credentials_from_an_address() -> None:
    found = await trouble(always(200), "http://user:secret@a.example/x")
    assert (type(found), "secret" in str(found)) == (Forbidden, False)


@pytest.mark.parametrize(("size", "fits"), [(1000, True), (1001, False)])
async def test_http_accepts_bodies_up_to_the_limit(size: int, *, fits: bool) -> None:
    if fits:
        assert (await get(always(200, content=b"x" * size), limit=1000)).body == b"x" * size
    else:
        found = await trouble(always(200, content=b"a" + b"x" * size), limit=1000)
        assert isinstance(found, TooLarge)
        assert found.head[:3] == b"axx"


async def test_http_stops_reading_at_the_limit() -> None:
    drip = Drip(*[b"x" * 600] * 100)
    found = await trouble(always(200, stream=drip), limit=1024 * 1024 // 1000)
    assert (str(found), drip.taken) == ("Response too large: a.example sent more than 0.000999 MB.", 2)


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "GZIP", "deflate"])
async def test_http_unpacks_what_it_offered_to_unpack(coding: str) -> None:
    packed = zlib.compress(b"hello" * 100) if coding == "deflate" else gzip.compress(b"hello" * 100)
    drip = Drip(packed[:7], packed[7:])
    reply = await get(always(200, stream=drip, headers={"Content-Encoding": coding}))
    assert reply.body == b"hello" * 100


async def test_http_counts_a_bomb_before_it_goes_off() -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    found = await trouble(always(200, stream=Drip(bomb), headers={"Content-Encoding": "gzip"}), limit=100_000)
    assert type(found) is TooLarge


@pytest.mark.parametrize("coding", ["br", "gzip, br", "zstd", "compress"])
async def test_http_refuses_packing_that_it_did_not_offer(coding: str) -> None:
    found = await trouble(always(200, stream=Drip(b"x"), headers={"Content-Encoding": coding}))
    name = coding.rpartition(", ")[2]
    assert (type(found), str(found)) == (
        InvalidResponse,
        f"Unsupported Content-Encoding ({name}) from a.example: we offer gzip.",
    )


@pytest.mark.parametrize("coding", ["UTF-8", "none", "binary", "", "identity", "x" * 300, "gzip"])
async def test_http_takes_plain_bytes_for_plain_whatever_is_said(coding: str) -> None:
    reply = await get(always(200, stream=Drip(b"pl", b"ain"), headers={"Content-Encoding": coding}))
    assert reply.body == b"plain"


@pytest.mark.parametrize("coding", ["deflate", "br", "zstd", "gzip, br", "gzip", "compress"])
@pytest.mark.parametrize(
    "body", [b"<?xml version='1.0'?><rss>" + "\u00e9".encode() * 40, b"\xef\xbb\xbf {}", b"[1]", "<a>".encode("utf-16")]
)
@pytest.mark.parametrize("size", [1, 10_000])
async def test_http_takes_a_document_for_one_whatever_is_said(coding: str, body: bytes, size: int) -> None:
    drip = Drip(*[body[at : at + size] for at in range(0, len(body), size)])
    assert (await get(always(200, stream=drip, headers={"Content-Encoding": coding}))).body == body


PACKED = gzip.compress(b"hello ", mtime=0) + gzip.compress(
    b"world", mtime=0
)  # the same bytes at any second: they name tests


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (PACKED, "gzip"),  # two members, one after the other
        (PACKED, ""),  # compressed without a declaration
        (PACKED, "utf-8"),
        (PACKED + b"\0" * 512, "gzip"),  # padded as tape archives are
        (PACKED + b"rubbish", "gzip"),
        (gzip.compress(PACKED, mtime=0), "gzip"),  # a compressed file, compressed again on its way
        (zlib.compress(b"hello world"), "deflate"),
        (zlib.compress(b"hello world")[2:-4], "deflate"),  # raw, as some servers send it
        (zlib.compress(b"hello world"), "gzip"),
        (zlib.compress(b"hello world")[2:-4], "gzip"),
    ],
)
@pytest.mark.parametrize("size", [1, 7, 10_000])
async def test_http_tells_by_the_bytes_what_is_packed(body: bytes, coding: str, size: int) -> None:
    drip = Drip(*[body[at : at + size] for at in range(0, len(body), size)])
    reply = await get(always(200, stream=drip, headers={"Content-Encoding": coding, "ETag": '"1"'}))
    assert (reply.body, reply.headers.get("etag")) == (b"hello world", '"1"')


async def test_http_forgets_the_validators_of_what_broke_off() -> None:
    headers = {"Content-Encoding": "gzip", "ETag": '"1"', "Last-Modified": "Mon, 12 Oct 2009 12:00:00 GMT"}
    words = b"".join(b"word %d " % number for number in range(9_000))
    reply = await get(always(200, stream=Drip(gzip.compress(words)[:-4_000]), headers=headers))
    assert words.startswith(reply.body)
    assert reply.body
    assert {"etag", "last-modified"}.isdisjoint(reply.headers)


async def test_http_calls_a_broken_packing_unreadable() -> None:
    broken = gzip.compress(b"hello" * 100)[:10] + b"\x07" * 40  # a block type that does not exist
    found = await trouble(always(200, stream=Drip(broken), headers={"Content-Encoding": "gzip"}))
    assert (type(found), str(found)) == (
        InvalidResponse,
        "Corrupt compressed data from a.example: it can't be decompressed.",
    )


@pytest.mark.parametrize("token", ["two\nlines", "gr\u00fcn", " blank", "\x00"])
async def test_http_blames_the_token_for_what_no_header_carries(token: str) -> None:
    found = await trouble(always(200), headers={"Authorization": token})
    assert (type(found), str(found).startswith("Invalid access token: ")) == (Forbidden, True)


async def test_http_leaves_out_validators_that_no_header_carries() -> None:
    seen: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("if-none-match"))
        return httpx.Response(200)

    await get(answer, headers={"If-None-Match": '"gr\u00fcn"'})
    assert seen == [None]


async def test_http_reads_no_body_of_a_failure() -> None:
    drip = Drip(b"<html>a very long apology</html>")
    await trouble(always(500, stream=drip))
    assert drip.taken == 0


async def test_http_keeps_the_short_reason_of_a_refusal() -> None:
    """A long or broken one is left out: the status alone says enough."""
    broken = {"stream": Drip(b"\x1f\x8bbroken"), "headers": {"Content-Encoding": "gzip"}}
    found = [await trouble(always(400, **how)) for how in ({"content": b"why"}, {"content": b"x" * 9_000}, broken)]
    assert [(error.status, error.body) for error in found if isinstance(error, Rejected)] == [
        (400, b"why"),
        (400, b""),
        (400, b""),
    ]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (httpx.ConnectError("[Errno 5] odd"), "Connection failed: a.example can't be reached."),
        (
            httpx.RemoteProtocolError("odd"),
            "Invalid HTTP response: a.example is not a web server, broke off, or sent too large headers.",
        ),
        (httpx.ReadError(""), "Connection failed: a.example can't be reached."),
    ],
)
async def test_http_calls_a_broken_connection_unreachable(error: httpx.RequestError, words: str) -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        raise error

    found = await trouble(answer)
    assert str(found) == words


@pytest.mark.parametrize("body", [b"<html>", b"", b"{", b'"a" "b"', b"[" * 8_000])
async def test_reply_calls_what_is_not_json_unreadable(body: bytes) -> None:
    reply = await get(always(200, content=body))
    with pytest.raises(InvalidResponse, match=r"^Invalid JSON: a\.example answered with something else"):
        reply.json()


async def test_reply_says_that_json_is_too_large_to_be_parsed_here() -> None:
    reply = await get(always(200, content=b" " * 9_000 + b"[]"))
    with pytest.raises(InvalidResponse, match=r"^Response too large: a\.example sent 9002 bytes of JSON\.$"):
        reply.json()


@pytest.mark.parametrize(
    ("kind", "body", "text"),
    [
        ("text/html; charset=ISO-8859-1", b"caf\xe9", "café"),
        ("text/html", "café".encode(), "café"),
        ("", b"caf\xe9", "caf\ufffd"),
        ("text/html; charset=klingon", "café".encode(), "café"),
    ],
)
async def test_reply_reads_text_in_the_encoding_that_is_named(kind: str, body: bytes, text: str) -> None:
    assert (await get(always(200, content=body, headers={"Content-Type": kind}))).text == text


async def test_http_resolves_and_guards_on_its_own() -> None:
    async def names(host: str, port: int) -> list[str]:
        return ["10.0.0.1"]

    async with Http(resolver=names) as http:
        with pytest.raises(Forbidden, match="private network"):
            await http.get("http://intranet.example/")
