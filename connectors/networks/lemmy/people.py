"""From a creator to a Person, and their wish to be left out. Pure."""

from __future__ import annotations

import re
from typing import Final

from connectors.contract import Person
from connectors.contract.consent import wish_in
from connectors.contract.fields import flag, parts, string
from connectors.networks.lemmy.entities import Creator, Field
from connectors.text.characters import visible
from connectors.text.hosts import host_of
from connectors.text.urls import web

MAX_FIELDS: Final = 8
MAX_BIO: Final = 20_000


def opted_out(creator: Creator) -> str:
    """The author's wish to be left out, as a sentence; empty if there is none. PieFed's lists lack the profile."""
    fields = parts(creator.extra_fields, Field, MAX_FIELDS)
    words = [f"{string(field.label)} {string(field.text)}" for field in fields]
    return wish_in(string(creator.bio, MAX_BIO), string(creator.about, MAX_BIO), *words)


def name_of(creator: Creator) -> str:
    """`ada@lemmy.example`, by which every server knows the author."""
    name = re.sub(r"[^\w.-]", "", string(creator.name) or string(creator.user_name) or _last(creator.actor_id))
    return f"{name}@{host_of(web(creator.actor_id))}"


def to_person(creator: Creator) -> Person:
    name = name_of(creator)
    shown = visible(string(creator.display_name)) or visible(string(creator.title)) or name.partition("@")[0] or "?"
    return Person(
        name=shown,
        handle=f"@{name}",
        url=web(creator.actor_id),
        avatar=web(creator.avatar),
        bot=flag(creator.bot_account) or flag(creator.bot),
    )


def _last(address: str) -> str:
    return address.rstrip("/").rpartition("/")[2][:100]
