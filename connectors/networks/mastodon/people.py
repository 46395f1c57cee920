"""From a Mastodon account to a Person, and its owner's wish to be left out. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Final

from connectors.contract import Person
from connectors.contract.consent import wish_in
from connectors.networks.mastodon.entities import Account, Field, parts
from connectors.networks.mastodon.values import flag, perhaps, string
from connectors.text.characters import normalise, visible
from connectors.text.hosts import host_of, shown_host
from connectors.text.urls import web

MAX_FIELDS: Final = 8  # of a profile; Mastodon has four
MAX_NOTE: Final = 20_000
"""Characters of a profile's HTML that are read for a wish; Mastodon's longest has 500 of text."""
MAX_FIELD: Final = 2_000
"""Characters of a field's name, and of its value; Mastodon's longest have 255 of text."""
MAX_ACCT: Final = 1_000
"""Characters of an account's name and host."""


def opted_out(account: Account) -> str:
    """The author's wish to be left out, as a sentence; empty if there is none.

    `noindex`, and the hashtags #noindex and #nobot in the profile, are expressed wishes. `discoverable` and `indexable`
    are not read here: both are off until an author turns them on, so "false" expresses no wish, and would silence
    people who posted with the event's own tag.
    """
    if perhaps(account.noindex):
        return "The author asks search engines and services like ours to leave their posts out (noindex)."
    fields = parts(account.fields, Field, MAX_FIELDS)
    words = [f"{string(field.name, MAX_FIELD)} {string(field.value, MAX_FIELD)}" for field in fields]
    return wish_in(string(account.note, MAX_NOTE), *words)


def to_person(account: Account) -> Person:
    return Person(
        name=visible(string(account.display_name)) or visible(string(account.username)) or visible(_user(account.acct)),
        handle=handle_of(account.acct, account.url),
        url=web(account.url),
        avatar=web(account.avatar_static) or web(account.avatar),
        bot=flag(account.bot),
    )


def words_of(text: Any) -> str:
    return normalise(string(text)).strip()


def _user(acct: str) -> str:
    """The user name, with nothing but letters, digits, dots, hyphens and underscores."""
    name = unicodedata.normalize("NFKC", normalise(acct[:MAX_ACCT])).lstrip("@").partition("@")[0]
    return re.sub(r"[^\w.-]", "", name)


def handle_of(acct: str, url: Any) -> str:
    """`@ada@mastodon.example`: the `acct` of a local account lacks its host, which is taken from the profile's URL."""
    _, at, host = normalise(acct[:MAX_ACCT]).lstrip("@").rpartition("@")
    shown = shown_host(host) if at else host_of(web(url))
    return f"@{_user(acct)}@{shown}" if shown else f"@{_user(acct)}"
