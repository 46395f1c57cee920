"""Mastodon and its family: hashtags and accounts on any server that speaks Mastodon's REST API, by polling.

Mastodon, GoToSocial, Takahe, Pleroma and Akkoma give the same entities: https://docs.joinmastodon.org/methods/timelines/.
It owns what can be followed there and how one poll becomes a Page. It refuses to know walls, and stores nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar
from urllib.parse import quote

import msgspec
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from connectors._base import Address, Connector, Kind, Missing, Page, Person, Post, Trouble
from connectors._http import Http, Params
from connectors._mastodon_account import found_again, looked_up
from connectors._mastodon_names import recognise
from connectors._mastodon_recheck import anything, by_server, joined, recheck, tagged, write_ref
from connectors._mastodon_server import LIMIT, Leaf, Server, id_of
from connectors._mastodon_shapes import Status, read
from connectors._mastodon_status import NETWORK, is_open, opted_out, to_person, to_post
from connectors._mastodon_tags import read_tag
from connectors._mastodon_walk import FIRST, Place, Walk, read_place, walk, write_place


def _a_tag(text: object) -> str:
    """Raises ValueError with a sentence for the form."""
    if isinstance(text, str) and (tag := read_tag(text)):
        return tag
    raise ValueError(f"“{text}” is no hashtag: letters, digits and _ only, and not digits alone.")


Tags = Annotated[
    list[Annotated[str, BeforeValidator(_a_tag)]], Field(max_length=4, json_schema_extra={"noun": "hashtags"})
]
"""More hashtags beside the first; the family's servers take four at most."""


def _a_token(text: str) -> str:
    """As a header can carry it, without the word that stands before it there. Raises ValueError without the token."""
    token = text.strip().removeprefix("Bearer ").strip()
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise ValueError("An access token has ASCII letters, digits and signs only: copy it once more.")
    return token


class Credentials(BaseModel):
    """Who reads. Without a token we see what a passer-by sees, which is enough on most servers."""

    model_config = ConfigDict(extra="forbid")

    token: Annotated[str, AfterValidator(_a_token)] = Field(
        default="",
        repr=False,
        title="Access token",
        description="Of an account on that server, with the permission read:statuses; only where the server wants it.",
        json_schema_extra={"format": "password"},
    )


class Options(BaseModel):
    """What to take and what to leave. Tags concern hashtags, replies and boosts concern accounts."""

    model_config = ConfigDict(extra="forbid")

    any: Tags = Field(default=[], title="Or these", description="Up to four more hashtags, each as good as the first.")
    all: Tags = Field(default=[], title="And these", description="Up to four hashtags that must be there as well.")
    none: Tags = Field(default=[], title="But not these", description="Up to four hashtags that must not be there.")
    exclude_replies: bool = Field(
        default=False, title="Leave out replies", description="What an account answers to others stays off the wall."
    )
    exclude_reblogs: bool = Field(
        default=False, title="Leave out boosts", description="Only what an account says itself, not what it passes on."
    )
    only_media: bool = Field(
        default=False, title="Only with media", description="Only posts with pictures, films or sound."
    )


class Mastodon(Connector):
    name = NETWORK
    label = "Mastodon"
    kinds: ClassVar[tuple[Kind, ...]] = (
        Kind(name="hashtag", label="Hashtag", example="#socitm09", needs_server=True),
        Kind(name="account", label="Account", example="@socitm@mastodon.example"),
    )
    options = Options
    credentials = Credentials
    min_interval = 5.0  # 300 requests in 5 minutes per address, shared by all sources on a server: see docs/polling.md
    max_interval = 20.0
    quiet_after = 24 * 3600.0
    first_poll_posts = FIRST * LIMIT

    def recognise(self, text: str, on: str = "") -> Address | None:
        """`#tag` with a server, `@user@host`, `@user` with a server, and the pages of both on any server's site."""
        return recognise(self.name, text, on)

    async def poll(self, http: Http, source: Address, cursor: str) -> Page:
        """What is new, oldest first, with the newest posts once more, since late arrivals and edits hide among them.

        A hashtag that the server has never seen is an empty Page, not an error: nobody has used it yet. Not so where
        the server turns out to be none of the Mastodon family.
        """
        server = Server(http, source.server, _token(source))
        place = read_place(cursor)
        if source.kind == "account" and not place.account:
            return _page(await _walked(http, source, await looked_up(http, server, source, place)))
        try:
            return _page(await _walked(http, source, place))
        except Missing as missing:
            if source.kind != "account":
                raise
            place = await found_again(http, server, source, place, missing)
        return _page(await _walked(http, source, place))

    async def recheck(self, http: Http, source: Address, refs: Mapping[str, str]) -> Page:
        """The newest content of these posts; `gone` are the deleted ones and those no longer open to everyone.

        At most 40 single requests where a server can't be asked for many at once: hand over first what has waited
        longest. A server in trouble makes nothing gone.
        """
        options = Options.model_validate(source.options)
        is_tag = source.kind == "hashtag"
        belongs = tagged([source.value, *options.any], options.all, options.none) if is_tag else anything
        pages: list[Page] = []
        troubles: list[Trouble] = []
        for elsewhere, there in by_server(refs).items():
            server = Server(http, elsewhere or source.server, "" if elsewhere else _token(source))
            try:
                pages.append(await recheck(server, there, belongs))
            except Trouble as trouble:  # that server's alone: an account may have left it
                troubles.append(trouble)
        if troubles and not pages:
            raise troubles[0]
        return joined([*pages, Page(broken=tuple(map(str, troubles)))])


def _token(source: Address) -> str:
    return Credentials.model_validate(source.credentials).token


async def _walked(http: Http, source: Address, place: Place) -> Walk:
    options = Options.model_validate(source.options)
    # An account that lives elsewhere is asked for without the token, which is not meant for its server.
    server = Server(http, place.server or source.server, "" if place.server else _token(source))
    path, params = _timeline(source, options, place.account)

    async def fetch(more: Params, etag: str) -> Leaf | None:
        try:
            return await server.leaf(path, {**params, **more}, etag)
        except Missing as missing:
            if source.kind == "account" or missing.gone:
                raise
            await server.introduce()
            return Leaf([])

    return await walk(fetch, place)


def _timeline(source: Address, options: Options, account: str) -> tuple[str, Params]:
    """Path and parameters; only those that differ from the API's defaults, since not every server knows them all."""
    asked: dict[str, Any] = {"only_media": options.only_media}
    if source.kind == "hashtag":
        path = f"/api/v1/timelines/tag/{quote(source.value, safe='')}"
        asked |= {"any[]": options.any, "all[]": options.all, "none[]": options.none}
    else:
        path = f"/api/v1/accounts/{quote(account, safe='')}/statuses"
        asked |= {"exclude_replies": options.exclude_replies, "exclude_reblogs": options.exclude_reblogs}
    return path, {name: value for name, value in asked.items() if value}


def _page(walked: Walk) -> Page:
    """The statuses as Posts. One that can't be read is counted and costs no other."""
    posts: dict[str, Post] = {}
    refs: dict[str, str] = {}
    boosts: dict[str, Person | None] = {}
    broken = [*walked.broken]
    for data in walked.statuses:
        try:
            status, booster = _unwrap(data)
        except msgspec.ValidationError as error:
            broken.append(f"A post could not be read ({id_of(data) or 'without an id'}): {error}.")
            continue
        if status is None:
            continue
        post = to_post(status)
        posts[post.key], refs[post.key] = post, write_ref(walked.place.server, str(status.id))
        boosts[post.key] = booster if boosts.get(post.key, booster) else None  # seen as itself once: no boost
    return Page(
        posts=tuple(posts.values()),
        cursor=write_place(walked.place),
        more=walked.more,
        refs=refs,
        boosts={key: booster for key, booster in boosts.items() if booster},
        broken=tuple(broken),
        doubted=tuple(write_ref(walked.place.server, id_) for id_ in walked.lost),
    )


def _unwrap(data: Any) -> tuple[Status | None, Person | None]:
    """The post itself, and who boosted it if that is how it came; no post if one of the two isn't open to everyone."""
    outer = read(data, Status)
    if outer.reblog is None:
        return (outer if is_open(outer) else None), None
    inner = read(outer.reblog, Status)
    if not (is_open(outer) and is_open(inner)):
        return None, None
    shy = opted_out(outer.account) or inner.account.id == outer.account.id
    return inner, None if shy else to_person(outer.account)
