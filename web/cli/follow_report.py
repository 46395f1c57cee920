"""The report of `follow`: the network, a preview of the source, and the changes."""

from __future__ import annotations

from typing import Any

from rich.text import Text

from aggregator.sources.report import Row
from aggregator.timestamps import now
from web.cli.output import ago, console, counted, print_error, print_line, strip_control
from web.cli.sources import title

MARGIN = "    "
AGE_WIDTH = len("59 min ago")


def show_followed(row: Row, *, alone: bool, dry_run: bool) -> None:
    what = (title(row), "bold")
    seen, change = row["preview"], row["change"]
    if change is not None:
        print_line(f"“{row['wall']}” follows ", what, f" (source {row['id']})", _changed(row, change))
    elif not seen["stops"]:
        print_line(f"“{row['wall']}” would follow ", what, ".")
    if seen["trouble"]:
        end = "" if change is not None or seen["busy"] else _stands(row, dry_run=dry_run)
        print_error(f"{'' if alone else title(row) + ': '}{seen['trouble']}{end}")
    else:
        print_line("  ", _brings(row, seen))
    if dry_run:
        screen = console()
        for post in seen["newest_posts"]:
            screen.print(sample_line(post, screen.width))


def sample_line(post: Row, width: int) -> Text:
    """One post of the preview on a single line of at most `width` columns: age, author, first words."""
    age = "no date" if post["at"] is None else ago(min(post["at"], now()))
    name, said = (" ".join(strip_control(part).split()) for part in (post["author"]["name"], post["words"]))
    line = Text.assemble(MARGIN, (f"{age:<{AGE_WIDTH}}", "dim"), "  ", (name, "bold"), "  ", said)
    line.truncate(width, overflow="ellipsis")
    return line


def _stands(row: Row, *, dry_run: bool) -> str:
    if dry_run:
        return f" Already followed (source {row['id']})." if row["followed"] else " Nothing was followed: a dry run."
    if row["followed"]:
        return f" Already followed (source {row['id']}) and not changed; --anyway changes it."
    return " Not followed; --anyway follows it."


def _changed(row: Row, change: Row) -> str:
    token = {"none": "", "given": "with a token"}.get(change["token"], f"token {change['token']}")
    if change["made"]:
        return f", {token}." if token else "."
    words = "; ".join(f"{name}: {_value(value)}" for name, value in row["options"].items()) or "none"
    news = [f"options changed ({words})"] if change["options"] else []
    news += [token] if token else []
    begun = " again, where it left off" if change["resumed"] else " already"
    return f"{begun}: {', '.join(news) or 'nothing changed'}."


def _value(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _brings(row: Row, seen: Row) -> str:
    """The network and the preview, as one sentence."""
    unreadable = counted(seen["broken"], "unreadable entry", "unreadable entries") if seen["broken"] else ""
    if not seen["posts"]:
        nothing = (
            f"no posts, {unreadable}. {seen['unread']}" if unreadable else seen["note"] or "no posts at the moment."
        )
        return f"{row['label']}: {nothing}"
    number = f"{'at least ' if seen['more'] else ''}{counted(seen['posts'], 'post')}{_of_last_day(seen)}"
    broken = f", {unreadable}" if unreadable else ""
    first = row["first_poll_posts"]
    bound = f"; the first poll takes the newest {first}" if first and (row["change"] or {"made": True})["made"] else ""
    return f"{row['label']}: {number}, the newest {ago(seen['newest'])}{broken}{bound}."


def _of_last_day(seen: Row) -> str:
    if not seen["last_day"]:
        return ""
    return " in the last day" if seen["last_day"] == seen["posts"] else f", {seen['last_day']} in the last day"
