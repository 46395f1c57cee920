"""The registry: one path for built-ins and third parties; no plug-in can stop the server."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType

import pytest

from connectors import networks
from connectors.contract import Address, Connector, Kind, Page
from connectors.http.client import Http
from connectors.networks.feeds import connector as feeds_module
from connectors.networks.feeds.connector import Feeds
from connectors.registry import GROUP, Offer, built_in, connectors, gather, third_party


class Carillon(Connector):
    name = "carillon"
    label = "Carillon"
    kinds = (Kind(name="tower", label="Tower", example="tower:1"),)
    min_interval = 60.0
    quiet_after = 3600.0

    def recognise(self, text: str, on: str = "") -> Address | None:
        return Address(network="carillon", kind="tower", value=text) if text.startswith("tower:") and not on else None

    async def poll(self, http: Http, source: Address, cursor: str) -> Page:
        return Page()


class Unfinished(Connector):
    name = "unfinished"


def module(*classes: type) -> ModuleType:
    made = ModuleType("somebody_elses")
    for cls in classes:
        setattr(made, cls.__name__, type(cls.__name__, (cls,), {"__module__": "somebody_elses"}))
    return made


def offer(thing: object, name: str = "carillon") -> Offer:
    return Offer(name, "somebody_elses", lambda: thing)


def test_built_ins_are_the_entries_of_the_folder() -> None:
    entries = {each.stem for each in Path(networks.__path__[0]).iterdir() if not each.name.startswith("_")}
    assert {found.name for found in built_in()} == entries


def test_connectors_are_made_once() -> None:
    assert connectors() is connectors()
    assert type(connectors()["feeds"]) is Feeds


def test_a_class_and_a_module_are_taken_alike() -> None:
    for thing in (Carillon, module(Carillon)):
        registry = gather([offer(thing)])
        assert list(registry.connectors) == ["carillon"]
        assert registry.broken == ()


def test_entry_points_take_the_same_path() -> None:
    points = [
        EntryPoint("feeds", "connectors.networks.feeds.connector:Feeds", GROUP),
        EntryPoint("absent", "no_such_package", GROUP),
    ]
    registry = gather(third_party(points))
    assert list(registry.connectors) == ["feeds"]
    assert registry.broken == (
        "The connector “absent” from no_such_package can't be used: No module named 'no_such_package'.",
    )


def _explode() -> object:
    raise SyntaxError


def _exit() -> object:
    raise RuntimeError("boom")


def _leave() -> object:
    sys.exit("it needs a setting")


@pytest.mark.parametrize(
    ("load", "why"),
    [
        (lambda: 3, "it is not a Connector"),
        (lambda: Unfinished, "it is not a Connector"),
        (lambda: Connector, "it is not a Connector"),
        (lambda: Feeds, "it calls itself “feeds”"),
        (module, "its module defines 0 connectors instead of one"),
        (lambda: module(Carillon, Feeds), "its module defines 2 connectors instead of one"),
        (lambda: feeds_module, "it calls itself “feeds”"),
        (_explode, "None"),
        (_exit, "boom"),
        (_leave, "it needs a setting"),
    ],
)
def test_a_broken_plug_in_is_reported_and_left_out(
    load: Callable[[], object], why: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        registry = gather([Offer("carillon", "somebody_elses", load), Offer("feeds", "ours", lambda: Feeds)])
    sentence = f"The connector “carillon” from somebody_elses can't be used: {why}."
    assert registry.broken == (sentence,)
    assert list(registry.connectors) == ["feeds"]
    assert [record.getMessage() for record in caplog.records] == [sentence]


def test_nobody_takes_the_name_of_another() -> None:
    registry = gather([Offer("feeds", "ours", lambda: Feeds), Offer("feeds", "theirs", lambda: Carillon)])
    assert type(registry.connectors["feeds"]) is Feeds
    assert registry.broken == ("The connector “feeds” from theirs can't be used: the name is taken.",)
