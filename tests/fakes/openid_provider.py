"""A small OpenID provider: discovery, keys, authorization with PKCE, tokens and user info, each with faults to set.

It signs one person in without asking. `answer` is the whole of it; `transport` hands it to an HTTP client of this
process, and `served` to a browser and a server in other processes.
"""

from __future__ import annotations

import json
import threading
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.fakes.local_server import Answer

CLIENT_ID, SECRET = "backchannel", "p%ss: word"
LIFETIME = 300
"""Seconds of an ID token."""


def new_key() -> RSAKey:
    key = RSAKey.generate_key(2048, private=True)
    key.ensure_kid()
    return key


def encoded(part: Mapping[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


@dataclass
class FakeOpenIdProvider:
    """`person` are the claims of who signs in. The faults change what an ID token says, or a reply."""

    issuer: str = "https://login.example"
    person: dict[str, Any] = field(
        default_factory=lambda: {"sub": "1", "name": "Robin", "email": "robin@council.example", "email_verified": True}
    )
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    faults: dict[str, Any] = field(default_factory=dict)
    """Claims of the next ID tokens, whatever is right."""
    is_unsigned: bool = False
    is_thin: bool = False
    """Whether the claims about the person are in the user info alone."""
    user_info: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    down: frozenset[str] = frozenset()
    """Paths that answer 503."""
    key: RSAKey = field(default_factory=new_key)
    signs_with: RSAKey | None = None
    """Another key than the one that is published under the same id."""
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def rotate(self) -> None:
        """Sign with another key from now on, and publish that one alone."""
        self.key = new_key()

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """The reply to a request; `target` is its path with its query."""
        path, query = target.partition("?")[0], dict(httpx.QueryParams(target.partition("?")[2]))
        self.asked.append(path)
        if path in self.down:
            return Answer(503, {}, b"")
        given = headers.get("Authorization", headers.get("authorization", ""))
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        replies: dict[tuple[str, str], Callable[[], Answer]] = {
            ("GET", "/.well-known/openid-configuration"): lambda: _json(self._discovery()),
            ("GET", "/keys"): self._keys,
            ("GET", "/authorize"): lambda: self._authorize(query),
            ("POST", "/token"): lambda: self._token(form, given),
            ("GET", "/userinfo"): lambda: self._user_info(given),
        }
        return replies.get((method, path), lambda: Answer(404, {}, b""))()

    def sign_in(self, url: str) -> str:
        """Where a browser is led from the authorization endpoint: the callback, with its query."""
        parts = urlsplit(url)
        status, headers, _ = self.answer("GET", f"{parts.path}?{parts.query}", {})
        assert status == 302
        back = urlsplit(headers["Location"])
        return f"{back.path}?{back.query}"

    @property
    def transport(self) -> httpx.AsyncBaseTransport:
        def handle(request: httpx.Request) -> httpx.Response:
            target = request.url.raw_path.decode()
            status, headers, body = self.answer(request.method, target, request.headers, request.content)
            return httpx.Response(status, headers=dict(headers), content=body)

        return httpx.MockTransport(handle)

    @contextmanager
    def served(self) -> Iterator[None]:
        """Serve it on a free port of the loopback, which becomes its issuer."""
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, headers, reply = fake.answer(self.command, self.path, dict(self.headers), body)
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(reply))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(reply)

            do_POST = do_GET  # noqa: N815  # the standard library's names

            def log_message(self, *_: object) -> None:
                return

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()
            thread.join(timeout=10)

    def _discovery(self) -> dict[str, Any]:
        names = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
        endpoints = {f"{name}_endpoint": f"{self.issuer}/{path}" for name, path in names.items()}
        return {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys", **endpoints, **self.metadata}

    def _keys(self) -> Answer:
        strange: list[Any] = [{"kty": "AKP", "kid": "of tomorrow"}, {"kty": "EC", "crv": "P-0", "x": "", "y": ""}, None]
        return _json({"keys": [*strange, self.key.as_dict(private=False)]})

    def _user_info(self, authorization: str) -> Answer:
        return _json({**self.person, **self.user_info} if authorization == "Bearer access" else {"sub": ""})

    def _authorize(self, query: dict[str, str]) -> Answer:
        assert (query["response_type"], query["client_id"]) == ("code", CLIENT_ID)
        assert (query["code_challenge_method"], query["scope"].split()[0]) == ("S256", "openid")
        code = f"code {len(self.codes)}"
        self.codes[code] = query
        return Answer(
            302, {"Location": f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"}, b""
        )

    def _token(self, form: dict[str, str], authorization: str) -> Answer:
        """Refuse a code that is unknown or used, another verifier, address or secret (RFC 6749, section 5.2)."""
        begun = self.codes.pop(form["code"], None)
        challenge = urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        client = b64decode(authorization.removeprefix("Basic ")).decode().split(":") if authorization else []
        known = [unquote_plus(each) for each in client] or [
            form.get("client_id", ""),
            form.get("client_secret", SECRET),
        ]
        if begun is None or begun["code_challenge"] != challenge or begun["redirect_uri"] != form["redirect_uri"]:
            return _json({"error": "invalid_grant"}, 400)
        if known != [CLIENT_ID, SECRET]:
            return _json({"error": "invalid_client"}, 401)
        return _json({"access_token": "access", "token_type": "Bearer", "id_token": self._id_token(begun)})

    def _id_token(self, begun: dict[str, str]) -> str:
        at = int(self.clock().timestamp())
        about = {"sub": self.person["sub"]} if self.is_thin else self.person
        times = {"iat": at, "exp": at + LIFETIME} | ({"auth_time": at} if "max_age" in begun else {})
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "nonce": begun["nonce"], **times, **about, **self.faults}
        claims = {name: value for name, value in claims.items() if value is not None}
        if self.is_unsigned:
            return f"{encoded({'alg': 'none', 'kid': self.key.kid})}.{encoded(claims)}."
        return jwt.encode({"alg": "RS256", "kid": self.key.kid or ""}, claims, self.signs_with or self.key)


def _json(body: Any, status: int = 200) -> Answer:
    return Answer(status, {"Content-Type": "application/json"}, json.dumps(body).encode())
