"""Every connector, tested against its declarations. A new one inherits these tests by being in the folder."""

from __future__ import annotations

import pkgutil
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from pydantic import BaseModel

from connectors import errors, networks
from connectors.contract import Address, Connector, Page, Post
from connectors.errors import ConnectorError
from connectors.registry import registry
from connectors.text.html import clean
from tests.replay import FIXTURES, cases, replay

NAMES = sorted(module.name for module in pkgutil.iter_modules(networks.__path__))


def params(*, trouble: bool) -> list[Any]:
    """The cases with an error, or those without, each named by its `about`."""
    chosen = [(name, case) for name in NAMES for case in cases(name) if ("trouble" in case["expect"]) is trouble]
    return [pytest.param(name, case, id=f"{name}: {case['about']}") for name, case in chosen]


TOLD, TROUBLED = params(trouble=False), params(trouble=True)


@pytest.fixture
def connector(name: str) -> Connector:
    return registry().connectors[name]


def test_the_folder_is_the_registry() -> None:
    assert sorted(registry().connectors) == NAMES
    assert registry().broken == ()


def test_labels_tell_networks_apart() -> None:
    labels = [connector.label for connector in registry().connectors.values()]
    assert len(set(labels)) == len(labels)


def test_browser_has_a_name_for_each_network() -> None:
    source = Path("web/ui/lib/networks.ts").read_text()
    named = re.search(r"const NAMES[^{]*\{([^}]*)\}", source)
    assert named is not None
    assert sorted(re.findall(r"(\w+):", named[1])) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_connector_declares_itself(connector: Connector, name: str) -> None:
    assert connector.name == name == type(connector).__module__.removesuffix(".connector").rpartition(".")[2]
    assert connector.label.strip() == connector.label != ""
    assert len({kind.name for kind in connector.kinds}) == len(connector.kinds) > 0
    assert all(kind.label and kind.example for kind in connector.kinds)
    assert 0 < connector.min_interval < connector.quiet_after


@pytest.mark.parametrize("name", NAMES)
def test_connector_explains_each_option_and_forbids_all_others(connector: Connector, name: str) -> None:
    for model in (connector.options, connector.credentials):
        assert issubclass(model, BaseModel), name
        assert model.model_config.get("extra") == "forbid"
        assert [field for field, told in model.model_fields.items() if not (told.title and told.description)] == []


@pytest.mark.parametrize("name", NAMES)
def test_connector_recognises_its_own_examples(connector: Connector, name: str) -> None:
    for kind in connector.kinds:
        on = "https://server.example" if kind.needs_server else ""
        address = connector.recognise(kind.example, on)
        assert address is not None, f"{name} does not recognise {kind.example!r}"
        assert (address.network, address.kind) == (name, kind.name)
        assert connector.recognise(f"  {kind.example}\n", on) == address
        assert msgspec.json.decode(msgspec.json.encode(address), type=Address) == address
        connector.options.model_validate(address.options)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("text", ["", " ", "\x00", "#", "@", "@@", "http://", "https://[", "feed:", "://", "a b", "🎤"])
def test_connector_recognises_nothing_in_nothing(connector: Connector, name: str, text: str) -> None:
    assert connector.recognise(text) is None, name
    assert connector.recognise(text, "server.example") is None, name


@pytest.mark.parametrize("name", NAMES)
def test_connector_has_cases(name: str) -> None:
    told = [case for case in cases(name) if case["expect"].get("posts")]
    assert told, f"{FIXTURES / name}.json holds no case with a post"


@pytest.mark.parametrize(("name", "case"), TOLD)
async def test_case_gives_exactly_what_it_expects(connector: Connector, name: str, case: dict[str, Any]) -> None:
    page = await replay(connector, case)
    unsaid = {name: default for name, default in (("cursor", ""), ("wait", None)) if name not in case["expect"]}
    assert msgspec.structs.replace(page, **unsaid) == msgspec.convert(case["expect"], Page)
    assert {post.network for post in page.posts} <= {name}


@pytest.mark.parametrize(("name", "case"), TROUBLED)
async def test_case_gives_the_trouble_that_it_expects(connector: Connector, name: str, case: dict[str, Any]) -> None:
    with pytest.raises(ConnectorError) as caught:
        await replay(connector, case)
    assert isinstance(caught.value, getattr(errors, case["expect"]["trouble"])), name
    assert str(caught.value) == case["expect"]["sentence"]
    assert getattr(caught.value, "gone", False) == case["expect"].get("gone_for_good", False)


@pytest.mark.parametrize(("name", "case"), TOLD)
async def test_case_polled_twice_gives_equal_posts(connector: Connector, name: str, case: dict[str, Any]) -> None:
    assert await replay(connector, case) == await replay(connector, case), name


@pytest.mark.parametrize(("name", "case"), TOLD)
async def test_posts_keep_the_contract(connector: Connector, name: str, case: dict[str, Any]) -> None:
    page = await replay(connector, case)
    assert msgspec.json.decode(msgspec.json.encode(page), type=Page) == page
    assert len({post.key for post in page.posts}) == len(page.posts), name
    for post in page.posts:
        assert post.key
        assert post.author.name
        assert [html for html in _htmls(post) if clean(html) != html] == []
        assert [moment for moment in _moments(post) if moment.tzinfo != UTC] == []


def _htmls(post: Post) -> list[str]:
    return [post.html, *([post.quote.html] if post.quote else [])]


def _moments(post: Post) -> list[datetime]:
    closing = post.poll.closes_at if post.poll else None
    return [moment for moment in (post.created_at, post.indexed_at, post.edited_at, closing) if moment]
