"""The shapes of sources, of following one, and of its preview."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, SecretStr

from aggregator.intake.candidates import Found
from aggregator.intake.listening import HOURS, Listening
from aggregator.sources.report import UNUSED_TAG, health, is_unused, source_row
from aggregator.sources.tables import Source
from aggregator.walls.tables import Mode
from connectors.contract import Connector, Post
from connectors.text.html import plain
from connectors.text.structure import shorten
from web.api.bodies import Body, fields
from web.api.desk.bodies import PRINTABLE

MAX_WORDS = 240
"""Characters of a post in a preview."""
Text = Annotated[str, Field(max_length=2000, pattern=PRINTABLE)]
Option = Annotated[str, Field(max_length=100, pattern=PRINTABLE)]


class Credentials(Body):
    """Credentials of a network."""

    credentials: dict[Option, SecretStr] | None = Field(
        None,
        max_length=10,
        description="Credentials of the network, which are stored encrypted and never returned. Without them those of"
        " the source stay; `{}` removes them.",
        examples=[{"token": "…"}],
    )

    @property
    def secrets(self) -> dict[str, str] | None:
        if self.credentials is None:
            return None
        return {name: value.get_secret_value() for name, value in self.credentials.items()}


class FollowBody(Credentials):
    """What to follow."""

    text: Text = Field(description="A #hashtag, an account or a URL.", examples=["#harbour26"])
    on: Text = Field("", description="The server to read it from.", examples=["mastodon.social"])
    network: Option = Field("", description="The network, if the text is ambiguous.", examples=["mastodon"])
    options: dict[Option, Any] = Field({}, max_length=50, description="Options of the network.", examples=[{}])
    anyway: bool = Field(default=False, description="Follow it even if the check fails.")
    dry_run: bool = Field(default=False, description="Check it and show its newest posts, and follow nothing.")


class SourceChanges(Credentials):
    """What to change about a source."""

    options: dict[Option, Any] | None = Field(
        None, max_length=50, description="All options of the network; null leaves them as they are.", examples=[{}]
    )
    anyway: bool = Field(default=False, description="Change it even if the check fails.")


class SourceModeBody(Body):
    """A source's own mode."""

    mode: Mode | None = Field(description="Counts where it is stricter than the wall's; null is as the wall.")


class ListeningShape(BaseModel):
    """How a source is heard, and which way has brought its posts of the last hours first."""

    since: datetime | None = Field(description="Since when its network tells its posts as they happen.")
    polled_because: str = Field(description="Why it is only polled, in one sentence; empty if there is no reason.")
    told: int = Field(description="Posts that came first by listening.", examples=[12])
    found: int = Field(description="Posts that came first by polling.", examples=[1])
    hours: int = Field(description="The hours for which posts are counted.", examples=[HOURS])


class SourceRow(BaseModel):
    """A source and its health. It never has credentials."""

    id: int = Field(examples=[3])
    network: str = Field(examples=["mastodon"])
    label: str = Field(description="The network's name.", examples=["Mastodon"])
    kind: str = Field(examples=["hashtag"])
    value: str = Field(examples=["harbour26"])
    server: str = Field(examples=["https://mastodon.social"])
    mode: str | None = Field(description="Its own moderation mode, which counts where it is stricter than the wall's.")
    options: dict[str, Any]
    has_token: bool = Field(description="Whether it has credentials.")
    health: Literal["ended", "paused", "failing", "partly", "new", "ok"]
    trouble: str = Field(description="The last failure in one sentence, or empty.")
    note: str = Field(description="A remark on a source that works and brings nothing, or empty.")
    broken: int = Field(description="Entries of its last page that could not be read.")
    unread: list[str] = Field(description="Why the first of them could not.")
    failures: int = Field(description="Consecutive failures.")
    posts: int = Field(description="How many posts it has brought.")
    posted_at: datetime | None
    polled_at: datetime | None
    succeeded_at: datetime | None
    next_poll_at: datetime
    interval: float = Field(description="Seconds between two polls at present.", examples=[20.0])
    ended_at: datetime | None
    paused_at: datetime | None = Field(description="Since when it is paused; null if it is not.")
    listening: ListeningShape | None = Field(None, description="In lists only.")


class ListedSource(SourceRow):
    """A source with its posts hour by hour."""

    hours: list[int] = Field(
        description="How many posts came in each of the last 24 hours, the latest last.", min_length=24, max_length=24
    )


class Sources(BaseModel):
    """The sources of a wall, in the order in which they were followed."""

    sources: list[ListedSource]


class Brought(BaseModel):
    """What removing a source could hide."""

    posts: int = Field(examples=[12])


class Change(BaseModel):
    """What following has changed."""

    made: bool = Field(description="False if the wall followed it already.")
    resumed: bool = Field(description="It had ended, and goes on where it left off.")
    options: bool = Field(description="Whether its options have changed.")
    credentials: Literal["none", "given", "kept", "replaced", "removed"]


class Sample(BaseModel):
    """A post of a preview."""

    at: datetime | None
    author: str = Field(examples=["Ada Quill"])
    handle: str = Field(examples=["@ada@mastodon.example"])
    words: str = Field(description="The first words, as plain text.")
    url: str


class SourcePreview(BaseModel):
    """What the first poll would bring."""

    network: str = Field(examples=["mastodon"])
    kind: str = Field(examples=["hashtag"])
    value: str = Field(examples=["harbour26"])
    server: str
    options: dict[str, Any]
    posts: int
    more: bool = Field(description="Whether more posts are waiting than were counted.")
    last_day: int = Field(description="How many of them are of the last 24 hours.")
    newest: datetime | None
    newest_posts: list[Sample]
    broken: int = Field(description="Entries that could not be read.")
    unread: str = Field(description="Why the first of them could not, or empty.")
    trouble: str = Field(description="Why the check failed, or empty.")
    stops: bool = Field(description="Whether the source would not be followed without `anyway`.")
    note: str


class FollowReply(BaseModel):
    """A source that is followed, or would be."""

    source: SourceRow | None = Field(description="Null in a dry run, unless the wall follows it already.")
    change: Change | None = Field(description="Null in a dry run.")
    preview: SourcePreview


def row_of(
    source: Source, known: Mapping[str, Connector], empty: Collection[int] = (), heard: Listening | None = None
) -> SourceRow:
    """Return a source in its shape; `empty` are the sources without posts."""
    row = source_row(source, "", known)
    note = UNUSED_TAG if is_unused(row, empty) else ""
    listening = None if heard is None else heard._asdict() | {"hours": HOURS}
    return SourceRow.model_validate(row | {"health": health(row), "note": note, "listening": listening})


def preview_of(found: Found) -> SourcePreview:
    """Return the preview of an address in its shape."""
    seen, address = found.seen, found.address
    unused = address.kind == "hashtag" and not (seen.posts or seen.broken or seen.trouble)
    more = {"newest_posts": [_sample(each) for each in seen.newest_posts], "stops": found.stops}
    named = fields(address, SourcePreview) | {"note": UNUSED_TAG if unused else ""}
    return SourcePreview.model_validate(seen._asdict() | named | more)


def _sample(post: Post) -> Sample:
    words = shorten(" ".join(f"{post.title} {plain(post.html)}".split()), MAX_WORDS)
    author = post.author
    return Sample(at=post.created_at, author=author.name, handle=author.handle, words=words, url=post.url)
