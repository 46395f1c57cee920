"""Safe HTML: the allowed markup, the forbidden markup, and the laws that hold for any input."""

from __future__ import annotations

import json
import time
import unicodedata
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.text.characters import MARKS_IN_A_ROW, is_visible, normalise
from connectors.text.html import CLASSES, DIRECTIONS, LIMIT, REL, TAGS, _settled, clean, from_text, plain

INJECTIONS = json.loads((Path(__file__).parents[2] / "fixtures" / "html_injections.json").read_text())


class Inspector(HTMLParser):
    """A second opinion, independent of nh3: it notes all markup outside of the allow-list."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[object] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS or (tag == "a" and "href" not in dict(attrs)):
            self.faults.append((tag, attrs))
        self.faults += [(tag, name, value) for name, value in attrs if not _is_allowed(tag, name, value or "")]

    def handle_comment(self, data: str) -> None:
        self.faults.append(data)

    handle_decl = handle_pi = unknown_decl = handle_comment  # type: ignore[assignment]  # each has its own word for `data`


def _is_allowed(tag: str, name: str, value: str) -> bool:
    match name:
        case "href":
            return tag == "a" and value.lower().startswith(("https://", "http://", "mailto:")) and value.isprintable()
        case "rel" | "target":
            return tag == "a" and value == {"rel": REL, "target": "_blank"}[name]
        case "class":
            return bool(value) and set(value.split()) <= CLASSES.get(tag, frozenset())
        case "dir":
            return value in DIRECTIONS
        case "lang":
            return value.replace("-", "").isalnum()
        case _:
            return False


def faults(html: str) -> list[object]:
    inspector = Inspector()
    inspector.feed(html)
    inspector.close()
    return inspector.faults


def assert_lawful(html: str, *, base: str = "") -> None:
    safe = clean(html, base=base)
    assert faults(safe) == []
    assert clean(safe) == safe
    assert len(safe) <= LIMIT + 2000


@pytest.mark.parametrize("case", INJECTIONS, ids=[case["about"] for case in INJECTIONS])
def test_injection_leaves_only_its_words(case: dict[str, Any]) -> None:
    assert clean(case["html"]) == case["clean"]
    assert_lawful(case["html"])


@pytest.mark.parametrize(
    "text", ["&amp;lt;", "&lt;b&gt; &amp; &quot;", "a\xa0b &nbsp;", "&amp;amp;amp;", "&copy &notit;", "&#38;#60;"]
)
def test_references_are_read_once(text: str) -> None:
    assert plain(text) == " ".join(unescape(text).split())
    assert clean(clean(text)) == clean(text)


def test_injections_are_many_and_distinct() -> None:
    assert len({case["html"] for case in INJECTIONS}) == len(INJECTIONS) >= 150


PIECES = """
<p> </p> <br> <a§href='https://ok.example/?a=1&b'> <a§href=/rel> <a§href=javascript:x> </a> <div> </div> <h2> </h2>
<ul> <li> </ul> <b> </b> <i> </i> <pre> </pre> <table> <tr> <td> </table> <script> </script> <style> </style> <svg>
</svg> <math> <title> <!-- --> <![CDATA[ ]]> <q> </q> <ruby> <rt> <span§class=mention> </span> <hr> &lt; &amp; &#0;
&#x202e; &nbsp; <select> <option> <textarea> <template> <form> <button> <img/src=x> <font§x=1> <p§title=x§lang=en>
<blockquote> </blockquote> <plaintext> <noscript> < > " ' = / <a\tid=x <p/ <bdi§dir=rtl>
"""
FRAGMENTS = st.lists(
    st.one_of(
        st.sampled_from([piece.replace("§", " ") for piece in PIECES.split()]),
        st.text(max_size=8),
        st.sampled_from(
            ["\u202e", "\u2066", "\u2069", "\u0301" * 9, "\u200b" * 9, "\ud800", "\x00", "\u2028", " ", "\n", "\n\n"]
        ),
    ),
    max_size=40,
).map("".join)


@given(FRAGMENTS)
@example("<pre>" + "\n" * 20 + "x")
@example("<a href='https://ok.example/\"<p></p>'>x</a>")
@example("<p><a href=https://ok.example><p>x</a>")
def test_clean_never_leaves_the_list_and_is_a_fixed_point(html: str) -> None:
    assert_lawful(html, base="https://conf.example/news/")


@given(st.text())
def test_clean_holds_for_any_text(text: str) -> None:
    assert_lawful(text)


@given(st.text())
def test_plain_text_is_words_alone(text: str) -> None:
    safe = from_text(text)
    assert faults(safe) == []
    assert clean(safe) == safe


@given(st.text(st.characters(categories=["L", "N", "P", "Zs"])))
def test_plain_gives_back_the_words_of_from_text(text: str) -> None:
    assert plain(from_text(text)).split() == normalise(text).split()


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("", False),
        (" \t\n\u00a0\u3000", False),
        ("\u200b\u200d\u2060\ufeff\xad", False),
        ("\u3164\u115f\u1160\uffa0\u2800", False),
        ("\u0301\u20dd\ufe0f", False),
        ("\ue000\U000f0000\u0378", False),
        ("\u200ba", True),
        ("猫", True),
        ("·", True),
        ("★", True),
        ("🐈", True),
        ("٣", True),
    ],
)
def test_text_is_visible_if_anybody_sees_anything_of_it(text: str, seen: bool) -> None:  # noqa: FBT001 (a parameter)
    assert is_visible(text) is seen


@given(st.text(st.characters(categories=["Mn", "Me", "Cf", "Lu", "Cs", "Cc"], include_characters="\u2066\u2069\u202e")))
def test_calm_text_stays_calm(text: str) -> None:
    quiet = normalise(text)
    assert normalise(quiet) == quiet
    assert not set(quiet) & set("\u202a\u202b\u202c\u202d\u202e")
    assert sum(quiet.count(char) for char in "\u2066\u2067\u2068") == quiet.count("\u2069")
    marks = "".join("m" if unicodedata.category(char) in {"Mn", "Me"} else "-" for char in quiet)
    assert "m" * (MARKS_IN_A_ROW + 1) not in marks


def test_relative_links_are_resolved_by_the_base() -> None:
    html = '<a href="../talks?x=1&y">k</a><a href="#top">t</a><a href="//cdn.example/z">z</a>'
    attributes = f'target="_blank" rel="{REL}"'
    assert clean(html, base="https://conf.example/news/day1") == (
        f'<a href="https://conf.example/talks?x=1&amp;y" {attributes}>k</a>'
        f'<a href="https://conf.example/news/day1#top" {attributes}>t</a>'
        f'<a href="https://cdn.example/z" {attributes}>z</a>'
    )
    assert clean(html) == "ktz"
    assert clean(html, base="javascript:x") == "ktz"


def test_headings_and_layout_become_paragraphs() -> None:
    html = "<article><h1>Rooms</h1><div>Hall <b>A</b></div><hr><table><tr><td>one<td>two</table></article>"
    assert clean(html) == "<p><strong>Rooms</strong></p><p>Hall <b>A</b></p><p> one  two </p>"


def test_bare_words_stay_apart_where_a_rule_stood() -> None:
    assert clean("one<hr>two") == "one two"


def test_language_direction_and_ruby_are_kept() -> None:
    html = '<p dir="rtl" lang="ar">سلام</p><ruby lang="ja">東<rp>(</rp><rt>ひがし</rt><rp>)</rp></ruby>'
    assert clean(html) == html


def test_mentions_keep_their_classes() -> None:
    html = '<span class="h-card x"><a class="u-url mention y" href="https://a.example/@b">@<span>b</span></a></span>'
    assert clean(html) == (
        '<span class="h-card"><a class="u-url mention" href="https://a.example/@b" target="_blank" '
        f'rel="{REL}">@<span>b</span></a></span>'
    )


@pytest.mark.parametrize("tag", ["cite", "xyz", "p&g<x", "a&b"])
def test_tag_that_nobody_knows_may_have_a_class(tag: str) -> None:
    """An exception in nh3's callback would be logged with the stranger's words; here its warning is an error."""
    assert clean(f'<{tag} class="mention hashtag">Words</{tag}>').replace("<p>", "").replace("</p>", "") == "Words"
    assert plain(f'<{tag} class="mention">Words</{tag}>') == "Words"


def test_long_posts_are_cut_between_words_and_closed() -> None:
    assert clean("<p>" + "word " * 40 + "</p>", limit=23) == "<p>word word word…</p>"
    assert clean("<p>" + "&amp;" * 40 + "</p>", limit=23) == "<p>&amp;&amp;…</p>"
    assert clean("<p>" + "word " * 40 + "</p>", limit=4) == ""
    assert clean("words", limit=0) == ""
    assert clean("<b>a</b>" * 9, limit=30) == "<b>a</b><b>a</b><b>a</b>"


def test_input_that_will_not_settle_keeps_its_words() -> None:
    html = "<p>one &amp; <b>two</b></p><script>no</script><p>three</p>"  # no input is known that needs this
    assert _settled(html, LIMIT) == "one &amp; two three" == clean(_settled(html, LIMIT))


def test_misnested_input_settles() -> None:
    assert_lawful("<pre>x</pre>" + "<a href='https://ok.example'><li>" * 40 + "deep")


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 100_000,
        "<q>" * 100_000,
        "<b>" * 20_000 + "<p>" * 20_000,
        "".join(f"<font size={n}>" for n in range(9_000)) + "<p>" * 9_000,
        "<table><td>" * 30_000,
        "<a href=https://x.example>" * 20_000,
        "<svg><g>" * 30_000,
        "&" * 900_000,
        "<" * 900_000,
        "<!--" * 200_000,
        "\u0301" * 200_000,
    ],
    ids=[
        "div",
        "q",
        "formatting",
        "attributes",
        "tables",
        "links",
        "svg",
        "ampersands",
        "brackets",
        "comments",
        "marks",
    ],
)
def test_hostile_size_and_depth_cost_little(html: str) -> None:
    began = time.process_time()
    assert_lawful(html)
    assert time.process_time() - began < 2.0


def test_address_with_a_long_tail_costs_little() -> None:
    began = time.process_time()
    assert from_text("https://ok.example/" + ")" * 60_000).startswith('<p><a href="https://ok.example/"')
    assert time.process_time() - began < 1.0


def test_plain_puts_each_block_on_its_line() -> None:
    html = (
        "<p>One &amp; <b>two</b><br>three</p>\n<ul><li>four<li>five</ul><script>no</script><h2>six</h2>"
        "<table><tr><td>7<td>8</table>"
    )
    assert plain(html) == "One & two\nthree\nfour\nfive\nsix\n7 8"


def test_text_becomes_paragraphs_with_links() -> None:
    attributes = f'target="_blank" rel="{REL}"'
    text = (
        "Slides <here>: https://ok.example/a_(b), all\nof them (https://ok.example/c?d=1&e=2).\n \n\u202eBye https://."
    )
    assert from_text(text) == (
        f'<p>Slides &lt;here&gt;: <a href="https://ok.example/a_(b)" {attributes}>https://ok.example/a_(b)</a>, all<br>'
        f'of them (<a href="https://ok.example/c?d=1&amp;e=2" {attributes}>https://ok.example/c?d=1&amp;e=2</a>).</p>'
        "<p>Bye https://.</p>"
    )
    assert from_text("  \n ") == ""


@pytest.mark.parametrize("tag", ["<p>", "<div>", "<span class='x'>"])
def test_nothing_but_tags_leaves_no_half_of_one(tag: str) -> None:
    assert clean(tag * 50_000) == ""
    assert plain(tag * 50_000) == ""
