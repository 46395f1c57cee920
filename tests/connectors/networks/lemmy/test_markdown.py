"""Markdown of communities as safe HTML."""

from __future__ import annotations

import re
import time

import pytest

from connectors.networks.lemmy.markdown import Rendered, render

REL = re.compile(r' target="_blank" rel="[a-z ]*"')


def html(text: str) -> str:
    return REL.sub("", render(text).html)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# Tea\n**a** *b*", "<p><strong>Tea</strong></p>\n<p><strong>a</strong> <em>b</em></p>"),
        ("~~c~~ `d`", "<p><s>c</s> <code>d</code></p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("> a\n\n```\nb < c\n```", "<blockquote>\n<p>a</p>\n</blockquote>\n<pre><code>b &lt; c\n</code></pre>"),
        ("[a](https://a.example)", '<p><a href="https://a.example">a</a></p>'),
        ("At https://b.example/_c_d.", '<p>At <a href="https://b.example/_c_d">https://b.example/_c_d</a>.</p>'),
        ("[https://a.example](https://b.example)", '<p><a href="https://b.example">https://a.example</a></p>'),
        ("<script>a</script> [b](javascript:c)", "<p>&lt;script&gt;a&lt;/script&gt; [b](javascript:c)</p>"),
        ("a\n::: spoiler The end\nb\n:::\nc", "<p>a</p>\n<p><strong>The end</strong> …</p>\n<p>c</p>"),
        ("::: spoiler\nb", "<p>…</p>"),
        ("", ""),
    ],
)  # fmt: skip
def test_markdown_becomes_html(text: str, expected: str) -> None:
    assert html(text) == expected


def test_pictures_stand_apart_from_the_text() -> None:
    text = "a ![A *red* boat](https://files.example/boat.webp) ![b](javascript:c) ![d](/e.webp)"
    assert render(text) == Rendered(
        "<p>a  ![b](javascript:c) </p>", (("https://files.example/boat.webp", "A *red* boat"),)
    )


@pytest.mark.unmeasured  # measuring takes longer than the reading
@pytest.mark.parametrize("piece", ["[", "![", "*a", "**", "`", "> ", "- ", "<", "|a", "~~", "[a](", "::: spoiler x\n"])
def test_flood_of_marks_takes_no_long_time(piece: str) -> None:
    """By processor time, which other programs on the machine don't lengthen."""
    begun = time.process_time()
    render(piece * (20_000 // len(piece)))
    assert time.process_time() - begun < 5
