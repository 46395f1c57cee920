"""Candidates: looked at, then followed with their credentials; and a source that is polled soon."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict, SecretStr

from aggregator.intake.candidates import Candidates, Wish
from aggregator.sources.credentials import Vault
from aggregator.sources.errors import SourceError
from aggregator.sources.polling import poll_soon
from aggregator.sources.report import health, source_row
from aggregator.store.sql import stored_id
from aggregator.store.store import Store
from aggregator.timestamps import now
from aggregator.walls.following import end
from connectors.contract import Page
from connectors.errors import NotFound
from connectors.http.client import Http
from tests.aggregator.invented import KIM, NETWORK, Silent, a_source, a_wall, said


class Token(BaseModel):
    model_config = ConfigDict(extra="forbid")
    token: SecretStr = SecretStr("")


class Network(Silent):
    credentials = Token


async def test_candidate_is_looked_at_and_followed(store: Store, tmp_path: Path) -> None:
    await a_wall(store)
    network = Network(Page(posts=(said("1"),)), NotFound("No such hashtag."))
    async with Http() as http:
        candidates = Candidates(store, {NETWORK: network}, http, Vault(tmp_path / "secret.key"))
        wish = Wish("#harbour26", credentials={"token": "secret", "other": "x"}, is_lenient=True)
        seen = await candidates.look("hall", wish, await candidates.addresses(wish))
        assert [(each.seen.posts, each.stops, each.source) for each in seen] == [(1, False, None)]
        _, [made] = await candidates.follow("hall", wish, seen, KIM)
        assert (made.made, made.token) == (True, "given")
        keep = Wish("#harbour26")
        [again] = await candidates.look("hall", keep, await candidates.addresses(keep))
        assert (again.stops, again.source and again.source.id) == (True, made.source.id)
        _, [kept] = await candidates.follow("hall", keep, [again], KIM)
        _, [removed] = await candidates.follow("hall", Wish("#harbour26", credentials={}), [again], KIM)
        assert (kept.token, removed.token) == ("kept", "removed")
        with pytest.raises(SourceError, match="Unknown credential “other”"):
            await candidates.addresses(wish._replace(is_lenient=False))


async def test_source_is_due_now_unless_it_has_ended(store: Store) -> None:
    source = await a_source(store, await a_wall(store), at=now().replace(year=2999))
    async with store.write() as db:
        polled = await poll_soon(db, stored_id(source))
        assert (polled.next_poll_at <= now(), health(source_row(polled, "hall", {}))) == (True, "failing")
        assert health(source_row(polled, "hall", {NETWORK: Silent()})) == "new"
        await end(db, polled, "The account is gone.")
        assert health(source_row(polled, "hall", {NETWORK: Silent()})) == "ended"
        with pytest.raises(SourceError, match=r"has ended: follow it again to retry\. The account is gone\."):
            await poll_soon(db, stored_id(source))
