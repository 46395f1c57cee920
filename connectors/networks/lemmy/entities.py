"""Lemmy's and PieFed's entities, as far as they are read: https://join-lemmy.org/docs/contributors/04-api.html.

The required fields of a post are typed; every other field is read by itself, so a broken one affects no other. Where
the two differ in a name, both are there.
"""

from __future__ import annotations

from typing import Any

from connectors.contract.fields import Shape


class Page(Shape, frozen=True):
    """A post: a title with a link, a picture or a text. `ap_id` is its ActivityPub id."""

    id: int
    ap_id: str
    name: Any = None
    title: Any = None  # PieFed
    url: Any = None
    body: Any = None
    published: Any = None
    updated: Any = None
    edited_at: Any = None  # PieFed
    deleted: Any = None
    removed: Any = None
    nsfw: Any = None
    embed_title: Any = None
    embed_description: Any = None
    thumbnail_url: Any = None
    alt_text: Any = None
    url_content_type: Any = None
    post_type: Any = None  # PieFed
    image_details: Any = None  # PieFed
    featured_community: Any = None
    featured_local: Any = None
    sticky: Any = None  # PieFed
    instance_sticky: Any = None  # PieFed
    poll: Any = None  # PieFed


class Creator(Shape, frozen=True):
    """An author. `actor_id` is their ActivityPub id, which is their page as well."""

    actor_id: str
    name: Any = None
    user_name: Any = None  # PieFed
    display_name: Any = None
    title: Any = None  # PieFed
    avatar: Any = None
    bio: Any = None
    about: Any = None  # PieFed
    extra_fields: Any = None  # PieFed
    bot_account: Any = None
    bot: Any = None  # PieFed
    deleted: Any = None
    banned: Any = None


class Field(Shape, frozen=True):
    label: Any = None
    text: Any = None


class Community(Shape, frozen=True):
    visibility: Any = None
    deleted: Any = None
    removed: Any = None


class Size(Shape, frozen=True):
    width: Any = None
    height: Any = None


class Choice(Shape, frozen=True):
    choice_text: Any = None
    num_votes: Any = None


class Ballot(Shape, frozen=True):
    choices: Any
    mode: Any = None
    end_poll: Any = None


class PostView(Shape, frozen=True):
    """An entry of a list."""

    post: Page
    creator: Creator
    community: Any = None
    image_details: Any = None
