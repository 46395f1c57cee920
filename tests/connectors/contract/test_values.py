"""The contract's defaults for a connector."""

from __future__ import annotations

import pytest

from connectors.contract import Address, Connector, Page, Told, Value
from connectors.http.client import Http

ADDRESS = Address(network="plain", kind="hashtag", value="socitm09")


class Plain(Connector):
    """A network that can only be polled."""

    name, label, kinds, min_interval, quiet_after = "plain", "Plain", (), 60.0, 3600.0

    def recognise(self, text: str, on: str = "") -> Address | None:
        return ADDRESS

    async def poll(self, http: Http, source: Address, cursor: str) -> Page:
        return Page(cursor=cursor)


async def test_network_that_cannot_be_asked_again_calls_nothing_gone() -> None:
    async with Http() as http:
        assert await Plain().recheck(http, ADDRESS, {"https://plain.example/1": "1"}) == Page()


async def test_network_without_a_stream_is_only_polled() -> None:
    assert Plain().stream_key(ADDRESS) == ""
    async with Http() as http:
        with pytest.raises(NotImplementedError, match="Plain has no stream"):
            await Plain().open_stream(http, {1: ADDRESS}, "")


@pytest.mark.parametrize("value", [Page, Told])
def test_value_says_what_each_of_its_fields_is(value: type[Value]) -> None:
    described = value.__doc__ or ""
    assert [field for field in value.__struct_fields__ if f"`{field}`" not in described] == []
