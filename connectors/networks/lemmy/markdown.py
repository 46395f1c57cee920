"""Markdown of posts as safe HTML, with its pictures apart: CommonMark, strikethrough and tables (markdown-it-py).

A spoiler (`::: spoiler Title`) keeps its title and loses its content, since a hall's screen can't ask for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from connectors.text.html import clean, linked
from connectors.text.urls import web

MAX_TEXT: Final = 20_000
MAX_LINES: Final = 2_000
MAX_PICTURES: Final = 4
SPOILER: Final = ":::"


class Rendered(NamedTuple):
    """Safe HTML, and the (URL, alt text) of each picture in the text."""

    html: str
    pictures: tuple[tuple[str, str], ...] = ()


class _Renderer(RendererHTML):
    """HTML with links for bare addresses, as the sites show them."""

    is_link = False

    def text(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        if self.is_link:
            return str(super().text(tokens, idx, options, env))
        return linked(tokens[idx].content)

    def link_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        self.is_link = True
        return self.renderToken(tokens, idx, options, env)

    def link_close(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        self.is_link = False
        return self.renderToken(tokens, idx, options, env)


def render(text: str) -> Rendered:
    """The HTML of Markdown; HTML inside of it is text."""
    parser = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer).enable(["strikethrough", "table"])
    tokens = parser.parse(_without_spoilers(text[:MAX_TEXT]))
    html = clean(str(parser.renderer.render(tokens, parser.options, {})))
    images = (child for token in tokens for child in token.children or () if child.type == "image")
    pictures = ((web(image.attrGet("src")), image.content) for image in images)
    return Rendered(html, tuple((url, alt) for url, alt in pictures if url)[:MAX_PICTURES])


def _without_spoilers(text: str) -> str:
    kept: list[str] = []
    inside = False
    for line in text.splitlines()[:MAX_LINES]:
        if line.strip().startswith(SPOILER):
            title = line.strip().removeprefix(SPOILER).strip().removeprefix("spoiler").strip()
            if title or not inside:
                kept += ["", f"**{title}** …" if title else "…", ""]
            inside = bool(title) or not inside
        elif not inside:
            kept.append(line)
    return "\n".join(kept)
