"""Whether a post matches its source, and is meant for a public wall. Pure."""

from __future__ import annotations

from connectors.contract import Value
from connectors.networks.mastodon.cursor import Cursor
from connectors.networks.mastodon.reading import ParsedStatus


class Matching(Value, frozen=True):
    """A hashtag's timeline has one of the `first` tags, every one of `every` and none of `never`, in normal form.

    Without any `first`, all posts of an account match; `unlisted` ones only with that option.
    """

    first: tuple[str, ...] = ()
    every: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    unlisted: bool = False

    def is_wanted(self, status: ParsedStatus) -> bool:
        """Whether a wall may show it: authors keep unlisted posts out of public places."""
        return self.unlisted or not status.quiet

    def is_unmatched(self, status: ParsedStatus, before: Cursor) -> bool:
        """Whether an edited post no longer matches the source.

        Some servers give an edit no date: then the post has lost the hashtags that it had when it was last listed.
        """
        return self.lacks_tags(status) and (status.edited or _has_had_tags(status, before))

    def is_believed(self, status: ParsedStatus, before: Cursor) -> bool:
        """Whether a status without the hashtags was listed from the start: servers list tags differently."""
        return self.lacks_tags(status) and not _has_had_tags(status, before)

    def lacks_tags(self, status: ParsedStatus) -> bool:
        """Whether the post, as it is now, has not the source's hashtags."""
        return status.post is not None and not self._has_tags(status)

    def _has_tags(self, status: ParsedStatus) -> bool:
        if not self.first:
            return True
        has = frozenset(status.tags)
        return not has.isdisjoint(self.first) and has.issuperset(self.every) and has.isdisjoint(self.never)


def _has_had_tags(status: ParsedStatus, before: Cursor) -> bool:
    return before.untagged is not None and status.id in before.known and status.id not in before.untagged
