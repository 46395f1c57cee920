"""Links to the operator of this server, for every page."""

from __future__ import annotations

import re

from aggregator.settings import Settings

SAFE = ("https://", "http://", "mailto:")
MAIL = re.compile(r"[^\s@<>:/]+@[^\s@<>:/]+")


def operator_links(settings: Settings) -> dict[str, str]:
    """The URLs of `contact`, `imprint` and `privacy`, if set. An e-mail address becomes a `mailto:` link."""
    contact = settings.contact.strip()
    if MAIL.fullmatch(contact):
        contact = f"mailto:{contact}"
    addresses = {"contact": contact, "imprint": settings.imprint_url, "privacy": settings.privacy_url}
    return {name: each for name, each in addresses.items() if each.lower().startswith(SAFE)}
