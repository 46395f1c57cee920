"""Whether an entry matches its source. Pure."""

from __future__ import annotations

from connectors.contract import Address, Value
from connectors.networks.bluesky.options import Options
from connectors.networks.bluesky.reading import Entry, owner_of


class Matching(Value, frozen=True):
    """A hashtag's posts have the `tag`, in its normal form; a search is looser than that."""

    tag: str = ""
    exclude_replies: bool = False
    exclude_reposts: bool = False

    def is_wanted(self, entry: Entry) -> bool:
        """Whether the options let this entry in. An author's own threads are not replies to others."""
        if entry.is_boost:
            return not self.exclude_reposts
        return not (self.exclude_replies and self._answers_others(entry))

    def has_tag(self, entry: Entry) -> bool:
        """Whether the post, as it is now, has the source's hashtag."""
        return not self.tag or (entry.post is not None and self.tag in entry.post.tags)

    def _answers_others(self, entry: Entry) -> bool:
        return (
            entry.post is not None
            and bool(entry.post.reply_to)
            and owner_of(entry.post.reply_to) != owner_of(entry.key)
        )


def matching_of(source: Address) -> Matching:
    """What matches a source, by its options."""
    options = Options.model_validate(source.options)
    return Matching(
        tag=source.value if source.kind == "hashtag" else "",
        exclude_replies=options.exclude_replies,
        exclude_reposts=options.exclude_reposts,
    )
