"""Host names as a browser shows them: a name that imitates another is shown in its ASCII form.

The rules are those of Chromium's “Internationalized Domain Names” page, as far as scripts go: one script in a label,
Han together with kana or hangul, and no script whose letters look Latin below an ASCII top-level domain.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final
from urllib.parse import unquote, urlsplit

MAX_HOST_LENGTH: Final = 253
LOOK_LATIN: Final = frozenset({"CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU", "MATHEMATICAL"})
TOGETHER: Final = (
    frozenset({"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "LATIN"}),
    frozenset({"CJK", "HANGUL", "LATIN"}),
    frozenset({"CJK", "BOPOMOFO", "LATIN"}),
)

_NOT_IN_HOSTS: Final = re.compile(r"[^\w.:-]")
_IGNORED: Final = re.compile("[\u00ad\u034f\u180b-\u180d\u200b\u2060\u2064\ufe00-\ufe0f\ufeff]")
"""Characters that a browser drops from a host name (UTS 46: “ignored”)."""


def is_ambiguous(url: str) -> bool:
    """Whether a browser may be led to another host than a reader or a parser believes.

    A backslash is a slash to a browser (https://url.spec.whatwg.org/#special-authority-slashes-state) and a letter of
    the user name to others; a user name before the host is never honest.
    """
    return "\\" in url or "@" in re.split(r"[/?#]", url.partition("://")[2], maxsplit=1)[0]


def host_of(url: str) -> str:
    """Host and port of a web address in the form to be shown; empty if it has none, or an ambiguous one."""
    if is_ambiguous(url):
        return ""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    shown = shown_host(f"[{host}]" if ":" in host else unquote(host))
    return f"{shown}:{port}" if shown and port else shown


def split_port(entry: str) -> tuple[str, int | None]:
    """`10.0.0.0/8:8080` or `[::1]:8080` as host or network and port; None as the port if there is none."""
    if entry.startswith("["):
        host, _, rest = entry[1:].partition("]")
        return host, int(rest[1:]) if rest[:1] == ":" and rest[1:].isdecimal() else None
    host, colon, port = entry.rpartition(":")
    if colon and ":" not in host and port.isdecimal():
        return host, int(port)
    return entry, None


def shown_host(host: str) -> str:
    """A host name, with or without a port, in the form to be shown; empty if it is not a host name.

    It ends before the first sign that no host name has: without that sign, the rest would make it another host's name.
    """
    if host.startswith("[") and re.fullmatch(r"\[[0-9a-fA-F:.]+\](?::\d{1,5})?", host):
        return host.lower()
    name = _IGNORED.sub("", unicodedata.normalize("NFKC", host).lower()).strip()
    name = _NOT_IN_HOSTS.split(name, maxsplit=1)[0]
    if not name or len(name) > MAX_HOST_LENGTH:
        return ""
    name, colon, port = name.partition(":")
    labels = name.removesuffix(".").split(".")  # the root, which a fully qualified name may end with
    return ".".join(_shown(label, labels[-1]) for label in labels) + (f":{port}" if colon and port.isdecimal() else "")


def _shown(label: str, top: str) -> str:
    if label.isascii() or _is_plain(label, top):
        return label
    try:
        return label.encode("idna").decode()
    except UnicodeError:
        return label.encode("ascii", "ignore").decode()


def _is_plain(label: str, top: str) -> bool:
    scripts = {_script(char) for char in label if char.isalpha()}
    if len(scripts) > 1 and not any(scripts <= family for family in TOGETHER):
        return False
    return not (scripts & LOOK_LATIN and top.isascii())


def _script(char: str) -> str:
    return unicodedata.name(char, "").partition(" ")[0]
