"""Whether a post matches its source, and is meant for a public wall. Pure."""

from __future__ import annotations

from connectors.contract import Address, Value
from connectors.networks.mastodon.cursor import Cursor
from connectors.networks.mastodon.options import Options
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

    def excludes(self, status: ParsedStatus) -> bool:
        """Whether it has a hashtag that the source leaves out: some servers do not know `none[]`."""
        return not frozenset(status.tags).isdisjoint(self.never)

    def is_unmatched(self, status: ParsedStatus, before: Cursor) -> bool:
        """Whether an edited post no longer matches the source.

        Some servers give an edit no date: then the post has lost the hashtags that it had when it was last listed.
        """
        if not self.lacks_tags(status):
            return False
        was_shown = self.excludes(status) and before.untagged is None and status.id in before.known
        return status.edited or was_shown or status.id in tagged(before)

    def lacks_tags(self, status: ParsedStatus) -> bool:
        """Whether the post, as it is now, has not the source's hashtags; no, if its list of them can't be read."""
        if status.post is None or self.has_tags(status):
            return False
        return status.lists_tags or self.excludes(status)

    def has_tags(self, status: ParsedStatus) -> bool:
        """Whether these are the hashtags of the source."""
        if not self.first:
            return True
        has = frozenset(status.tags)
        return not has.isdisjoint(self.first) and has.issuperset(self.every) and has.isdisjoint(self.never)


def matching_of(source: Address) -> Matching:
    """What matches a source, by its options."""
    options = Options.model_validate(source.options)
    if source.kind == "account":
        return Matching(unlisted=options.unlisted)
    return Matching(first=(source.value, *options.any), every=tuple(options.all), never=tuple(options.none))


def tagged(position: Cursor) -> frozenset[str]:
    """The ids of known statuses that have been read with the source's hashtags: servers list others, too."""
    return frozenset(position.known) - frozenset(position.known if position.untagged is None else position.untagged)
