"""Who runs this server, as links that every page can show."""

from __future__ import annotations

import re

from aggregator.settings import Settings

SAFE = ("https://", "http://", "mailto:")
MAIL = re.compile(r"[^\s@<>:/]+@[^\s@<>:/]+")


def operator_links(settings: Settings) -> dict[str, str]:
    """Addresses by `contact`, `imprint` and `privacy`, where they are set. An e-mail address becomes a link."""
    contact = settings.contact.strip()
    if MAIL.fullmatch(contact):
        contact = f"mailto:{contact}"
    addresses = {"contact": contact, "imprint": settings.imprint_url, "privacy": settings.privacy_url}
    return {name: each for name, each in addresses.items() if each.lower().startswith(SAFE)}
