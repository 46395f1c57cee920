"""MFM, the markup of Misskey's notes, as safe HTML: https://misskey-hub.net/docs/for-users/features/mfm/.

This module reads blocks; `marks.py` the marks inside a run of text.
"""

from __future__ import annotations

from bisect import bisect_right
from html import escape
from itertools import islice, takewhile
from typing import Final, NamedTuple

from connectors.contract import Mention
from connectors.networks.misskey.marks import Context, inline
from connectors.text.characters import normalise
from connectors.text.html import clean

MAX_TEXT: Final = 20_000
"""Characters that are read; most servers allow three thousand."""
MAX_QUOTES: Final = 3
FENCE: Final = "```"


class Rendered(NamedTuple):
    """A note's text as safe HTML, with those mentioned in it and the codes of its custom emoji."""

    html: str
    mentions: tuple[Mention, ...] = ()
    codes: frozenset[str] = frozenset()


def render(text: str, host: str, origin: str) -> Rendered:
    """The HTML of MFM text.

    `host` is that of the author, whose neighbours are mentioned without one; `origin` that of the answering server,
    where its hashtags lead to.
    """
    context = Context(host, origin)
    html = clean(_blocks(normalise(text[:MAX_TEXT]), context, 0))
    mentions = tuple(Mention(handle=handle, url=url) for handle, url in context.mentions.items())
    return Rendered(html, mentions, frozenset(context.codes))


def _blocks(text: str, context: Context, quotes: int) -> str:
    """Code blocks, quotes, and the text between them."""
    lines = text.split("\n")
    fences = [at for at, line in enumerate(lines) if line.rstrip() == FENCE]
    out: list[str] = []
    between: list[str] = []

    def end_text() -> None:
        words = "\n".join(between).strip("\n")
        if words:
            out.append(f"<p>{inline(words, context)}</p>")
        between.clear()

    at = 0
    while at < len(lines):
        line = lines[at]
        closing = bisect_right(fences, at)
        if line.startswith(FENCE) and closing < len(fences):
            end_text()
            code = "\n".join(lines[at + 1 : fences[closing]])
            out.append(f"<pre><code>{escape(code)}</code></pre>")
            at = fences[closing] + 1
        elif line.startswith(">") and quotes < MAX_QUOTES:
            end_text()
            quoted = list(takewhile(lambda each: each.startswith(">"), islice(lines, at, None)))
            inside = "\n".join(each[1:].removeprefix(" ") for each in quoted)
            out.append(f"<blockquote>{_blocks(inside, context, quotes + 1)}</blockquote>")
            at += len(quoted)
        else:
            between.append(line)
            at += 1
    end_text()
    return "".join(out)
