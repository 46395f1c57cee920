"""The report of `follow`: the network, a preview of the source, and the changes."""

from __future__ import annotations

from typing import Any

from web.cli.output import ago, counted, print_error, print_line
from web.cli.sources import Row, title


def show_followed(row: Row, *, alone: bool) -> None:
    what = (title(row), "bold")
    seen, change = row["preview"], row["change"]
    if change is not None:
        print_line(f"“{row['wall']}” follows ", what, f" (source {row['id']})", _changed(row, change))
    elif not seen["stops"]:
        print_line(f"“{row['wall']}” would follow ", what, ".")
    if seen["trouble"]:
        end = "" if change is not None or seen["busy"] else _stands(row)
        print_error(f"{'' if alone else title(row) + ': '}{seen['trouble']}{end}")
    else:
        print_line("  ", _brings(row, seen))


def _stands(row: Row) -> str:
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
