"""Whether a post is what a source follows, and is meant for a public wall. Pure."""

from __future__ import annotations

from connectors.contract import Value
from connectors.networks.mastodon.reading import Read


class Matching(Value, frozen=True):
    """A hashtag's timeline has one of the `first` tags, every one of `every` and none of `never`, in normal form.

    Without any `first`, all posts of an account belong, whatever they say; `unlisted` ones only where that is wished.
    """

    first: tuple[str, ...] = ()
    every: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    unlisted: bool = False

    def is_wanted(self, status: Read) -> bool:
        """Whether it may be on a wall at all: unlisted posts were kept out of public places by their authors."""
        return self.unlisted or not status.quiet

    def has_left(self, status: Read) -> bool:
        """Whether an edit has taken away what the source follows."""
        return bool(status.post and status.edited and not self._has_tags(status))

    def _has_tags(self, status: Read) -> bool:
        if not self.first:
            return True
        has = frozenset(status.tags)
        return not has.isdisjoint(self.first) and has.issuperset(self.every) and has.isdisjoint(self.never)
