"""Items of a list in JSON: one beyond repair is one broken item, and the others are unchanged."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import Any

import pytest

from connectors.text.json_items import decode_listing, items
from connectors.text.lenient_json import decode


def is_item(value: object) -> bool:
    return isinstance(value, dict) and value.keys() >= {"id", "by"}


def values(data: bytes) -> list[Any]:
    """The items, and None for each broken one."""
    found: list[Any] = []
    for piece in items(data, is_item) or []:
        try:
            found.append(decode(piece))
        except ValueError:
            found.append(None)
    return found


def test_json_gives_the_items_of_a_list_one_by_one() -> None:
    assert items(b'[1, {"a": "\\ud800"}, "x"]', is_item) == [b"1", '{"a":"\ufffd"}'.encode(), b'"x"']
    assert [decode(each) for each in items(b'[1, {"a": "\xff"}]', is_item) or ()] == [1, {"a": "\ufffd"}]
    assert items(b'{"2": "c", "10": "d", "0": "a"}', is_item) == [b'"a"', b'"c"', b'"d"']
    assert items(b'{"error": "no"}', is_item) is None
    assert items(b"3", is_item) is None


FIRST, LAST = {"id": 1, "by": {"id": 7}, "text": 'a ",{["'}, {"id": 3, "by": {"id": 7}, "in": [{"id": 8}]}
MIDDLE = (
    b'{"id": 2, "by": {"id": 7}, "in": [{"id": 8}, {"id": 9, "x": []}], "text": "b", "count": 5, '
    b'"re": {"id": 4, "by": 1}}'
)
DAMAGES = [
    (b'"b"', b'"b""'),
    (b'"b"', b'b"'),
    (b'"b"', b'"b'),
    (b'"b"', b'"b\\"'),
    (b'"b",', b'"b",,'),
    (b'"b",', b'"b"'),
    (b"5", b"007"),
    (b"5", b"tru"),
    (b"5", b""),
    (b'"by": {', b'"by": '),
    (b'"by": {', b'"by": {['),
    (b'{"id": 7}', b'{"id": 7}}'),
    (b"[]}]", b"[]}"),
    (b"[]}]", b"[]]"),
    (b"[]}]", b"[]}]]"),
    (b"[]}]", b"]]}]"),
    (b'"in": [', b'"in": {['),
    (b'"in": [{"id": 8}, {', b""),
    (b'}], "text"', b', "text"'),
    (b'"by": 1}}', b'"by": 1}'),
    (b'"by": 1}}', b'"by": 1}}}'),
    (b'{"id": 2, ', b'"id": 2, '),
    (b'{"id": 2, ', b"<br />"),
]


@pytest.mark.parametrize(("sound", "damaged"), DAMAGES)
def test_item_beyond_repair_costs_no_other(sound: bytes, damaged: bytes) -> None:
    assert MIDDLE.count(sound) == 1
    broken, first, last = MIDDLE.replace(sound, damaged), json.dumps(FIRST).encode(), json.dumps(LAST).encode()
    assert values(b"[%s, %s,%s]" % (first, broken, last)) == [FIRST, None, LAST]
    assert values(b"[%s,%s]" % (broken, last)) == [None, LAST]
    assert values(b"[%s, %s ]" % (first, broken)) == [FIRST, None]
    assert values(b"[%s,%s,%s,%s]" % (first, broken, last, broken)) == [FIRST, None, LAST, None]
    listing = b'{"title": "x", "list": [%s, %s,%s], "by": "y"}' % (first, broken, last)
    found = decode_listing(listing, "list", is_item)
    assert ({**found, "list": found["list"][::2]}, type(found["list"][1])) == (
        {"title": "x", "list": [FIRST, LAST], "by": "y"},
        str,
    )
    found = decode_listing(
        b'{"title": "x", "list": [%s,%s], "by": "y", "tags": ["z"]}' % (first, broken), "list", is_item
    )
    assert (found["title"], found["list"][0], len(found["list"])) == ("x", FIRST, 2)


@pytest.mark.parametrize("between", [b",,", b", ,", b",\n,,"])
def test_commas_between_items_are_no_item(between: bytes) -> None:
    item = json.dumps(FIRST).encode()
    assert values(b"[" + item + between + item + b"]") == [FIRST, FIRST]


def test_listing_without_a_sound_head_keeps_its_items() -> None:
    assert decode_listing(b'{"title": x, "list": [{"id": 1, "by": 2}]}', "list", is_item) == {
        "list": [{"id": 1, "by": 2}]
    }
    assert decode_listing(b'{"title": "x", "list": [{"id": 1, "by": 2},{"id":]}', "list", is_item) == {
        "title": "x",
        "list": [{"id": 1, "by": 2}, '{"id":'],
    }


@pytest.mark.parametrize("cut", [b'[{"id": 1, "by": 2}, {"id": 2', b'[{"id": 1, "by": 2}', b'[{"id": 1, "by": 2},'])
def test_list_that_is_cut_off_is_refused(cut: bytes) -> None:
    """Its reader must not take the rest for read."""
    with pytest.raises(ValueError, match=r"line 1|cut off"):
        items(cut, is_item)
    with pytest.raises(ValueError, match=r"line 1|cut off"):
        decode_listing(b'{"list": ' + cut, "list", is_item)


@pytest.mark.parametrize("damaged", [MIDDLE.replace(b'"b"', b'"b'), MIDDLE.replace(b"5", b"tru"), b'{"id" 2}'])
def test_item_of_a_list_that_php_wrote_as_an_object_costs_no_other(damaged: bytes) -> None:
    first, last = (json.dumps(each).encode() for each in (FIRST, LAST))
    numbered = b'{"0": %s, "3": %s, "12" : %s}' % (first, damaged, last)
    assert values(numbered) == [FIRST, None, LAST]
    whole = b'{"title": "T", "items": %s, "author": {"name": "Ada"}}' % numbered
    found = decode_listing(whole, "items", is_item)
    assert (found["title"], found["author"]) == ("T", {"name": "Ada"})
    assert [each for each in found["items"] if isinstance(each, dict)] == [FIRST, LAST]


@pytest.mark.parametrize(
    "other", [b'"re": {"items": [%s]}, ', b'"re": {"items": []}, ', b'"re": {"items": {"a": 1}}, ']
)
def test_other_list_of_the_same_name_is_not_taken_for_the_listing(other: bytes) -> None:
    first, last = (json.dumps(each).encode() for each in (FIRST, LAST))
    found = decode_listing(
        b'{%s"items": [%s, {"id": tru}, %s], "title": "T"}' % (other.replace(b"%s", first), first, last),
        "items",
        is_item,
    )
    assert (found["items"], found["title"]) == ([FIRST, '{"id": tru}', LAST], "T")


@pytest.mark.parametrize("data", [b'{"list": [x]}', b'{"list": {x}}', b'{"title": x}', b"<html>", b'{"list": []'])
def test_listing_without_a_readable_item_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"line 1|cut off"):
        decode_listing(data, "list", is_item)


FLOODS = [
    b",{" * 300_000,
    b',{"id":1,"by":[0' * 50_000,
    b',{"id":1,"x":2}' * 50_000 + b"x",
    b',{"' * 200_000,
    b',{"a":[{"b":"' * 50_000,
    b',{"id":1,"by":2,"c":' + b'[0,{"a":1},{"a":1}' * 50_000,
    b"," * 600_000,
    b"<br/>" * 200_000,
    b"\\" * 600_000,
]


@pytest.mark.parametrize("flood", FLOODS, ids=range(len(FLOODS)))
def test_list_beyond_repair_costs_time_for_its_length_alone(flood: bytes) -> None:
    began = time.process_time()
    with suppress(ValueError):
        items(b"[1" + flood + b"]", is_item)
    with suppress(ValueError):
        decode_listing(b'{"list":[1' + flood + b"]}", "list", is_item)
    assert time.process_time() - began < 5
