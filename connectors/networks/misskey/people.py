"""From a Misskey user to a Person, and its owner's wish to be left out. Pure."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from connectors.contract import Person
from connectors.contract.consent import wish_in
from connectors.contract.fields import flag, parts, perhaps, string
from connectors.contract.origin import host_of_key
from connectors.networks.misskey.entities import Field, Profile, User
from connectors.text.characters import visible
from connectors.text.hosts import host_of, shown_host
from connectors.text.urls import web

MAX_FIELDS: Final = 16  # of a profile; Misskey has sixteen
MAX_DESCRIPTION: Final = 20_000
MAX_FIELD: Final = 2_000
NOINDEX: Final = "The author asks search engines and services like ours to leave their posts out (noindex)."
SIGN_IN: Final = "The author shows their posts only to people who have signed in."


def opted_out(user: User | Profile) -> str:
    """The author's wish to be left out, as a sentence; empty if there is none.

    A note carries the user's flags; the hashtags #nobot and #noindex are in the profile (`users/show`).
    """
    if perhaps(user.noindex):
        return NOINDEX
    if isinstance(user, User):
        return SIGN_IN if perhaps(user.require_signin_to_view_contents) else ""
    fields = parts(user.fields, Field, MAX_FIELDS)
    words = [f"{string(field.name, MAX_FIELD)} {string(field.value, MAX_FIELD)}" for field in fields]
    return wish_in(string(user.description, MAX_DESCRIPTION), *words)


def to_person(user: User, origin: str, key: str, url: str) -> Person:
    """The author of the note with this key and URL, as the server at `origin` gives them."""
    name = re.sub(r"[^\w.-]", "", user.username)
    return Person(
        name=visible(string(user.name)) or name or "?",
        handle=f"@{name}@{host_of_user(user, origin)}",
        url=_profile(user, name, origin, key, url),
        avatar=web(user.avatar_url),
        bot=flag(user.is_bot),
    )


def host_of_user(user: User, origin: str) -> str:
    """The host in the user's handle: that of the answering server for its own users."""
    return (shown_host(user.host) if isinstance(user.host, str) else "") or host_of(origin)


def _profile(user: User, name: str, origin: str, key: str, url: str) -> str:
    """The address of the profile at home, where the note shows how its server forms it; else on the answering server.

    Mastodon's and Misskey's pages of a note tell; of other programs nothing is known.
    """
    if not isinstance(user.host, str):
        return f"{origin}/@{name}"
    home = host_of_key(key)
    if host_of_key(url) == home and urlsplit(url).path.lower().startswith(f"/@{name}/".lower()):
        return url[: url.index("/@") + 2] + name
    if urlsplit(key).path.startswith("/notes/"):
        return f"{urlsplit(key).scheme}://{home}/@{name}"
    return f"{origin}/@{name}@{user.host.lower()}"
