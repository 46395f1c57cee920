"""Kinds of sources that a network offers, and the address of one source."""

from __future__ import annotations

from connectors.contract.value import Value


class Kind(Value, frozen=True):
    """One kind of source, such as `hashtag`, `account` or `feed`.

    The value of a `hashtag` is the tag without its #: a wall that follows its own hashtag on a network invites people
    to post there. `needs_server` tells readers of the docs that a server must be given.
    """

    name: str
    label: str
    example: str
    needs_server: bool = False


class Address(Value, frozen=True):
    """The address of a source. `value` is normalised (`socitm09`, `ada@example.org`, a feed's URL).

    `server` is an origin such as `https://mastodon.example` or `http://127.0.0.1:8080`, or empty where the network
    has a single server, or the value is the URL itself. An organiser's own server may have a private address: only the
    host of `server` or `value` is asked there. `options` are the connector's own options, validated by its `options`
    model; likewise `credentials`, which are sent to this source's server only and are never shown, logged or sent to a
    browser.
    """

    network: str
    kind: str
    value: str
    server: str = ""
    options: dict[str, object] = {}
    credentials: dict[str, object] = {}

    def __repr__(self) -> str:
        known = ", ".join(sorted(self.credentials)) or "none"
        return f"Address({self.network} {self.kind} {self.value!r} on {self.server!r}, credentials: {known})"
