"""Recognising the address of a source in a person's input: its network, its server and its options."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace
from pydantic import SecretStr, ValidationError
from pydantic_core import ErrorDetails

from aggregator.sources.errors import SourceError
from aggregator.sources.unsupported import examples_of, refusal, unsupported
from aggregator.validation import number, reason
from connectors.contract import Address, Connector

WORD = re.compile(r"\w+")
"""A hashtag without `#`, which a shell takes for a comment; accepted together with a server."""
ANY_SERVER = "any.example"


def recognise(
    text: str, connectors: Mapping[str, Connector], *, on: str = "", network: str = "", software: str = ""
) -> Address:
    """Return the one address that `text` means. A connector of last resort yields to a more specific one.

    Of several networks the one whose API the server's `software` has is meant (see `undecided`).

    Raises SourceError with what to type instead, also for a known network that is not supported yet.
    """
    asked = chosen(connectors, network)
    found = candidates(text, asked, on)
    particular = found if len(found) < 2 else by_software(found, asked, software)  # noqa: PLR2004  one is clear
    if len(particular) > 1:
        raise SourceError(
            f"Ambiguous source: “{text}” can be followed on several networks. Choose one of"
            f" {', '.join(sorted(particular))}."
        )
    if not found and on and WORD.fullmatch(text.strip()):
        return recognise(f"#{text.strip()}", connectors, on=on, network=network, software=software)
    name, address = next(iter(particular.items()), ("", None))
    if elsewhere := unsupported(text, on, address, asked.get(name)):
        raise SourceError(refusal(elsewhere, connectors))
    if address is None:
        raise SourceError(what_to_type(text, on, asked))
    return address


def undecided(text: str, connectors: Mapping[str, Connector], *, on: str = "", network: str = "") -> str:
    """Return the server whose software decides between the networks that `text` may mean; empty if one is clear.

    Raises SourceError for an unknown network.
    """
    asked = chosen(connectors, network)
    bare = text.strip()
    found = candidates(f"#{bare}" if on and WORD.fullmatch(bare) else text, asked, on)
    servers = {address.server for address in found.values()}
    return servers.pop() if len(found) > 1 and len(servers) == 1 else ""


def candidates(text: str, connectors: Mapping[str, Connector], on: str) -> dict[str, Address]:
    """Return the addresses that the text may mean, by network; those of last resort only where there is no other."""
    found = {name: address for name, each in connectors.items() if (address := each.recognise(text, on))}
    return {name: found[name] for name in found if not connectors[name].last_resort} or found


def by_software(
    found: Mapping[str, Address], connectors: Mapping[str, Connector], software: str
) -> Mapping[str, Address]:
    """Return those for that software; else those whose API other programs speak, too; else all."""
    named = {name: address for name, address in found.items() if software in connectors[name].software}
    return named or {name: found[name] for name in found if not connectors[name].software} or found


def with_options(
    address: Address, connector: Connector, options: Mapping[str, Any], spelt: Callable[[str], str] = "option {}".format
) -> Address:
    """Return the address with these options, validated by the connector. Raises SourceError.

    `spelt` returns how a person writes an option, such as `--any`.
    """
    try:
        checked = connector.options.model_validate(dict(options))
    except ValidationError as error:
        detail = error.errors(include_input=True)[0]
        raise SourceError(_about_option(connector, detail, spelt), str(detail["loc"][0])) from None
    return replace(address, options=checked.model_dump(mode="json", exclude_unset=True))


def with_credentials(address: Address, connector: Connector, values: Mapping[str, Any]) -> Address:
    """Return the address with these credentials, validated by the connector. Raises SourceError, without values."""
    try:
        checked = connector.credentials.model_validate(dict(values))
    except ValidationError as error:
        detail = error.errors(include_input=False)[0]
        name = str(detail["loc"][0])
        if detail["type"] == "extra_forbidden":
            raise SourceError(f"Unknown credential “{name}” for {connector.label}: leave it out.") from None
        own = detail["type"] == "value_error"
        sentence = f"{reason(detail)}." if own else f"Invalid {name} for {connector.label}: {reason(detail)}."
        raise SourceError(sentence, name) from None
    given = {name: _bare(getattr(checked, name)) for name in checked.model_fields_set}
    return replace(address, credentials={name: value for name, value in given.items() if value})


def _bare(value: object) -> object:
    """Return the plain value of a pydantic secret, which otherwise prints as asterisks."""
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def _about_option(connector: Connector, detail: ErrorDetails, spelt: Callable[[str], str]) -> str:
    """Return one sentence about an invalid option, without pydantic's wording."""
    name, model = str(detail["loc"][0]), connector.options
    if detail["type"] == "extra_forbidden":
        if name in connector.credentials.model_fields:
            return f"Not an option: {name} is a credential; give it with --token-file FILE."
        known = ", ".join(model.model_fields)
        hint = f"Known options: {known}." if known else "It has no options."
        return f"Unknown option “{name}” for {connector.label}. {hint}"
    if detail["type"] == "too_long" and len(detail["loc"]) == 1:
        most, given = detail["ctx"]["max_length"], detail["ctx"]["actual_length"] or len(detail["input"])
        extra = model.model_fields[name].json_schema_extra
        noun = extra.get("noun", "values") if isinstance(extra, dict) else "values"
        return f"Too many {noun} with {spelt(name)}: {number(most)} at most; you gave {number(given)}."
    return f"Invalid {spelt(name)} for {connector.label}: {reason(detail)}."


def chosen(connectors: Mapping[str, Connector], network: str) -> Mapping[str, Connector]:
    if not network:
        return connectors
    if network not in connectors:
        raise SourceError(f"Unknown network “{network}”: choose one of {', '.join(sorted(connectors))}.")
    return {network: connectors[network]}


def what_to_type(text: str, on: str, connectors: Mapping[str, Connector]) -> str:
    """Return the sentence about a text that no network recognises."""
    if any(each.recognise(text, ANY_SERVER) for each in connectors.values()):
        if not on:
            return f"Server missing: name one to follow “{text}” on, such as mastodon.social."
        return f"Invalid server “{on}”: name one such as mastodon.social, or http://127.0.0.1:8080."
    if on and any(each.recognise(text) for each in connectors.values()):
        return f"Cannot follow “{text}” on “{on}”: leave the server out, or name it as host.example."
    return f"Cannot follow “{text}”. Try something like {' or '.join(examples_of(connectors))}."
