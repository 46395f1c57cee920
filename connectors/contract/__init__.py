"""The contract between a network and the rest: all that a connector's author imports.

The client is passed to a connector's `poll`; its type is `connectors.http.client.Http`.
"""

from connectors.contract.address import Address, Kind
from connectors.contract.connector import Connector, Nothing, Presence
from connectors.contract.page import Page
from connectors.contract.post import Attachment, Choice, LinkCard, Mention, Person, Poll, Post, Quote
from connectors.contract.value import Value

__all__ = [
    "Address",
    "Attachment",
    "Choice",
    "Connector",
    "Kind",
    "LinkCard",
    "Mention",
    "Nothing",
    "Page",
    "Person",
    "Poll",
    "Post",
    "Presence",
    "Quote",
    "Value",
]
