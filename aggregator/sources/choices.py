"""All that a person's input may mean: one choice for each network, where `recognise` insists on a single one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from aggregator.sources.addresses import WORD, by_software, candidates, what_to_type
from aggregator.sources.errors import SourceError
from aggregator.sources.unsupported import refusal, unsupported
from connectors.contract import Address, Connector

WITHOUT_SCHEME = re.compile(r"[\w-]+(\.[\w-]+)+(:\d+)?(/\S*)?")
"""A web address as people type it, such as `conference.example/blog`."""


class Choice(NamedTuple):
    """An address that the input may mean. `text` and `on` name it without ambiguity, together with its network."""

    text: str
    on: str
    address: Address


def choices(text: str, connectors: Mapping[str, Connector], *, on: str = "", software: str = "") -> list[Choice]:
    """Return the addresses that `text` may mean, one for each network, those of last resort only if there is no other.

    A word alone counts as a hashtag, and an address without its scheme as one with https. A name without a server is
    looked up where most people of the network are. Of several networks on one server those are meant whose API the
    server's `software` has.

    Raises SourceError with what to type instead, also for a known network that is not supported yet.
    """
    text = text.strip()
    found = candidates(text, connectors, on)
    if not found and WORD.fullmatch(text):
        return choices(f"#{text}", connectors, on=on, software=software)
    if not found and not on and WITHOUT_SCHEME.fullmatch(text):
        return choices(f"https://{text}", connectors, software=software)
    if not found and not on:
        return _on_usual_servers(text, connectors)
    particular = found if len(found) == 1 else by_software(found, connectors, software)
    for name, address in particular.items():
        if elsewhere := unsupported(text, on, address, connectors[name]):
            raise SourceError(refusal(elsewhere, connectors))
    if not particular:
        elsewhere = unsupported(text, on, None, None)
        raise SourceError(refusal(elsewhere, connectors) if elsewhere else what_to_type(text, on, connectors))
    return [Choice(text, on, address) for address in particular.values()]


def _on_usual_servers(text: str, connectors: Mapping[str, Connector]) -> list[Choice]:
    if elsewhere := unsupported(text, "", None, None):
        raise SourceError(refusal(elsewhere, connectors))
    usual = {name: each for name, each in connectors.items() if each.usual_server}
    found = [
        Choice(text, each.usual_server, address)
        for each in usual.values()
        if (address := each.recognise(text, each.usual_server)) is not None
    ]
    if not found:
        raise SourceError(what_to_type(text, "", connectors))
    return found
