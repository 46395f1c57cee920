"""Labels as warnings: those of the post's author, and of Bluesky's moderators. Pure.

https://docs.bsky.app/docs/advanced-guides/moderation. Anyone may publish labels about anything; other labelers' words
count only for readers who have subscribed to them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from connectors.networks.bluesky.entities import Author, Label, parts
from connectors.networks.bluesky.values import moment
from connectors.text.lenient_json import as_list

MODERATORS: Final = "did:plc:ar7c4by46qjdydhdevvrndac"
"""Bluesky's moderation service, whose labels every app of Bluesky's shows."""
MAX_LABELS: Final = 100
OWN: Final = {
    "porn": "Adult content",
    "sexual": "Sexual content",
    "nudity": "Nudity",
    "graphic-media": "Graphic pictures",
    "gore": "Graphic pictures",
}
"""Labels that authors give to their own posts; all of them are about pictures."""
MODERATED: Final = OWN | {
    "!warn": "Warning by the moderators of Bluesky",
    "sexual-figurative": "Sexual drawing",
    "intolerant": "Intolerance",
    "threat": "Threats",
    "self-harm": "Self-harm",
    "misleading": "Misleading",
    "misinformation": "Misinformation",
    "impersonation": "Impersonation",
    "scam": "Scam",
    "spam": "Spam",
    "unsafe-link": "Unsafe link",
}
PICTURES: Final = frozenset({*OWN, "sexual-figurative"})
HIDDEN: Final = frozenset({"!hide", "!takedown", "!suspend"})
SIGNED_IN_ONLY: Final = "!no-unauthenticated"
NEVER: Final = datetime.min.replace(tzinfo=UTC)


class Judgement(NamedTuple):
    """The meaning of a post's labels: its `warnings`, and whether its pictures are `sensitive`.

    `hidden` means that Bluesky's moderators have hidden the post, or its author.
    """

    warnings: tuple[str, ...] = ()
    sensitive: bool = False
    hidden: bool = False


class Subject(NamedTuple):
    """A post to be judged: its URI, its version, its author, the labels that a service adds, and its own record."""

    uri: str
    cid: Any
    author: Author
    labels: Any
    record: Mapping[str, Any]


def judge(post: Subject, now: datetime) -> Judgement:
    """The meaning of the labels of a post and of its author's account, and of those within the post's own record."""
    author = post.author
    on_post = _valid([label for label in _labels(post.labels) if label.cid in (None, "", post.cid)], post.uri, now)
    on_account = _valid(_labels(author.labels), author.did, now)
    moderated = [val for src, val in [*on_post, *on_account] if src == MODERATORS]
    own = [*(val for src, val in on_post if src == author.did), *_self_labels(post.record)]
    values = [*(val for val in own if val in OWN), *(val for val in moderated if val in MODERATED)]
    return Judgement(
        warnings=tuple(dict.fromkeys(MODERATED[val] for val in values)),
        sensitive=not PICTURES.isdisjoint(values),
        hidden=not HIDDEN.isdisjoint(moderated),
    )


def signed_in_only(author: Author, now: datetime) -> bool:
    """Whether the account asks apps to show its posts to signed-in readers only, by a label of any service."""
    labels = _labels(author.labels)
    subjects = (author.did, f"at://{author.did}/app.bsky.actor.profile/self")
    return any(val == SIGNED_IN_ONLY for subject in subjects for _, val in _valid(labels, subject, now))


def _labels(labels: Any) -> list[Label]:
    return parts(labels, Label, MAX_LABELS)


def _valid(labels: list[Label], subject: str, now: datetime) -> list[tuple[str, str]]:
    """(source, value) of the labels about this subject that are neither expired nor negated by a later one."""
    found: dict[tuple[str, str], bool] = {}
    for label in sorted(labels, key=lambda label: moment(label.cts) or NEVER):
        if label.uri != subject or not isinstance(label.src, str):
            continue
        expiry = moment(label.exp)
        found[label.src, label.val] = label.neg is not True and (expiry is None or expiry > now)
    return [name for name, counts in found.items() if counts]


def _self_labels(record: Mapping[str, Any]) -> list[str]:
    """The values of the author's own labels within the record."""
    labels = record.get("labels")
    values = labels.get("values") if isinstance(labels, dict) else None
    found = [each.get("val") for each in (as_list(values) or ())[:MAX_LABELS] if isinstance(each, dict)]
    return [val for val in found if isinstance(val, str)]
