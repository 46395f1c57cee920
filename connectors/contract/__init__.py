"""The contract between a network and the rest: its values, and the class to derive from.

The errors are in `connectors.errors`, the client's type in `connectors.http.client`, cleaning of HTML in
`connectors.text.html`, and the sandbox for parsing in `connectors.sandbox`.
"""

from connectors.contract.address import Address, Kind
from connectors.contract.connector import Confirmation, Connector, NoFields, Presence
from connectors.contract.page import Page
from connectors.contract.post import Attachment, Choice, LinkCard, Mention, Person, Poll, Post, Quote
from connectors.contract.stream import Stream, Told, Wanted
from connectors.contract.value import Value

__all__ = [
    "Address",
    "Attachment",
    "Choice",
    "Confirmation",
    "Connector",
    "Kind",
    "LinkCard",
    "Mention",
    "NoFields",
    "Page",
    "Person",
    "Poll",
    "Post",
    "Presence",
    "Quote",
    "Stream",
    "Told",
    "Value",
    "Wanted",
]
