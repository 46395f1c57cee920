"""From what a person types to the address of a source: which network is meant, on which server, with which options.

It asks every connector and refuses to know any of them; nothing is fetched.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace
from pydantic import ValidationError

from aggregator.walls.verbs import WallError
from connectors._base import Address, Connector

ANY_SERVER = "any.example"


def recognise(text: str, connectors: Mapping[str, Connector], *, on: str = "", network: str = "") -> Address:
    """The one address that `text` means. A network that takes any web address yields to one that knows this one.

    Raises WallError with what to type instead.
    """
    asked = _chosen(connectors, network)
    found = {name: address for name, each in asked.items() if (address := each.recognise(text, on))}
    particular = {name: found[name] for name in found if not asked[name].last_resort} or found
    if len(particular) > 1:
        raise WallError(f"“{text}” can be followed on several networks: choose one of {', '.join(sorted(particular))}.")
    if not particular:
        raise WallError(_what_to_type(text, on, asked))
    return next(iter(particular.values()))


def with_options(address: Address, connector: Connector, options: Mapping[str, Any]) -> Address:
    """The address with these options as the connector reads them. Raises WallError."""
    try:
        checked = connector.options.model_validate(dict(options))
    except ValidationError as error:
        known = ", ".join(connector.options.model_fields) or "none"
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"][:1])
        reason = (
            f"it has these: {known}"
            if first["type"] == "extra_forbidden"
            else first["msg"].removeprefix("Value error, ").rstrip(".")
        )
        raise WallError(f"{connector.label} cannot take the option {place} like this: {reason}.") from None
    return replace(address, options=checked.model_dump(mode="json", exclude_unset=True))


def _chosen(connectors: Mapping[str, Connector], network: str) -> Mapping[str, Connector]:
    if not network:
        return connectors
    if network not in connectors:
        raise WallError(f"There is no network “{network}”: choose one of {', '.join(sorted(connectors))}.")
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
