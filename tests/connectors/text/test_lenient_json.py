"""JSON as servers really write it: the faults that are repaired, and those that are not."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.text.json_items import decode_listing, items
from connectors.text.lenient_json import MAX_SMALL, as_list, begins_with, decode, decode_small


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b'{"a": "cut \\ud83c"}', {"a": "cut \ufffd"}),
        (b'{"a": "\\ud83c\\ud83c\\udf89"}', {"a": "\ufffd\U0001f389"}),
        (b'{"a": "\\udf89 \\\\ud83c"}', {"a": "\ufffd \\ud83c"}),
        (b'{"a": "\xff"}', {"a": "\ufffd"}),
        (b'{"a": "a\tb\nc"}', {"a": "a\tb\nc"}),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        ('{"a": 1}'.encode("utf-16"), {"a": 1}),
        (b'{"a": 1e999}', {"a": float("inf")}),
        (b'{"a": NaN, "b": 1}', {"a": None, "b": 1}),
        (b'[{"a": [1, 2,\n], "b": ",]", "c": "\\",}",},]', [{"a": [1, 2], "b": ",]", "c": '",}'}]),
        (b'{"a": 1}\n<!-- cached in 3 ms -->\n<!-- -->\0\0', {"a": 1}),
        (b"<!-- x --> \n" + b"\n" * 70 + b'{"a": "-->"}', {"a": "-->"}),
        (b')]}\',\n{"a": 1}', {"a": 1}),
        (b"while(1);[1]", [1]),
        (b"\0[1]\0", [1]),
        (b'{"a": "\\ud800", "n": ' + b"9" * 5_000 + b"}", {"a": "\ufffd", "n": None}),
    ],
)
def test_json_mends_what_one_text_has_broken(data: bytes, value: Any) -> None:
    assert decode(data) == value


@pytest.mark.parametrize("data", [b"", b"<html>", b"{", b"[1,,2]", b"[" * 200_000, b'{"a":' * 50_000, b'"a" "b"'])
def test_json_refuses_what_says_nothing(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  the sentence is the reader's, not a person's
        decode(data)


@pytest.mark.parametrize(
    ("escaped", "text"),
    [
        (rb"\x20", "x20"),
        (rb"\'", "'"),
        (rb"\uZZZZ", "uZZZZ"),
        (rb"\u12", "u12"),
        (rb"\ud83", "ud83"),
        (b"\\\n", "\n"),
        (b"\\\xff", "\ufffd"),
        (rb"\\x \n \" \u0041 \/", '\\x \n " A /'),
        (rb"\\\x", "\\x"),
    ],
)
def test_json_keeps_the_letter_of_an_unknown_escape(escaped: bytes, text: str) -> None:
    assert decode(b'{"a": "' + escaped + b' \\x", "b": 1}') == {"a": f"{text} x", "b": 1}


NOTICE = b"<br />\n<b>Warning</b>:  Undefined array key [1] in <b>/srv/x.php</b> on line <b>30</b><br />\n"
PLAIN_NOTICE = b"PHP Deprecated:  strlen(): Passing null in /srv/x.php on line 30\n"


@pytest.mark.parametrize("notice", [NOTICE, NOTICE * 3, PLAIN_NOTICE, b"\nFatal error: x in y on line 3\n"])
def test_json_is_read_behind_the_warnings_of_php(notice: bytes) -> None:
    assert decode(notice + b'[{"a": 1}]\n') == [{"a": 1}]
    assert begins_with(notice + b"[", "[")


DEEP = [
    b"[" * 1_500 + b"]" * 1_500,
    b'{"a":' * 60_000 + b"1" + b"}" * 60_000,
    b'["]", {"b": [' * 40_000 + b"]}]" * 40_000,
]


@pytest.mark.parametrize("deep", DEEP)
def test_json_that_is_nested_too_deeply_costs_itself_alone(deep: bytes) -> None:
    whole = b'[{"id": "1", "x": ' + deep + b', "y": "a \\" [ b"}, {"id": "2"}, [], ' + deep + b', "]"]'
    first, *others = decode(whole)
    assert (first["id"], first["y"], others[:2], others[-1]) == ("1", 'a " [ b', [{"id": "2"}, []], "]")
    assert len(items(whole, bool) or []) == 5


def test_json_on_the_event_loop_is_small() -> None:
    half = b'["\\ud800", 1]'
    assert decode_small(half) == ["\ufffd", 1]
    assert decode_small(half.ljust(MAX_SMALL)) == ["\ufffd", 1]
    with pytest.raises(ValueError, match="too large to be decoded at once"):
        decode_small(half.ljust(MAX_SMALL + 1))


HOSTILE = [
    b"[" * MAX_SMALL,
    b"[" * (MAX_SMALL // 2) + b"]" * (MAX_SMALL // 2),
    b'["' + b"\\ud800" * (MAX_SMALL // 6 - 1) + b'"]',
    b'["' + b"\\" * (MAX_SMALL - 3) + b"x",
    b'["\\ud800"' + b",[]" * (MAX_SMALL // 3 - 4) + b"]",
]


@pytest.mark.parametrize("body", HOSTILE, ids=["deep", "nested", "halves", "backslashes", "lists"])
def test_json_on_the_event_loop_holds_it_for_milliseconds(body: bytes) -> None:
    def took() -> float:
        before = time.process_time()
        with suppress(ValueError):
            decode_small(body)
        return time.process_time() - before

    assert len(body) <= MAX_SMALL
    assert min(took() for _ in range(5)) < 0.02  # a quarter of that on an idle machine


@given(st.binary(max_size=200))
def test_json_raises_nothing_but_value_errors(data: bytes) -> None:
    for read in (decode, lambda data: items(data, bool), lambda data: decode_listing(data, "a", bool)):
        try:
            read(b'[{"a": "' + data + b'"}]')
            read(data)
        except ValueError:
            pass


def test_json_takes_an_object_of_numbers_for_a_list() -> None:
    assert as_list({"1": "b", "0": "a", "11": "c"}) == ["a", "b", "c"]
    assert (as_list({}), as_list({"a": 1}), as_list("ab"), as_list([1])) == (None, None, None, [1])


@pytest.mark.parametrize(
    ("data", "begins"),
    [
        (b"{", True),
        (b"\n" * 70 + b"{", True),
        (b")]}'\n{", True),
        (b"<!-- a -->{", True),
        ('{"a": 1}'.encode("utf-16"), True),
        (b"[{", False),
        (b"<!-- {", False),
        (b"<p>{", False),
        (b"", False),
    ],
)
def test_json_begins_behind_what_servers_put_before_it(data: bytes, *, begins: bool) -> None:
    assert begins_with(data, "{") == begins


@pytest.mark.parametrize(
    "flood", [b"<!--" * 500_000, b"-->" * 500_000, b"[1" + b"," * 1_000_000, b"\0" * 2_000_000, b'"' * 1_000_001]
)
def test_json_that_is_none_costs_little(flood: bytes) -> None:
    began = time.process_time()
    with suppress(ValueError):
        decode(flood)
    assert time.process_time() - began < 2
