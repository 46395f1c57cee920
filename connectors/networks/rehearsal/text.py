"""The text of a post: its hashtags, handles and short codes, and its safe HTML."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urlsplit

from connectors.text.html import clean, from_text

_TAG = re.compile(r"(?<![\w&/])#(\w*[^\W\d_]\w*)")
_HANDLE = re.compile(r"(?<![\w/])@[\w-]+@[\w.-]*\w")
_MARKUP = re.compile(r"(<a\b.*?</a>|<[^>]*>)", re.DOTALL)
_SHORT_CODE = re.compile(r":(\w+):")


def tags(words: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tag.lower() for tag in _TAG.findall(words)))


def handles(words: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_HANDLE.findall(words)))


def short_codes(words: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_SHORT_CODE.findall(words)))


@lru_cache(maxsize=2048)
def safe_html(html: str, text: str, url: str) -> str:
    """Safe HTML; hashtags and handles become links, as on a network's own server."""
    if html:
        return clean(html, base=url)
    home = urlsplit(url)
    pieces = _MARKUP.split(from_text(text))
    pieces[::2] = [_with_links(piece, f"{home.scheme}://{home.netloc}") for piece in pieces[::2]]
    return clean("".join(pieces))


def _with_links(text: str, home: str) -> str:
    text = _TAG.sub(lambda tag: f'<a class="hashtag" href="{home}/tags/{tag[1]}">{tag[0]}</a>', text)
    return _HANDLE.sub(_mention_link, text)


def _mention_link(handle: re.Match[str]) -> str:
    user, _, host = handle[0][1:].partition("@")
    return f'<a class="mention" href="https://{host}/@{user}">@{user}</a>'
