"""MFM as safe HTML: the common marks, and nothing that a stranger may not write."""

from __future__ import annotations

import re
import time

import pytest

from connectors.networks.misskey.mfm import render
from connectors.text.html import plain

HERE = "https://misskey.example"
SHORTENED = re.compile(r' target="_blank" rel="[a-z ]*"')


def html(text: str) -> str:
    return SHORTENED.sub("", render(text, "quay.example", HERE).html)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**a** __b__ <b>c</b> ***d***", "<strong>a</strong> <strong>b</strong> <strong>c</strong> <strong>d</strong>"),
        ("*a* _b_ <i>c</i> 2*3*4 snake_case_name", "<em>a</em> <em>b</em> <em>c</em> 2*3*4 snake_case_name"),
        ("~~a~~ <s>b</s> <small>c</small>", "<del>a</del> <del>b</del> <small>c</small>"),
        ("`a < b` and ` alone", "<code>a &lt; b</code> and ` alone"),
        ("<plain>**a**</plain> <center>b</center>", "**a** b"),
        ("$[spin.speed=1s a $[x2 **b**]] $[unknown c] $[d]", "a <strong>b</strong> c $[d]"),
        ("$[ruby 港 みなと]", "<ruby>港<rp>(</rp><rt>みなと</rt><rp>)</rp></ruby>"),
        ("[a](https://a.example/b_(c))", '<a href="https://a.example/b_(c)">a</a>'),
        ("?[**a** @b](https://a.example) [c]", '<a href="https://a.example"><strong>a</strong> @b</a> [c]'),
        ("[a](javascript:alert(1))", "[a](javascript:alert(1))"),
        ("<https://a.example/x y>", '&lt;<a href="https://a.example/x">https://a.example/x</a> y&gt;'),
        ("See https://a.example/_b_c, ok", 'See <a href="https://a.example/_b_c">https://a.example/_b_c</a>, ok'),
        ("#tea #12 a#b", '<a class="mention hashtag" href="https://misskey.example/tags/tea">#tea</a> #12 a#b'),
        ("@bo", '<a class="u-url mention" href="https://quay.example/@bo">@bo</a>'),
        ("a@b.c @bo@Far.example", 'a@b.c <a class="u-url mention" href="https://far.example/@bo">@bo@Far.example</a>'),
        ("a\nb\n\nc", "a<br>b<br><br>c"),
        (":_tea_: **", ":_tea_: **"),
        ("<script>a</script> <img src=x onerror=y>", "&lt;script&gt;a&lt;/script&gt; &lt;img src=x onerror=y&gt;"),
    ],
)  # fmt: skip
def test_marks_become_html(text: str, expected: str) -> None:
    assert html(text) == f"<p>{expected}</p>"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("> a\n>> b\nc", "<blockquote><p>a</p><blockquote><p>b</p></blockquote></blockquote><p>c</p>"),
        ("a\n```js\nb < **c**\n```\nd", "<p>a</p><pre><code>b &lt; **c**</code></pre><p>d</p>"),
        ("```\nopen", "<p>```<br>open</p>"),
        ("", ""),
    ],
)
def test_blocks_become_html(text: str, expected: str) -> None:
    assert html(text) == expected


def test_mentions_and_emoji_are_named() -> None:
    found = render("@bo @cy@far.example :tea: > :pot@far.example:", "quay.example", HERE)
    assert [(each.handle, each.url) for each in found.mentions] == [
        ("@bo@quay.example", "https://quay.example/@bo"),
        ("@cy@far.example", "https://far.example/@cy"),
    ]
    assert found.codes == {"tea", "pot@far.example"}


FLOODS = ("**", "$[x ", "[", ">", "```a\n", "*a", "@a@", ":a", "https://", "<b>", "[a](https://", "`a", "$[x **", "__a")


@pytest.mark.unmeasured  # measuring takes longer than the reading
@pytest.mark.parametrize("piece", FLOODS)
def test_flood_of_marks_takes_no_long_time(piece: str) -> None:
    """By processor time, which other programs on the machine don't lengthen."""
    begun = time.process_time()
    render(piece * (20_000 // len(piece)), "quay.example", HERE)
    assert time.process_time() - begun < 5


def test_words_of_unfinished_marks_are_all_there() -> None:
    text = "**a $[x b [c](d ~~e `f <b>g"
    assert plain(html(text)) == text
