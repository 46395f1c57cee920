"""The shapes of choices: what an input may mean, and the forms of the options and credentials of its network."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from aggregator.sources.choices import Choice
from aggregator.sources.tables import Source
from connectors.contract import Connector


class Forms(BaseModel):
    """What a network lets a person set, as JSON schemas with titles and descriptions for people."""

    options: dict[str, Any] = Field(examples=[{"type": "object", "properties": {}}])
    credentials: dict[str, Any] = Field(description="Fields with `format: password` are secret.")


class SourceChoice(Forms):
    """One network that recognises the input. `text`, `on` and `network` are what to send to follow it."""

    text: str = Field(examples=["#harbour26"])
    on: str = Field(examples=["mastodon.social"])
    network: str = Field(examples=["mastodon"])
    label: str = Field(description="The network's name.", examples=["Mastodon"])
    kind: str = Field(examples=["hashtag"])
    kind_label: str = Field(description="The kind in words.", examples=["Hashtag"])
    value: str = Field(examples=["harbour26"])
    server: str = Field(examples=["https://mastodon.social"])
    source: int | None = Field(description="The source that follows it already.")


class Choices(BaseModel):
    """All that an input may mean, first what can be followed without more."""

    choices: list[SourceChoice]


def forms_of(connector: Connector) -> Forms:
    """Return a network's forms."""
    return Forms(options=connector.options.model_json_schema(), credentials=connector.credentials.model_json_schema())


def choice_of(choice: Choice, connector: Connector, source: Source | None) -> SourceChoice:
    """Return a choice in its shape; `source` is the wall's source at its address, if there is one."""
    address = choice.address
    kind_label = next((each.label for each in connector.kinds if each.name == address.kind), address.kind)
    is_followed = source is not None and source.ended_at is None
    return SourceChoice(
        text=choice.text,
        on=choice.on,
        network=address.network,
        label=connector.label,
        kind=address.kind,
        kind_label=kind_label,
        value=address.value,
        server=address.server,
        source=source.id if source is not None and is_followed else None,
        **forms_of(connector).model_dump(),
    )
