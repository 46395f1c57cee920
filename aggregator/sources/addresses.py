"""From what a person types to the address of a source: which network is meant, on which server, with which options.

It asks every connector and refuses to know any of them; nothing is fetched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace
from pydantic import SecretStr, ValidationError
from pydantic_core import ErrorDetails

from aggregator.sources.errors import SourceError
from aggregator.sources.unsupported import refusal, unsupported
from aggregator.validation import number, reason
from connectors.contract import Address, Connector

WORD = re.compile(r"\w+")
"""On a server, a hashtag without its sign, which a shell takes for the beginning of a comment."""
ANY_SERVER = "any.example"


def recognise(text: str, connectors: Mapping[str, Connector], *, on: str = "", network: str = "") -> Address:
    """The one address that `text` means. A network that takes any web address yields to one that knows this one.

    Raises SourceError with what to type instead, also for a network that is known and cannot be followed yet.
    """
    asked = _chosen(connectors, network)
    found = {name: address for name, each in asked.items() if (address := each.recognise(text, on))}
    particular = {name: found[name] for name in found if not asked[name].last_resort} or found
    if len(particular) > 1:
        raise SourceError(
            f"“{text}” can be followed on several networks: choose one of {', '.join(sorted(particular))}."
        )
    if not found and on and WORD.fullmatch(text.strip()):
        return recognise(f"#{text.strip()}", connectors, on=on, network=network)
    name, address = next(iter(particular.items()), ("", None))
    if elsewhere := unsupported(text, on, address, asked.get(name)):
        raise SourceError(refusal(elsewhere, connectors))
    if address is None:
        raise SourceError(_what_to_type(text, on, asked))
    return address


def with_options(
    address: Address, connector: Connector, options: Mapping[str, Any], spelt: Callable[[str], str] = "option {}".format
) -> Address:
    """The address with these options as the connector reads them. Raises SourceError.

    `spelt` says how a person names an option, such as `--any`.
    """
    try:
        checked = connector.options.model_validate(dict(options))
    except ValidationError as error:
        raise SourceError(_about_option(connector, error.errors(include_input=True)[0], spelt)) from None
    return replace(address, options=checked.model_dump(mode="json", exclude_unset=True))


def with_credentials(address: Address, connector: Connector, values: Mapping[str, Any]) -> Address:
    """The address with these credentials as the connector reads them. Raises SourceError, without any of them."""
    try:
        checked = connector.credentials.model_validate(dict(values))
    except ValidationError as error:
        detail = error.errors(include_input=False)[0]
        name = str(detail["loc"][0])
        if detail["type"] == "extra_forbidden":
            raise SourceError(f"{connector.label} takes no {name}: leave it out.") from None
        own = detail["type"] == "value_error"
        sentence = f"{reason(detail)}." if own else f"{connector.label} cannot take this {name}: {reason(detail)}."
        raise SourceError(sentence) from None
    given = {name: _bare(getattr(checked, name)) for name in checked.model_fields_set}
    return replace(address, credentials={name: value for name, value in given.items() if value})


def _bare(value: object) -> object:
    """Connectors may use pydantic's own types for secrets, which otherwise show themselves as asterisks."""
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def _about_option(connector: Connector, detail: ErrorDetails, spelt: Callable[[str], str]) -> str:
    """One sentence, without anything of pydantic's."""
    name, model = str(detail["loc"][0]), connector.options
    if detail["type"] == "extra_forbidden":
        if name in connector.credentials.model_fields:
            return f"The {name} is a credential, no option: give it with --token-file FILE."
        known = ", ".join(model.model_fields)
        return f"{connector.label} has no option {name}: " + (f"it has {known}." if known else "it has none at all.")
    if detail["type"] == "too_long" and len(detail["loc"]) == 1:
        most, given = detail["ctx"]["max_length"], detail["ctx"]["actual_length"] or len(detail["input"])
        extra = model.model_fields[name].json_schema_extra
        noun = extra.get("noun", "values") if isinstance(extra, dict) else "values"
        return f"{number(most).capitalize()} {noun} at most with {spelt(name)}; you gave {number(given)}."
    return f"{connector.label} cannot take the {spelt(name)} like this: {reason(detail)}."


def _chosen(connectors: Mapping[str, Connector], network: str) -> Mapping[str, Connector]:
    if not network:
        return connectors
    if network not in connectors:
        raise SourceError(f"There is no network “{network}”: choose one of {', '.join(sorted(connectors))}.")
    return {network: connectors[network]}


def _what_to_type(text: str, on: str, connectors: Mapping[str, Connector]) -> str:
    if any(each.recognise(text, ANY_SERVER) for each in connectors.values()):
        if not on:
            return f"Name a server to follow “{text}” on, such as mastodon.social."
        return f"“{on}” is no server: name one such as mastodon.social, or as http://127.0.0.1:8080."
    if on and any(each.recognise(text) for each in connectors.values()):
        return f"“{text}” cannot be followed on “{on}”: leave the server out, or name it as host.example."
    examples = sorted({kind.example for each in connectors.values() for kind in each.kinds})
    return f"“{text}” is nothing that can be followed: give something like {' or '.join(examples)}."
