"""`follow`: look at what a network has under a name, then let a wall follow it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple

import msgspec
import typer
from msgspec.structs import replace
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.house import House
from aggregator.intake.preview import Preview, preview
from aggregator.settings import read_settings
from aggregator.walls.addresses import recognise, with_credentials, with_options
from aggregator.walls.credentials import CredentialsError, options_of, read_credentials, settle
from aggregator.walls.tables import Source, Wall
from aggregator.walls.verbs import WallError, find_wall, source_at
from aggregator.walls.verbs import follow as follow_address
from connectors._base import Address, Connector
from web.cli.command import JsonFlag, OneWall, complain, expect_store, quiet_logs, say, sentences, show_json
from web.cli.sources import UNUSED_TAG, Row, counted, source_row, title
from web.cli.tokens import Given, given_token

ONE_SERVER = "A token belongs to one server: name that one alone with --on, and follow the others by further commands."
FLAGS = ("any", "all", "none")
"""Options of networks that have flags of their own."""


class Asked(NamedTuple):
    """What was typed."""

    text: str
    wall: str
    servers: list[str]
    network: str
    options: Row
    given: Given
    anyway: bool
    dry_run: bool


class Found(NamedTuple):
    """An address as it was asked for, what it would bring, and the row at hand if the wall has followed it before."""

    address: Address
    seen: Preview
    source: Source | None

    @property
    def stops(self) -> bool:
        """A busy network is only slow to answer; every other trouble says that this cannot work as it is."""
        return bool(self.seen.trouble) and not self.seen.busy


def install(app: typer.Typer) -> None:
    app.command()(follow)


def follow(
    text: Annotated[
        str, typer.Argument(metavar="TEXT", help="A #hashtag, @user@host, or the address of a page or feed.")
    ],
    *,
    wall: OneWall,
    on: Annotated[
        list[str] | None, typer.Option(metavar="SERVER", help="A server to read it from; again for more servers.")
    ] = None,
    any_of: Annotated[
        list[str] | None, typer.Option("--any", metavar="TAG", help="Posts with this tag as well; again for more.")
    ] = None,
    all_of: Annotated[
        list[str] | None, typer.Option("--all", metavar="TAG", help="Only posts that have this tag too.")
    ] = None,
    none_of: Annotated[list[str] | None, typer.Option("--none", metavar="TAG", help="No posts with this tag.")] = None,
    token_file: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="The file with an access token, where the server wants one; - asks for it."),
    ] = None,
    token: Annotated[
        str | None, typer.Option(help="The access token itself: process lists and the shell's history show it.")
    ] = None,
    no_token: Annotated[bool, typer.Option("--no-token", help="Remove the token that the source has.")] = False,
    option: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="Any other option of the network; again for more.")
    ] = None,
    network: Annotated[str, typer.Option(help="The network's name, where the text could mean several.")] = "",
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Follow it although its network cannot be asked at the moment.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what it would bring, and follow nothing.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Let a wall follow a hashtag, an account or a feed.

    Its network is asked first, for ten seconds at most; what cannot work is not followed. From Mastodon's family the
    first poll takes the newest 80 posts.

    Following it again changes its options. It keeps its access token, unless another is given: by `--token-file`, in
    the variable `BACKCHANNEL_TOKEN`, or by `--token`. Best is a token of an account that posts nothing itself.

    Examples:

    - `backchannel follow '#harbour26' --on mastodon.social --on fosstodon.org --wall harbour26`

    - `backchannel follow '#harbour26' --on gts.example --token-file token.txt --wall harbour26`

    - `backchannel follow https://harbour26.example/blog --wall harbour26`

    - `backchannel follow @ada@mastodon.example --wall harbour26`
    """
    tags = {"any": any_of, "all": all_of, "none": none_of}
    options = {name: value for name, value in tags.items() if value} | _options(option or [])
    with sentences():
        given = given_token(token_file, token, remove=no_token)
        rows = _run(Asked(text, wall, on or [""], network, options, given, anyway, dry_run))
    if as_json:
        show_json(rows)
    else:
        for row in rows:
            _show(row, alone=len(rows) == 1)
    if any(row["preview"]["stops"] for row in rows) and not (anyway and not dry_run):
        raise typer.Exit(1)


# --- looking, then following --------------------------------------------------------------------------------------


def _run(asked: Asked) -> list[Row]:
    settings = read_settings()
    quiet_logs(settings)
    return asyncio.run(_in_house(House(settings), asked))


async def _in_house(house: House, asked: Asked) -> list[Row]:
    try:
        await expect_store(house.settings, house.store)
        await house.open()
        addresses = _addresses(asked, house.connectors)
        known = await _known(house, asked.wall, addresses)
        found = await asyncio.gather(*(_look(house, asked.given, *each) for each in zip(addresses, known, strict=True)))
        if asked.dry_run or (any(each.stops for each in found) and not asked.anyway):
            return [_not_followed(each, asked, house.connectors) for each in found]
        return await _follow_all(house, asked, found)
    finally:
        await house.stop()


def _addresses(asked: Asked, known: Mapping[str, Connector]) -> list[Address]:
    """What is meant, with all that can be checked without asking. Raises WallError and Trouble."""
    if asked.given.token and len(asked.servers) > 1:
        raise WallError(ONE_SERVER)
    addresses = []
    for server in asked.servers:
        address = recognise(asked.text, known, on=server, network=asked.network)
        connector = known[address.network]
        address = with_options(address, connector, asked.options, _spelt)
        if asked.given.token and not (asked.given.ambient and "token" not in connector.credentials.model_fields):
            address = with_credentials(address, connector, {"token": asked.given.token})
        connector.check(address)
        addresses.append(address)
    return addresses


async def _known(house: House, slug: str, addresses: list[Address]) -> list[Source | None]:
    """The rows that the wall has for them already. Raises WallError if there is no such wall."""
    async with house.store.read() as db:
        wall = await find_wall(db, slug)
        return [await source_at(db, wall, each) for each in addresses]


async def _look(house: House, given: Given, address: Address, source: Source | None) -> Found:
    connector = house.connectors[address.network]
    asked = address
    if source is not None and not address.credentials and given.token != "":
        try:
            asked = replace(address, credentials=read_credentials(house.vault, source, connector))
        except CredentialsError as error:
            return Found(address, Preview(trouble=str(error)), source)
    return Found(address, await preview(house.http, connector, asked), source)


async def _follow_all(house: House, asked: Asked, found: list[Found]) -> list[Row]:
    async with house.store.write() as db:
        wall = await find_wall(db, asked.wall)
        return [await _follow(db, house, wall, asked.given, each) for each in found]


async def _follow(db: AsyncSession, house: House, wall: Wall, given: Given, found: Found) -> Row:
    """Inside the caller's transaction. Raises WallError where the credentials cannot be encrypted."""
    address, connector = found.address, house.connectors[found.address.network]
    before = await source_at(db, wall, address)
    change: Row = {
        "made": before is None,
        "resumed": bool(before and before.ended_at),
        "options": False,
        "token": "none",
    }
    try:
        if before is not None:
            change["options"] = options_of(before, connector) != address.options
            if not address.credentials:
                settle(house.vault, before, connector)  # what older versions kept among the options
        had = before.credentials if before else ""
        source = await follow_address(db, wall, address)
        source.credentials, change["token"] = _credentials(house, source, given, address, had)
    except CredentialsError as error:
        raise WallError(str(error)) from error
    db.add(source)
    await db.flush()
    return source_row(source, wall.slug, house.connectors) | {
        "followed": True,
        "change": change,
        "preview": _preview(found),
    }


def _credentials(house: House, source: Source, given: Given, address: Address, had: str) -> tuple[str, str]:
    """What to store, and what became of the token, in a word."""
    if address.credentials:
        return house.vault.encrypt(source, address.credentials), "replaced" if had else "given"
    if given.token == "":
        return "", "removed" if had else "none"
    return had, "kept" if had else "none"


def _not_followed(found: Found, asked: Asked, known: Mapping[str, Connector]) -> Row:
    address = found.address
    source = found.source or Source(
        wall_id=0, network=address.network, kind=address.kind, value=address.value, server=address.server
    )
    row = source_row(source, asked.wall, known)
    seen = {"followed": _is_followed(row), "change": None, "preview": _preview(found)}
    return row | {"options": address.options} | seen


def _is_followed(row: Row) -> bool:
    return row["id"] is not None and row["ended_at"] is None


def _preview(found: Found) -> Row:
    seen = found.seen
    unused = found.address.kind == "hashtag" and not (seen.posts or seen.broken or seen.trouble)
    return seen._asdict() | {"note": UNUSED_TAG if unused else "", "stops": found.stops}


# --- showing ------------------------------------------------------------------------------------------------------


def _show(row: Row, *, alone: bool) -> None:
    what = (title(row), "bold")
    seen, change = row["preview"], row["change"]
    if change is not None:
        say(f"“{row['wall']}” follows ", what, f" (source {row['id']})", _changed(row, change))
    elif not seen["stops"]:
        say(f"“{row['wall']}” would follow ", what, ".")
    if seen["trouble"]:
        end = "" if change is not None or seen["busy"] else _stands(row)
        complain(f"{'' if alone else title(row) + ': '}{seen['trouble']}{end}")
    else:
        say("  ", _brings(row, seen))


def _stands(row: Row) -> str:
    if row["followed"]:
        return f" It is followed already (source {row['id']}) and stays as it was; --anyway changes it all the same."
    return " It is not followed; --anyway follows it all the same."


def _changed(row: Row, change: Row) -> str:
    token = {"none": "", "given": "with a token"}.get(change["token"], f"token {change['token']}")
    if change["made"]:
        return f", {token}." if token else "."
    words = "; ".join(f"{name}: {_value(value)}" for name, value in row["options"].items()) or "none"
    news = [f"options changed ({words})"] if change["options"] else []
    news += [token] if token else []
    begun = " again, from where it was" if change["resumed"] else " already"
    return f"{begun}: {', '.join(news) or 'nothing changed'}."


def _value(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _brings(row: Row, seen: Row) -> str:
    """Which network it is, and what came."""
    unreadable = counted(seen["broken"], "unreadable entry", "unreadable entries") if seen["broken"] else ""
    if not seen["posts"]:
        nothing = (
            f"no posts, {unreadable}. {seen['unread']}" if unreadable else seen["note"] or "no posts at the moment."
        )
        return f"{row['label']}: {nothing}"
    number = f"{'at least ' if seen['more'] else ''}{counted(seen['posts'], 'post')}"
    broken = f", {unreadable}" if unreadable else ""
    first = row["first_poll_posts"]
    bound = f"; the first poll takes the newest {first}" if first and (row["change"] or {"made": True})["made"] else ""
    return f"{row['label']}: {number}, the newest of {seen['newest']:%Y-%m-%d %H:%M} UTC{broken}{bound}."


def _spelt(name: str) -> str:
    return f"--{name}" if name in FLAGS else f"--option {name}"


def _options(pairs: list[str]) -> Row:
    """`NAME=VALUE`, where the value may be JSON."""
    options: Row = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not (name and equals):
            raise typer.BadParameter(f"“{name or pair}” is not NAME=VALUE.", param_hint="--option")
        try:
            options[name] = msgspec.json.decode(value)
        except msgspec.DecodeError:
            options[name] = value
    return options
