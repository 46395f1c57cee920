"""The contract's defaults for a connector."""

from __future__ import annotations

from connectors.contract import Address, Connector, Page
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


async def test_network_without_a_stream_offers_none() -> None:
    async with Http() as http:
        assert Plain().stream(http, ADDRESS, "") is None


def test_page_says_what_each_of_its_fields_is() -> None:
    told = Page.__doc__ or ""
    assert [field for field in Page.__struct_fields__ if f"`{field}`" not in told] == []
