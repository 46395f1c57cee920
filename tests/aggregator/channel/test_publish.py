"""The channel's laws, compared with a plain model on both databases."""

import asyncio
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from aggregator.channel.publish import MAX_BODY, BodyTooLarge, Draft, NoChannel, open_channel, publish, renew_channels
from aggregator.channel.read import position, since, snapshot
from aggregator.channel.tables import Record
from aggregator.store.store import Store
from tests.aggregator.two_writers import wait_until

names = count()
drafts = st.builds(
    Draft,
    kind=st.sampled_from(["post", "notice"]),
    key=st.sampled_from("abcde"),
    at=st.integers(0, 3),
    body=st.one_of(st.none(), st.sampled_from([b'"x"', b'"y"', b'{"a":1}'])),
)
transactions = st.lists(st.tuples(st.lists(drafts, max_size=6), st.booleans()), max_size=8)
laws = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

State = dict[tuple[str, str], tuple[int, bytes | None]]


class RolledBackError(Exception):
    pass


def expected(state: State, batch: list[Draft]) -> tuple[State, int]:
    """Return the model's state after a batch, and the number of seqs used."""
    last = {(draft.kind, draft.key): draft for draft in batch}
    after, used = dict(state), 0
    for name, draft in last.items():
        at, body = state.get(name, (0, None))
        if draft.body is None and body is not None:
            after[name] = (at, None)
        elif draft.body is not None and (at, body) != (draft.at, draft.body):
            after[name] = (draft.at, draft.body)
        else:
            continue
        used += 1
    return after, used


async def fresh_channel(store: Store) -> str:
    channel = f"w{next(names)}/wall"
    async with store.write() as db:
        await open_channel(db, channel)
    return channel


async def attempt(store: Store, channel: str, batch: list[Draft], *, keep: bool) -> None:
    try:
        async with store.write() as db:
            await publish(db, channel, batch)
            if not keep:
                raise RolledBackError
    except RolledBackError:
        pass


@laws
@given(history=transactions)
async def test_channel_catch_up_from_any_number_equals_the_snapshot(
    store: Store, history: list[tuple[list[Draft], bool]]
) -> None:
    channel = await fresh_channel(store)
    state: State = {}
    head = 0
    states: dict[int, State] = {0: {}}
    for batch, keep in history:
        await attempt(store, channel, batch, keep=keep)
        if keep:
            state, used = expected(state, batch)
            head += used
            states[head] = state
    async with store.read() as db:
        assert (await position(db, channel))[1] == head
        for seq, known in states.items():
            missed = await since(db, channel, seq, 1000)
            caught_up = known | {(r.kind, r.key): (r.at, r.body) for r in missed.records}
            assert caught_up == state
            assert [r.seq for r in missed.records] == sorted(r.seq for r in missed.records)
            assert missed.records[-1].seq == head if missed.records else seq == head
        shown = await snapshot(db, channel, 1000)
    living = {name: value for name, value in state.items() if value[1] is not None}
    assert {(r.kind, r.key): (r.at, r.body) for r in shown.records} == living
    assert shown.head == head


@laws
@given(batch=st.lists(drafts, max_size=6))
async def test_publish_of_the_same_state_again_changes_nothing(store: Store, batch: list[Draft]) -> None:
    channel = await fresh_channel(store)
    await attempt(store, channel, batch, keep=True)
    async with store.write() as db:
        before = await position(db, channel)
        last = list({(draft.kind, draft.key): draft for draft in batch}.values())
        await publish(db, channel, last)
        assert await position(db, channel) == before


async def test_publish_numbers_have_no_gap_when_writers_race(store: Store) -> None:
    channel = await fresh_channel(store)

    async def write(writer: int) -> None:
        for n in range(10):
            batch = [Draft("post", f"{writer}-{n}-{k}", n, b"{}") for k in range(3)]
            await attempt(store, channel, batch, keep=n % 3 != 2)

    await asyncio.gather(*(write(writer) for writer in range(5)))
    async with store.read() as db:
        numbers = (await db.exec(select(Record.seq).where(Record.channel_id == channel))).all()
        assert sorted(numbers) == list(range(1, 5 * 7 * 3 + 1))
        assert (await position(db, channel))[1] == len(numbers)


async def test_publish_is_seen_in_commit_order(store: Store) -> None:
    """A reader that has seen seq n never finds a new record with a lower seq later."""
    channel = await fresh_channel(store)
    writing = asyncio.gather(
        *(
            attempt(store, channel, [Draft("post", f"{writer}-{n}", n, b"{}")], keep=True)
            for writer in range(4)
            for n in range(10)
        )
    )
    seen: list[int] = []
    while len(seen) < 40:
        async with store.read() as db:
            batch = await since(db, channel, seen[-1] if seen else 0, 100)
        seen += [record.seq for record in batch.records]
    await writing
    assert seen == list(range(1, 41))


async def test_tombstone_carries_no_content(store: Store) -> None:
    channel = await fresh_channel(store)
    await attempt(store, channel, [Draft("post", "a", 7, b'"words"')], keep=True)
    await attempt(store, channel, [Draft("post", "a", 9, None)], keep=True)
    async with store.read() as db:
        (record,) = (await since(db, channel, 0, 10)).records
    assert (record.seq, record.at, record.body) == (2, 7, None)


async def test_tombstone_of_what_was_never_there_publishes_nothing(store: Store) -> None:
    channel = await fresh_channel(store)
    async with store.write() as db:
        assert await publish(db, channel, [Draft("post", "a", 7, None)]) == 0


async def test_publish_on_an_unknown_channel_says_so(store: Store) -> None:
    async with store.write() as db:
        with pytest.raises(NoChannel, match="There is no channel “nowhere/wall”"):
            await publish(db, "nowhere/wall", [])


async def test_open_channel_keeps_its_epoch(store: Store) -> None:
    channel = await fresh_channel(store)
    async with store.write() as db:
        before = await position(db, channel)
        await open_channel(db, channel)
        assert await position(db, channel) == before


async def test_write_tells_listeners_after_the_commit_and_only_then(store: Store) -> None:
    channel = await fresh_channel(store)
    heard: list[frozenset[str]] = []
    store.listen(heard.append)
    await attempt(store, channel, [Draft("post", "a", 1, b"{}")], keep=False)
    assert heard == []
    await attempt(store, channel, [Draft("post", "a", 1, b"{}")], keep=True)
    assert heard == [frozenset({channel})]


async def test_publish_takes_a_body_up_to_its_bound_and_nothing_larger(store: Store) -> None:
    channel = await fresh_channel(store)
    await attempt(store, channel, [Draft("post", "a", 1, b"x" * MAX_BODY)], keep=True)
    too_large = [Draft("post", "b", 1, b"{}"), Draft("post", "a", 2, b"x" * (MAX_BODY + 1))]
    with pytest.raises(BodyTooLarge, match="Body too large: post “a” has 65537 of 65536 bytes"):
        await attempt(store, channel, too_large, keep=True)
    async with store.read() as db:
        assert [(r.key, r.at) for r in (await since(db, channel, 0, 10)).records] == [("a", 1)]


@pytest.mark.parametrize("channels", [["hall/desk", "hall/wall"], None])
async def test_channels_are_renewed_while_somebody_publishes_on_them(
    postgresql_store: Store, channels: list[str] | None
) -> None:
    """Both lock the channels in one order, which is not that of their ids."""
    store, ids = postgresql_store, ["foyer/wall", "foyer/desk", "hall/wall", "hall/desk"]
    async with store.write() as db:
        for channel_id in reversed(ids):
            await open_channel(db, channel_id)
    first, *others = [each for each in ids if channels is None or each in channels]

    async def renew() -> int:
        async with store.write() as db:
            return await renew_channels(db, channels)

    async with store.write() as publishing:
        await publish(publishing, first, [])
        renewing = asyncio.create_task(renew())
        await wait_until(store, 1)
        for channel_id in others:
            await publish(publishing, channel_id, [Draft("post", "a", 1, b"{}")])
    assert await renewing == len(others) + 1
